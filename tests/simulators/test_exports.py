import csv
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from simulators.exports import LAYOUT_A, LAYOUT_B, TimeForm, content, file_name, rows, time_cell
from simulators.rig import PLACEHOLDER, Flash, Laid, Rig

NOON = datetime(2025, 3, 4, 9, 41, 27, tzinfo=UTC)


@pytest.fixture(scope="module")
def flashes() -> list[Flash]:
    rig = Rig()
    rig.calibrate(NOON, Laid("GoldenPanel380", "60"))
    rig.set_up(NOON)
    for number in range(60):
        rig.lay(Laid(f"CRS25WT600{number:04d}", "60"))
        rig.flash(NOON + timedelta(seconds=81 * number))
    return rig.flashes


@pytest.mark.parametrize(
    ("hour", "minute", "second", "form", "text"),
    [
        (17, 41, 27, TimeForm.CHINESE, "下午 5:41:27"),
        (1, 6, 36, TimeForm.CHINESE, "上午 1:06:36"),
        (23, 57, 51, TimeForm.CHINESE_TIGHT, "下午11:57:51"),
        (22, 21, 50, TimeForm.ENGLISH, "10:21:50PM"),
    ],
)
def test_times_read_as_the_rigs_pc_writes_them(hour: int, minute: int, second: int, form: TimeForm, text: str) -> None:
    assert time_cell(datetime(2025, 3, 4, hour, minute, second, tzinfo=UTC), form) == text


def test_an_export_is_named_after_its_moment_by_the_rigs_clock() -> None:
    assert file_name(NOON) == "2025-03-04 17-41-27.xlsx"


@pytest.mark.parametrize(("layout_b", "header"), [(False, LAYOUT_A), (True, LAYOUT_B)])
@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_spreadsheet_programs_read_the_workbook(
    flashes: list[Flash], layout_b: bool, header: tuple[str, ...], suffix: str
) -> None:
    path = Path(f"2025-03-04 17-41-27{suffix}")
    data = content(path, rows(flashes, layout_b=layout_b))
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    assert book.sheet_names == [path.stem]
    table = book.get_sheet_by_index(0).to_python()
    assert tuple(table[0]) == header
    assert len(header) == (21 if layout_b else 19)
    assert [row[0] for row in table[1:4]] == [1, 2, 3]
    assert {row[1] for row in table[1:]} >= {"GoldenPanel380", "6666666", PLACEHOLDER, "CRS25WT6000010"}
    assert table[1][2] == date(2025, 3, 4)
    assert table[1][3] == "下午 5:41:27"
    assert str(table[-1][3]).endswith("PM")
    assert [row[4] for row in table[1:4]] == ["CALI", "I->V", "I->V"]


def test_serials_are_formulas_with_what_they_showed(flashes: list[Flash]) -> None:
    data = content(Path("x.xlsx"), rows(flashes))
    written = load_workbook(BytesIO(data)).worksheets[0]
    shown = load_workbook(BytesIO(data), data_only=True).worksheets[0]
    assert (written["B2"].value, shown["B2"].value) == ('="GoldenPanel380"', "GoldenPanel380")


def test_times_may_be_fractions_of_a_day(flashes: list[Flash]) -> None:
    data = content(Path("x.xlsx"), rows(flashes, time_form=TimeForm.FRACTION))
    table = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()
    assert table[1][3] == time(17, 41, 27)


def test_a_good_row_fits_itself_in_single_precision(flashes: list[Flash]) -> None:
    header, *table = rows(flashes)
    for cells in table[2:]:
        row = dict(zip(map(str, header), cells, strict=True))
        pm, ipm, vpm, isc, voc, ff = (row[name] for name in ("Pm", "Ipm", "Vpm(V)", "Isc", "Voc(V)", "FF"))
        assert all(isinstance(x, float) for x in (pm, ipm, vpm, isc, voc, ff))
        assert abs(pm - ipm * vpm) / pm < 2e-7  # type: ignore[operator]
        assert abs(ff - pm / (isc * voc)) < 6e-8  # type: ignore[operator]
        assert row["Prefix"] == int(pm)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_csv_keeps_the_wrapper_of_its_serials(flashes: list[Flash], encoding: str) -> None:
    data = content(Path("x.csv"), rows(flashes), encoding)
    table = list(csv.reader(StringIO(data.decode(encoding))))
    assert table[1][:5] == ["1", '="GoldenPanel380"', "2025-03-04", "下午 5:41:27", "CALI"]


def test_later_exports_repeat_earlier_rows(flashes: list[Flash]) -> None:
    early, late = rows(flashes[:20]), rows(flashes[:40])
    assert [row[:3] + row[4:] for row in late[1:21]] == [row[:3] + row[4:] for row in early[1:]]
