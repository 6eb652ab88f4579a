"""Writes workbooks as the tester program does, by hand: formula cells with cached values, dates as numbers."""

import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DAY_STYLE, TIME_STYLE = 1, 2


@dataclass(frozen=True)
class Formula:
    """The formula `="text"`, and the value the spreadsheet program kept for it."""

    text: str


@dataclass(frozen=True)
class Fraction:
    """A time of day in a cell formatted as a time."""

    of_day: float


@dataclass(frozen=True)
class Xml:
    """A cell written out: `{ref}` stands for its place."""

    text: str


Cell = str | int | float | date | Formula | Fraction | Xml | None

LAYOUT_A: tuple[str, ...] = (
    "id", "SerialNo", "Date", "TTime", "curveTag", "Prefix", "Catalogue", "Pm", "Isc", "Voc(V)", "Ipm", "Vpm(V)",
    "FF", "Eff", "Temp", "RefTemp", "Rs", "Peak", "Rsh",
)  # fmt: skip
LAYOUT_B: tuple[str, ...] = (*LAYOUT_A[:14], "I.Work", "V.Work", *LAYOUT_A[14:])


def single(value: float) -> float:
    """The number as the tester's single-precision program keeps it."""
    widened: float = struct.unpack("f", struct.pack("f", value))[0]
    return widened


def flash_row(
    number: int = 1,
    serial: Cell = Formula("CRS24WW144A00494"),
    *,
    day: Cell = date(2025, 3, 4),
    clock: Cell = "下午 5:41:27",
    tag: str = "I->V",
    power: float = 449.51935,
    layout_b: bool = False,
) -> list[Cell]:
    """One row of an export, 144 cells, in layout A or B."""
    head: list[Cell] = [number, serial, day, clock, tag, int(power), 1]
    five: list[Cell] = [single(x) for x in (power, 11.25317, 49.81243, 10.70391, 41.99581)]
    work: list[Cell] = [0, 0] if layout_b else []
    tail: list[Cell] = [single(x) for x in (0.7877, 0.1834, 24.31, 25.0, 0.2871, 1001.234, 9999.0)]
    return [*head, *five, *tail[:2], *work, *tail[2:]]


def workbook(
    rows: Sequence[Sequence[Cell]], *, sheet: str = "2025-03-04 17-50-00", **more: Sequence[Sequence[Cell]]
) -> bytes:
    """The bytes of a workbook with one sheet, and further sheets by name."""
    sheets = {sheet: rows, **more}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(sheets).items():
            archive.writestr(
                zipfile.ZipInfo(name), '<?xml version="1.0" encoding="UTF-8"?>' + text, zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


def _parts(sheets: dict[str, Sequence[Sequence[Cell]]]) -> dict[str, str]:
    ids = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{k}.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/>' for k in ids
    )
    named = "".join(f'<sheet name="{escape(n)}" sheetId="{k}" r:id="r{k}"/>' for k, n in enumerate(sheets, 1))
    targets = "".join(
        f'<Relationship Id="r{k}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{k}.xml"/>' for k in ids
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{targets}'
        f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts><font/></fonts><fills><fill><patternFill/></fill></fills>'
        '<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="21" applyNumberFormat="1"/></cellXfs></styleSheet>',
    } | {f"xl/worksheets/sheet{k}.xml": _sheet(rows) for k, rows in enumerate(sheets.values(), 1)}


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    lines = (
        f'<row r="{r}">{"".join(_cell(f"{_letters(c)}{r}", cell) for c, cell in enumerate(row))}</row>'
        for r, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(ref: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Xml(text):
            return text.format(ref=ref)
        case Formula(text):
            return f'<c r="{ref}" t="str"><f>"{escape(text)}"</f><v>{escape(text)}</v></c>'
        case Fraction(of_day):
            return f'<c r="{ref}" s="{TIME_STYLE}"><v>{of_day!r}</v></c>'
        case date():
            return f'<c r="{ref}" s="{DAY_STYLE}"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
        case str():
            return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        case _:
            return f'<c r="{ref}"><v>{cell!r}</v></c>'


def _letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


def csv_text(rows: Sequence[Sequence[Cell]], *, separator: str = ",", end: str = "\r\n") -> str:
    """The same rows as CSV text; formula cells keep their wrapper, numbers the digits of double precision."""
    return "".join(separator.join(map(_plain, row)) + end for row in rows)


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Formula(text):
            return f'="{text}"'
        case Fraction(of_day):
            return repr(of_day)
        case date():
            return f"{cell.year}/{cell.month}/{cell.day}"
        case str():
            return cell
        case Xml():
            raise TypeError("no such cell in a CSV")
        case _:
            return repr(cell)
