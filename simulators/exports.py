"""The rig's result files: what its PC writes when somebody presses export.

Every export holds the whole memory so far, so later ones repeat earlier rows; ids restart at 1.
"""

import csv
import struct
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path

from simulators.chance import seeded
from simulators.rig import PLACEHOLDER, RIG_ZONE, SETUP_SERIAL, Flash, Tag
from simulators.wire.workbook import Cell, Formula, quoted, workbook

_HEAD = ("id", "SerialNo", "Date", "TTime", "curveTag", "Prefix", "Catalogue", "Pm", "Isc", "Voc(V)", "Ipm")
_TAIL = ("Temp", "RefTemp", "Rs", "Peak", "Rsh")
LAYOUT_A = (*_HEAD, "Vpm(V)", "FF", "Eff", *_TAIL)
LAYOUT_B = (*_HEAD, "Vpm(V)", "FF", "Eff", "I.Work", "V.Work", *_TAIL)
_WRONG_AREA_M2 = 1.62
_PLACEHOLDER_SHARE = 0.052


class TimeForm(StrEnum):
    """How the rig's PC writes the time of a row; the last row of an export may differ from the others."""

    FRACTION = "fraction"
    CHINESE = "chinese"  # 下午 5:41:27
    CHINESE_TIGHT = "chinese-tight"  # 下午5:41:27
    ENGLISH = "english"  # 5:41:27PM


def time_cell(moment: datetime, form: TimeForm) -> Cell:
    """Return the time of day as the rig's PC writes it."""
    if form is TimeForm.FRACTION:
        return moment.time().replace(microsecond=0)
    clock = f"{moment.hour % 12 or 12}:{moment:%M:%S}"
    half = "上午" if moment.hour < 12 else "下午"
    return {
        TimeForm.CHINESE: f"{half} {clock}",
        TimeForm.CHINESE_TIGHT: half + clock,
        TimeForm.ENGLISH: clock + ("AM" if moment.hour < 12 else "PM"),
    }[form]


def file_name(wall: datetime, suffix: str = ".xlsx") -> str:
    """Return the name of an export: the moment it was made, by the rig's clock."""
    return f"{wall.astimezone(RIG_ZONE):%Y-%m-%d %H-%M-%S}{suffix}"


def rows(
    flashes: Sequence[Flash], *, layout_b: bool = False, time_form: TimeForm = TimeForm.CHINESE
) -> list[list[Cell]]:
    """Return header and rows of an export. One in twenty rows carries the placeholder instead of its serial."""
    header = LAYOUT_B if layout_b else LAYOUT_A
    last = len(flashes)
    forms = [TimeForm.ENGLISH if k == last and last > 1 else time_form for k in range(1, last + 1)]
    cells = [_row(number, flash, form) for number, (flash, form) in enumerate(zip(flashes, forms, strict=True), 1)]
    return [list(header), *([row[name] for name in header] for row in cells)]


def _row(number: int, flash: Flash, form: TimeForm) -> dict[str, Cell]:
    values = flash.values
    isc, voc, ipm, vpm = (single(x) for x in (values.isc_a, values.voc_v, values.imp_a, values.vmp_v))
    power = single(ipm * vpm)
    return {
        "id": number,
        "SerialNo": quoted(_typed_serial(flash)),
        "Date": flash.at.date(),
        "TTime": time_cell(flash.at, form),
        "curveTag": flash.tag.value,
        "Prefix": int(power),
        "Catalogue": 1,
        "Pm": power,
        "Isc": isc,
        "Voc(V)": voc,
        "Ipm": ipm,
        "Vpm(V)": vpm,
        "FF": single(power / (isc * voc)) if isc and voc else 0.0,
        "Eff": single(power / _WRONG_AREA_M2 / 1000),
        "I.Work": 0,
        "V.Work": 0,
        "Temp": single(flash.temperature_c),
        "RefTemp": 25,
        "Rs": single(values.rs_ohm or 1e-06),
        "Peak": single(flash.irradiance_w_m2),
        "Rsh": single(min(values.rsh_ohm, 9999.0)),
    }


def _typed_serial(flash: Flash) -> str:
    forgotten = seeded("placeholder", flash.number, flash.serial).random() < _PLACEHOLDER_SHARE
    named = flash.tag is Tag.CALIBRATION or flash.serial == SETUP_SERIAL
    return PLACEHOLDER if forgotten and not named else flash.serial


def single(value: float) -> float:
    """Return a number in single precision, as the rig's program keeps it."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


def as_csv(table: list[list[Cell]], encoding: str = "utf-8") -> bytes:
    """Return the same table as CSV; formula cells keep their wrapper as text."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in row] for row in table)
    return text.getvalue().encode(encoding)


def _plain(cell: Cell) -> object:
    return "=" + cell.expression if isinstance(cell, Formula) else cell


def content(path: Path, table: list[list[Cell]], encoding: str = "utf-8") -> bytes:
    """Return the bytes of an export under this name: .csv, .xlsx or .xlsm; the sheet is named after the file."""
    if path.suffix == ".csv":
        return as_csv(table, encoding)
    return workbook(path.stem, table, macros=path.suffix == ".xlsm")
