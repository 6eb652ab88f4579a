from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.printing import Badge, PalletRow, PalletSheet, badge_pages, pallet_pages, to_html, to_pdf
from daemon.printing.barcodes import code128
from daemon.printing.lettering import fitted, width_mm
from daemon.printing.pdf import unprintable
from daemon.printing.shapes import Page, Words

Reader = Callable[[tuple[Page, ...]], list[str]]

NAMES = [
    "ana",
    "Jürgen Müller-Lüdenscheidt",
    "Łukasz Ørsted",
    "Иван Петров",
    "王小明",
    "علي",
    "O'Neil <b>&",
    "👷 Sam",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_prints_and_both_codes_of_the_badge_read_back(
    name: str, codes_in_pdf: Reader, codes_in_html: Reader
) -> None:
    pages = badge_pages(Badge(name, "operator", "0123456789abcdef0123456789abcdef"))
    expected = ["SL-U-0123456789ABCDEF0123456789ABCDEF"] * 2
    assert codes_in_pdf(pages) == expected
    assert codes_in_html(pages) == expected


def test_a_token_with_its_prefix_is_not_prefixed_again() -> None:
    assert Badge("a", "admin", "SL-U-77").code == "SL-U-77"


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_a_page(name: str) -> None:
    pages = badge_pages(Badge(name, name, "AB12"))
    assert to_pdf(pages, name).startswith(b"%PDF")
    assert "<svg" in to_html(pages, name)


def test_letters_a_pdf_cannot_show_are_told() -> None:
    assert unprintable("Łukasz Иван") == ""
    assert unprintable("王小明 王") == "王小明"


@pytest.mark.parametrize("count", [0, 1, 25, 60])
def test_a_pallet_sheet_of_any_size_carries_its_number_on_each_page(
    count: int, codes_in_pdf: Reader, codes_in_html: Reader
) -> None:
    values = [(301.234, 38.51, 9.871, 31.42, 9.586), (None,) * 5]
    rows = tuple(
        PalletRow(n, f"CRS25WT60{n:05d}", values[n % 2], "PASS", "Müller", "2026-11-23 08:41") for n in range(count)
    )
    sheet = PalletSheet("PX-1-2026-000012", "MO-1", "60", "completed", "2026-11-23", rows, ("a reason",) * (count > 25))
    pages = pallet_pages(sheet)
    assert codes_in_pdf(pages) == ["PX-1-2026-000012"] * len(pages)
    assert codes_in_html(pages) == ["PX-1-2026-000012"] * len(pages)
    html = to_html(pages, "t")
    assert all(row.serial in html for row in rows)
    assert count < 1 or "301.2" in html or count == 1


@given(st.text(min_size=1, max_size=80), st.floats(10, 100))
def test_a_fitted_text_never_leaves_its_room(text: str, room_mm: float) -> None:
    found = fitted(Words(x=0, y=0, text=text, size_pt=20), room_mm)
    assert width_mm(found.text, found.size_pt) <= room_mm + 0.02


@pytest.mark.parametrize("text", ["", "Ä", "a\n"])
def test_code_128_refuses_what_it_cannot_hold(text: str) -> None:
    with pytest.raises(ValueError, match="Code 128"):
        code128(text)
