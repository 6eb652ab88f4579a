from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.files.cells import Cell, cell_text, is_blank, unwrap, used_width


@given(st.text())
def test_a_wrapped_text_comes_out_as_it_went_in(text: str) -> None:
    assert unwrap('="' + text.replace('"', '""') + '"') == text


@pytest.mark.parametrize(
    ("wrapped", "text"),
    [('="CRS24WW144A00494"', "CRS24WW144A00494"), (' = "6666666" ', "6666666"), ("＝＂CRS＂", "CRS"), ('=""', "")],
)
def test_the_formula_is_taken_off(wrapped: str, text: str) -> None:
    assert unwrap(wrapped) == text


@pytest.mark.parametrize("text", [" CRS24WW144A00494", "230.CRS25WT72M23695", '"CRS"', '="CRS', "=A1", "editSPSn"])
def test_any_other_text_stays_as_given(text: str) -> None:
    assert unwrap(text) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("下午 5:41:27", "下午 5:41:27"),
        (17.0, "17"),
        (True, "TRUE"),
        (date(2025, 3, 4), "2025-03-04"),
        (time(17, 41, 27), "17:41:27"),
        (datetime.combine(date(2025, 3, 4), time(17, 41, 27)), "2025-03-04 17:41:27"),
    ],
)
def test_cells_as_text(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_blanks_do_not_count_as_used() -> None:
    assert is_blank(" \u3000\t")
    assert not is_blank(0.0)
    assert used_width(["", 1.0, " ", ""]) == 2
