import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import Unreadable
from drivers.readings import Flash, Garbled

from .helpers import flashes, identity, read
from .workbooks import LAYOUT_A, LAYOUT_B, Formula, csv_text, flash_row, workbook

ROWS = [LAYOUT_A, *(flash_row(k, Formula(f"CRS24WW144A{k:05}")) for k in range(1, 5))]
TEXT = csv_text(ROWS)
SAME = [identity(flash) for flash in flashes(workbook(ROWS))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "cp936", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_the_same_rows_are_the_same_flashes_as_in_the_workbook(encoding: str, separator: str, end: str) -> None:
    content = csv_text(ROWS, separator=separator, end=end).encode(encoding)
    assert [identity(flash) for flash in flashes(content, "e.csv")] == SAME


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_western_encodings_are_read(encoding: str) -> None:
    header = ["Temp(°C)" if name == "Temp" else name for name in LAYOUT_A]
    content = csv_text([header, flash_row(1, Formula("CRS£"), clock="5:41:27PM")]).encode(encoding)
    (flash,) = flashes(content, "e.csv")
    assert (flash.serial_text, flash.time_text, flash.temperature_c) == ("CRS£", "17:41:27", 24.31)


def test_quoted_fields_and_full_width_characters_are_read() -> None:
    row = [
        "1",
        '"=""CRS24WW144A00494"""',
        '"2025/3/4"',
        "下午 ５：４１：２７",
        '"I->V"',
        *csv_text([flash_row()]).strip().split(",")[5:],
    ]
    row[7] = "４４９．５１９３５"
    (flash,) = flashes((csv_text([LAYOUT_A]) + ",".join(row) + "\n").encode(), "e.csv")
    assert (flash.serial_text, flash.time_text) == ("CRS24WW144A00494", "17:41:27")
    assert flash.values.pmax_w == 449.51935


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16-le"])
def test_raw_is_the_very_bytes_of_the_line(encoding: str) -> None:
    content = TEXT.encode(encoding)
    assert [row.raw for row in read(content, "e.csv")] == [line.encode(encoding) for line in TEXT.split("\r\n")[1:-1]]


@given(st.integers(len(csv_text([LAYOUT_A])), len(TEXT.encode("gbk")) - 1))
def test_a_file_cut_anywhere_gives_only_whole_rows(cut: int) -> None:
    content = TEXT.encode("gbk")[:cut]
    found = flashes(content, "e.csv", complete=False)
    assert [identity(flash) for flash in found] == SAME[: content.count(b"\n") - 1]


def test_a_last_row_with_fewer_fields_is_being_written() -> None:
    content = (TEXT + '5,="CRS24WW144A00005",2025/3/4\r\n').encode()
    assert len(flashes(content, "e.csv", complete=False)) == 4
    *_, torn = read(content, "e.csv", complete=True)
    assert isinstance(torn, Garbled)
    assert torn.reason == "e.csv, row 6: it has 3 fields, the header names 19 columns."
    assert torn.raw == b'5,="CRS24WW144A00005",2025/3/4'


def test_a_complete_file_without_a_last_line_end_has_all_its_rows() -> None:
    assert len(flashes(TEXT.rstrip().encode(), "e.csv", complete=True)) == 4


def test_a_torn_row_in_the_middle_is_garbled_and_the_others_are_read() -> None:
    lines = TEXT.encode().split(b"\r\n")
    lines[2] = lines[2][:40]
    lines[3] += b"," + lines[3]
    kinds = [type(row) for row in read(b"\r\n".join(lines), "e.csv")]
    assert kinds == [Flash, Garbled, Garbled, Flash]


def test_an_open_quote_swallows_no_other_row() -> None:
    lines = TEXT.split("\r\n")
    lines[2] = '"' + lines[2]
    assert [type(row) for row in read("\r\n".join(lines).encode(), "e.csv")] == [Flash, Garbled, Flash, Flash]


def test_a_line_that_cannot_be_cut_is_garbled_whole() -> None:
    lines = TEXT.encode().split(b"\r\n")
    lines[2] = b"x" * 200_000
    lines[3] = lines[3].replace(b"->", b"\r")
    found = read(b"\r\n".join(lines), "e.csv")
    assert [type(row) for row in found] == [Flash, Garbled, Garbled, Flash]
    assert [row.raw for row in found[1:3]] == lines[2:4]


def test_blank_lines_and_trailing_separators_do_not_matter() -> None:
    content = TEXT.replace("\r\n", ",,\r\n").replace("\r\n", "\r\n\r\n,,,,,,,,,,,,,,,,,,,,\r\n").encode()
    assert [identity(flash) for flash in flashes(content, "e.csv")] == SAME


def test_a_header_narrower_than_its_rows_is_refused_by_row_and_column() -> None:
    content = csv_text([LAYOUT_A, flash_row(layout_b=True)]).encode()
    with pytest.raises(Unreadable, match="row 1 names 19 columns, but row 2 has a value in column U"):
        read(content, "e.csv")


def test_a_file_with_only_a_header_has_no_rows() -> None:
    assert read(csv_text([LAYOUT_B]).encode(), "e.csv") == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\n\n", "e.csv is no result file"),
        (b"id,SerialNo,Da", "e.csv is no result file"),
        (bytes(range(256)), "e.csv is no result file"),
        (b"\0" * 500, "e.csv is no result file"),
        (b"x" * 200_000 + b"\n1\n", "e.csv: row 1 cannot be cut into column names"),
        (b"a\rb\n1\n", "e.csv: row 1 cannot be cut into column names"),
        (workbook(ROWS), "e.csv is a workbook"),
    ],
)
def test_what_is_no_export_is_refused_in_a_plain_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content, "e.csv")
    assert str(refused.value).startswith(sentence)
    assert refused.value.todo


@given(st.binary(max_size=300))
def test_any_bytes_below_a_good_row_give_readings(tail: bytes) -> None:
    first, *_ = read(csv_text([LAYOUT_A, flash_row()]).encode() + tail, "e.csv")
    assert first.raw == csv_text([flash_row()]).strip().encode()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content, "e.csv")
