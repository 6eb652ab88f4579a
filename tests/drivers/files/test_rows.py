import pytest

from drivers.readings import FlashKind, FlashSource, Garbled, IvValues

from .helpers import flashes, read
from .workbooks import LAYOUT_A, LAYOUT_B, Cell, Formula, Xml, csv_text, flash_row, workbook


def both(row: list[Cell], header: tuple[str, ...] = LAYOUT_A) -> list[tuple[bytes, str]]:
    return [(workbook([header, row]), "e.xlsx"), (csv_text([header, row]).encode(), "e.csv")]


def test_a_row_becomes_a_late_flash_with_all_its_columns() -> None:
    for content, name in both(flash_row(17, layout_b=True), LAYOUT_B):
        (flash,) = flashes(content, name)
        assert flash.source is FlashSource.LATE
        assert flash.kind is FlashKind.PANEL
        assert (flash.device, flash.origin) == ("iv", f"{name}#2")
        assert (flash.serial_text, flash.date_text, flash.time_text) == ("CRS24WW144A00494", "2025-03-04", "17:41:27")
        assert flash.values == IvValues(449.51935, 49.81243, 11.25317, 41.99581, 10.70391, significant_digits=7)
        assert (flash.irradiance_w_m2, flash.temperature_c) == (1001.234, 24.31)
        assert {key: flash.extra[key] for key in ("id", "curveTag", "Prefix", "Catalogue", "I.Work", "V.Work")} == {
            "id": "17",
            "curveTag": "I->V",
            "Prefix": "449",
            "Catalogue": "1",
            "I.Work": "0",
            "V.Work": "0",
        }
        assert set(flash.extra) == {*LAYOUT_B} - {"SerialNo", "Date", "TTime", "Pm", "Isc", "Ipm", "Temp", "Peak"} - {
            *("Voc(V)", "Vpm(V)")
        }


@pytest.mark.parametrize("serial", ["editSPSn", "6666666", "GoldenPanel380", "Rtrn_CRS24WW144A00494", " CRS24WW144."])
def test_placeholders_and_reference_panels_pass_as_given(serial: str) -> None:
    for content, name in both(flash_row(1, Formula(serial))):
        assert flashes(content, name)[0].serial_text == serial


def test_a_serial_stored_as_a_number_keeps_its_digits() -> None:
    assert flashes(workbook([LAYOUT_A, flash_row(1, 6666666)]))[0].serial_text == "6666666"


def test_a_blank_serial_is_none() -> None:
    for content, name in both(flash_row(1, Formula(""))):
        assert flashes(content, name)[0].serial_text is None


def test_a_calibration_flash_is_told_apart() -> None:
    for content, name in both(flash_row(tag="CALI")):
        assert flashes(content, name)[0].kind is FlashKind.CALIBRATION


def test_zeros_are_zeros_and_odd_physics_is_not_judged() -> None:
    row = flash_row()
    row[7:12] = [0, 0.0, 0, 0, 878.5]
    for content, name in both(row):
        assert flashes(content, name)[0].values == IvValues(0.0, 0.0, 0.0, 878.5, 0.0, significant_digits=1)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "1.#IND", "#DIV/0!"])
def test_a_text_for_no_number_is_none_and_kept(text: str) -> None:
    row = flash_row()
    row[8] = text
    for content, name in both(row):
        (flash,) = flashes(content, name)
        assert flash.values.isc_a is None
        assert flash.extra["Isc"] == text


def test_a_blank_number_is_none_and_an_error_cell_too() -> None:
    row = flash_row()
    row[7:10] = [None, Xml('<c r="{ref}" t="e"><v>#NUM!</v></c>'), Xml('<c r="{ref}"><v>NaN</v></c>')]
    (flash,) = flashes(workbook([LAYOUT_A, row]))
    assert flash.values.five == (None, None, None, 41.99581, 10.70391)


@pytest.mark.parametrize("text", ["449,5", "12 W", "CRS24", "TRUE"])
def test_a_row_with_no_number_where_one_must_be_is_garbled_and_kept(text: str) -> None:
    row = flash_row()
    row[7] = text
    content = csv_text([LAYOUT_A, row], separator=";").encode()
    (garbled,) = read(content, "e.csv")
    assert isinstance(garbled, Garbled)
    assert garbled.reason == f"e.csv, row 2: column Pm holds {text!r}, which is no number."
    assert garbled.raw == content.splitlines()[1]


def test_a_row_under_the_wrong_names_is_garbled_not_read_shifted() -> None:
    header = [name for name in LAYOUT_A if name != "id"]
    for content, name in both([*flash_row()[:18]], (*header,)):
        (garbled,) = read(content, name)
        assert isinstance(garbled, Garbled)
        assert "the header does not fit this row: column curveTag holds" in garbled.reason


def test_readings_of_one_file_are_ordered_by_row() -> None:
    found = read(workbook([LAYOUT_A, *(flash_row(k) for k in range(1, 9))]))
    moments = [row.monotonic_ns for row in found]
    assert moments == sorted(set(moments))
