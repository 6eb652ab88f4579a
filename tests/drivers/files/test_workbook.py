import contextlib
import io
import json
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.errors import Unreadable

from .helpers import flashes, identity, read
from .workbooks import LAYOUT_A, LAYOUT_B, Cell, Formula, Fraction, Xml, flash_row, workbook

GOOD = workbook([LAYOUT_A, flash_row()])
OLE = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(2000)


TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=9)


@pytest.mark.parametrize("name", ["e.xlsx", "e.xlsm", "E.XLSX"])
def test_both_layouts_and_both_endings_are_read(name: str) -> None:
    a = flashes(workbook([LAYOUT_A, flash_row()]), name)
    b = flashes(workbook([LAYOUT_B, flash_row(layout_b=True)]), name)
    assert identity(a[0]) == identity(b[0])


@pytest.mark.parametrize(
    "clock", [Fraction(63_687 / 86_400), 63_687 / 86_400, "下午 5:41:27", "下午5:41:27", "5:41:27PM", "17:41:27"]
)
def test_all_forms_of_time_are_the_same_flash(clock: Cell) -> None:
    assert flashes(workbook([LAYOUT_A, flash_row(clock=clock)]))[0].time_text == "17:41:27"


@pytest.mark.parametrize("day", [date(2025, 3, 4), 45_720, "2025-03-04", "2025/3/4"])
def test_all_forms_of_the_day_are_the_same_flash(day: Cell) -> None:
    assert flashes(workbook([LAYOUT_A, flash_row(day=day)]))[0].date_text == "2025-03-04"


def test_the_wrapper_as_text_is_unwrapped_too() -> None:
    assert flashes(workbook([LAYOUT_A, flash_row(1, '="CRS24WW144A00494"')]))[0].serial_text == "CRS24WW144A00494"


def test_raw_holds_every_cell() -> None:
    raw = json.loads(read(GOOD)[0].raw)
    assert raw[:5] == [1.0, "CRS24WW144A00494", "2025-03-04", "下午 5:41:27", "I->V"]
    assert raw[7] == 449.51934814453125
    assert len(raw) == 19


def test_rows_keep_the_numbers_a_spreadsheet_shows() -> None:
    found = flashes(workbook([LAYOUT_A, flash_row(1), [None], ["", " "], flash_row(2)]))
    assert [flash.origin for flash in found] == ["export.xlsx#2", "export.xlsx#5"]


def test_a_row_written_by_another_program_is_the_same_flash() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(LAYOUT_A)
    sheet.append([cell.text if isinstance(cell, Formula) else cell for cell in flash_row()])
    out = io.BytesIO()
    book.save(out)
    assert identity(flashes(out.getvalue())[0]) == identity(flashes(GOOD)[0])


def test_formulas_that_nobody_computed_are_refused_since_the_serials_are_gone() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(LAYOUT_A)
    book.worksheets[0].append(['="CRS24WW144A00494"' if k == 1 else 1 for k in range(19)])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unreadable, match="holds formulas without their values"):
        read(out.getvalue())


def test_a_header_one_column_short_is_refused_by_row_and_column() -> None:
    content = workbook([LAYOUT_A, *([flash_row()[:18]] * 3), flash_row(layout_b=True)])
    with pytest.raises(Unreadable) as refused:
        read(content, "merged.xlsx")
    assert str(refused.value) == (
        "merged.xlsx: the header does not fit its rows: row 1 names 19 columns, but row 5 has a value in column U "
        "(number 21)."
    )


def test_a_blank_first_column_shifts_nothing() -> None:
    header, row = [None, *LAYOUT_A[1:]], [None, *flash_row()[1:]]
    with pytest.raises(Unreadable, match="row 1 has no name for column A"):
        read(workbook([header, row]))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "e.xlsx is not a workbook"),
        (b"SerialNo,Pm\n", "e.xlsx is not a workbook"),
        (OLE, "e.xlsx is protected by a password or an old .xls workbook."),
        (GOOD[: len(GOOD) // 2], "e.xlsx is damaged or was not copied completely."),
        (GOOD[:200] + bytes(200) + GOOD[400:], "e.xlsx "),
        (workbook([]), "e.xlsx has no cells"),
        (workbook([["Invoice", "Total"], ["7", 12.5]]), "e.xlsx is no result file of the tester: row 1 has no columns"),
        (workbook([[], LAYOUT_A, flash_row()]), "e.xlsx is no result file"),
        (workbook([LAYOUT_A, flash_row()], Notes=[["a"]]), "e.xlsx has 2 sheets with values ("),
        (workbook([LAYOUT_A, [Xml('<c r="{ref}" t="s"><v>7</v></c>')]]), "e.xlsx cannot be read as a workbook"),
        (workbook([LAYOUT_A, [Xml('<c r="XFD1048576"><v>7</v></c>')]]), "e.xlsx has a cell far outside"),
        (workbook([LAYOUT_A, [Xml('<c r="A1048576"><v>7</v></c>')]]), "e.xlsx has a cell far outside"),
        (workbook([LAYOUT_A, [Xml('<c r="BM2"><v>7</v></c>')]]), "e.xlsx has a cell far outside"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused_in_a_plain_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content, "e.xlsx")
    assert str(refused.value).startswith(sentence)
    assert refused.value.todo


def test_an_empty_second_sheet_does_not_matter() -> None:
    assert len(flashes(workbook([LAYOUT_A, flash_row()], Sheet2=[]))) == 1


def test_a_file_that_unpacks_without_end_is_refused() -> None:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as part:
        for _ in range(300):
            part.write(bytes(1 << 20))
    with pytest.raises(Unreadable, match="unpacks to more than any export"):
        read(out.getvalue())


def test_an_encrypted_part_is_refused() -> None:
    flagged = bytearray(GOOD)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flagged[flagged.index(mark) + offset] |= 1
    with pytest.raises(Unreadable):
        read(bytes(flagged))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Unreadable):
        read(bytes(damaged))


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS | st.floats(-1e9, 1e9) | st.none(), min_size=19, max_size=19))
def test_any_cells_give_one_reading_that_keeps_them(cells: list[Cell]) -> None:
    found = read(workbook([LAYOUT_A, [1.0, *cells[1:]]]))
    assert [len(json.loads(row.raw)) for row in found] == [19]


def test_repeated_rows_of_a_later_export_are_the_same_flashes() -> None:
    serials = [Formula(f"CRS24WW144A{k:05}") for k in range(8)]
    early = [flash_row(k, serial) for k, serial in enumerate(serials[:5], 1)]
    later = [flash_row(k, serial, clock=Fraction(63_687 / 86_400)) for k, serial in enumerate(serials[2:], 1)]
    before, after = flashes(workbook([LAYOUT_A, *early])), flashes(workbook([LAYOUT_A, *later]))
    assert list(map(identity, after[:3])) == list(map(identity, before[2:]))
    assert [flash.extra["id"] for flash in after[:3]] == ["1", "2", "3"]
