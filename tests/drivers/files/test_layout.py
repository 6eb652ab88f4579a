import random

import pytest

from drivers.errors import Unreadable
from drivers.files.layout import LAYOUT_A as NAMES_A
from drivers.files.layout import LAYOUT_B as NAMES_B
from drivers.files.layout import column_letters, match_header

from .workbooks import LAYOUT_A, LAYOUT_B

NO_SERIAL_NO_PM = "x.csv is no result file of the tester: row 1 has no columns SerialNo, Pm."


def test_both_layouts_are_matched_without_their_units() -> None:
    assert match_header(LAYOUT_A, "a").names == NAMES_A
    assert match_header(LAYOUT_B, "b").names == NAMES_B
    assert (len(NAMES_A), len(NAMES_B)) == (19, 21)


@pytest.mark.parametrize("text", ["Pm", "Pm(W)", "pm", " Pm (W) ", "Ｐｍ（Ｗ）", "PM"])
def test_a_unit_case_width_or_blank_does_not_matter(text: str) -> None:
    header = [text if name == "Pm" else name for name in LAYOUT_A]
    assert match_header(header, "a").place("Pm") == 7


def test_order_does_not_matter_and_unknown_columns_stay() -> None:
    shuffled = [*LAYOUT_B, "Operator (name)"]
    random.Random(7).shuffle(shuffled)
    layout = match_header(shuffled, "a")
    assert sorted(layout.names) == sorted([*NAMES_B, "Operator"])
    assert layout.names[layout.place("Isc") or 0] == "Isc"
    assert layout.place("Pallet") is None


def test_blank_names_at_the_end_are_no_columns() -> None:
    assert match_header([*LAYOUT_A, "", " "], "a").width == 19


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ([n for n in LAYOUT_A if n not in ("Pm", "SerialNo")], NO_SERIAL_NO_PM),
        ([*LAYOUT_A, "Pm(W)"], "x.csv: row 1 names column Pm twice."),
        (["" if n == "Prefix" else n for n in LAYOUT_A], "x.csv: row 1 has no name for column F."),
        ([], "x.csv is no result file"),
    ],
)
def test_a_header_that_is_not_the_testers_is_refused_by_name(header: list[str], sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        match_header(header, "x.csv")
    assert str(refused.value).startswith(sentence)
    assert refused.value.todo


def test_columns_are_named_as_spreadsheets_do() -> None:
    assert [column_letters(place) for place in (0, 19, 25, 26, 51, 52, 701, 702)] == [
        *("A", "T", "Z", "AA", "AZ", "BA", "ZZ", "AAA")
    ]
