"""A file of paper is read whatever program wrote it; what cannot be read is named, and costs no other row."""

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.shadow.paper import NO_VALUES, PaperVerdict, SheetUnfit
from daemon.shadow.reading import read_sheet
from daemon.shadow.template import TEMPLATE
from daemon.shadow.typed import typed_panels
from storage.records import Verdict
from tests.daemon.shadow.plant import ZONE, Cells, cells_of, csv_of, examples, lines

TEXT = "serial,station,result,note,operator,time\nCRS26WW6000001,1,PASS,Kratzer über Öse,Jörg,2026-11-23 14:30\n"


def rows(raw: bytes) -> tuple[PaperVerdict, ...]:
    reading = read_sheet(raw, ZONE)
    assert reading.faults == ()
    return reading.verdicts


def one(text: str) -> PaperVerdict:
    (row,) = rows(text.encode())
    return row


def why(line: str, head: str = "serial,station,result,time,Pmax") -> str:
    reading = read_sheet(f"{head}\n{line}\nCRS26WW6000002,1,PASS,,\n".encode(), ZONE)
    assert len(reading.verdicts) == 1, "a bad row costs no other"
    (fault,) = reading.faults
    assert fault.row == 2
    return fault.why


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_do_not_matter(encoding: str, separator: str, ending: str) -> None:
    text = TEXT.replace(",", separator).replace("\n", ending)
    if encoding == "utf-16-le":  # without a mark only plain letters can be told
        text = text.replace("ü", "u").replace("Ö", "O").replace("ö", "o")
    (row,) = rows(text.encode(encoding))
    assert (row.serial, row.station, row.result) == ("CRS26WW6000001", 1, Verdict.PASS)
    assert row.note in ("Kratzer über Öse", "Kratzer uber Ose")
    assert (row.day, row.at) == (date(2026, 11, 23), datetime(2026, 11, 23, 14, 30, tzinfo=ZONE))


@pytest.mark.parametrize("head", [
    "Serial Number;Station No.;Pass/Fail;Pmax [W]", "SERIAL_NO;stn;verdict;Power (W)", '"Panel";"Station ";Result;PMAX',
])  # fmt: skip
def test_columns_are_found_by_many_names(head: str) -> None:
    row = one(f"{head}\n CRS26WW6000001 ;Station 4;ok;315,2\n")
    assert (row.station, row.result, row.values[0]) == (4, Verdict.PASS, 315.2)


@pytest.mark.parametrize(("text", "at"), [
    ("2026-11-23 14:30", "14:30:00"), ("2026-11-23T14:30:05", "14:30:05"), ("23.11.2026 2:30 pm", "14:30:00"),
    ("11/23/2026 12:05 AM", "00:05:00"), ("23/11/2026 07.15", "07:15:00"), ("2026-11-23", None),
])  # fmt: skip
def test_times_are_read_by_the_plants_clock(text: str, at: str | None) -> None:
    row = one(f"serial,station,result,time\nS1,1,PASS,{text}\n")
    assert row.day == date(2026, 11, 23)
    assert (row.at and str(row.at.time())) == at


def test_a_date_and_a_time_of_day_may_stand_apart_and_a_time_alone_says_nothing() -> None:
    row = one("date,time,serial,station,result\n2026-11-23,14:30,S1,1,PASS\n")
    assert row.at == datetime(2026, 11, 23, 14, 30, tzinfo=ZONE)
    assert one("time,serial,station,result\n14:30,S1,1,PASS\n").day is None


@pytest.mark.parametrize(("line", "says"), [
    (",1,PASS,,", "the serial is missing."),
    ("S1,5,PASS,,", "'5' is no station: write 1, 2, 3 or 4."),
    ("S1,1.5,PASS,,", "'1.5' is no station: write 1, 2, 3 or 4."),
    ("S1,1,maybe,,", "'maybe' is no verdict: write PASS, FAIL or B."),
    ("S1,1,PASS,11/12/2026,", "11/12/2026 may be two different days: write it like 2026-11-23."),
    ("S1,1,PASS,2026-02-30,", "there is no day 2026-02-30."),
    ("S1,1,PASS,2026-11-23 25:00,", "there is no time 25:00."),
    ("S1,1,PASS,yesterday,", "'yesterday' is no date: write it like 2026-11-23 14:30."),
    ("S1,4,PASS,,3l5", "'3l5' is no value: write a number like 315.2."),
    ('S1,4,PASS,,"1,234.5"', "'1,234.5' is no value: write a number like 315.2."),
    (f"S1,1,PASS,,{'9' * 300}", "the cell Pmax has 300 characters: 200 are allowed."),
])  # fmt: skip
def test_a_bad_row_is_named_with_what_to_write(line: str, says: str) -> None:
    assert why(line) == says


@pytest.mark.parametrize(("raw", "says"), [
    (b"", "Line 1 names no column serial and no column station and no column result."),
    (b"a,b\n1,2\n", "Line 1 names no column serial"),
    (b"\n\n# x\nserial,result\nS,PASS\n", "Line 4 names no column station."),
    (b"PK\x03\x04", "This is a workbook, not a CSV file."),
    (b'serial,station,result\n"S1' + b"x" * 140_000, "the file is no table"),
])  # fmt: skip
def test_what_is_no_paper_is_refused_with_what_it_should_be(raw: bytes, says: str) -> None:
    with pytest.raises(SheetUnfit, match=says.replace(".", r"\.")) as refused:
        read_sheet(raw, ZONE)
    assert refused.value.todo


def test_remarks_empty_lines_and_a_spreadsheets_own_line_are_not_read() -> None:
    row = one("sep=;\n# copied by ana\n\nserial;station;result\n;;\nS1;2;F\n")
    assert (row.station, row.result, row.row) == (2, Verdict.FAIL, 6)


def test_the_template_is_a_file_of_paper_without_rows() -> None:
    assert rows(TEMPLATE.encode("utf-8-sig")) == ()


def test_a_row_is_the_same_row_in_every_file() -> None:
    again = "S1,2,FAIL\n"
    first = rows(f"serial,station,result\nS1,1,PASS\n{again}".encode())
    second = rows(f"result;serial;station\nPASS;s1;1\nFAIL;S1;2\nFAIL;S1;2\n".encode())  # noqa: F541
    assert [row.key for row in first] == [row.key for row in second][:2]
    assert len({row.key for row in second}) == 3


def test_a_quote_that_is_not_closed_is_told_with_what_it_swallowed() -> None:
    reading = read_sheet(b'serial,station,result,note\nS1,1,PASS,"scratch\nS2,1,PASS,\nS3,1,PASS,"\nS4,1,B,\n', ZONE)
    assert [row.serial for row in reading.verdicts] == ["S4"]
    (fault,) = reading.faults
    assert fault.row == 4
    assert fault.why.startswith("the cell note runs over several lines to here: close its quote")


@examples(25)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for data in (b"serial,station,result\n" + raw, raw):
        with suppress(SheetUnfit):
            read_sheet(data, ZONE)


@examples(15)
@given(lines(), st.sampled_from(",;\t"))
def test_every_verdict_written_is_read(line: dict[str, object], separator: str) -> None:
    cells: list[Cells] = [row for one in line.values() for row in cells_of(one)]  # type: ignore[arg-type]
    assert len(rows(csv_of(cells, separator))) == len(cells)


def test_paper_typed_at_the_desk_is_a_file_of_one_panel() -> None:
    said = iter(
        ["CRS26WW6000001", "P", "F cracked cell; p", "", "P 315.2 37,5 8.87 31.4 8.12", "S2", "", "", "", "", ""]
    )
    (typed,) = typed_panels(lambda _: next(said))
    found = [(row.station, row.result, row.note) for row in rows(typed.raw)]
    assert found == [
        (1, Verdict.PASS, ""), (2, Verdict.FAIL, "cracked cell"), (2, Verdict.PASS, ""), (4, Verdict.PASS, "")
    ]  # fmt: skip
    assert rows(typed.raw)[-1].values == (315.2, 37.5, 8.87, 31.4, 8.12)
    assert rows(typed.raw)[0].values == NO_VALUES
