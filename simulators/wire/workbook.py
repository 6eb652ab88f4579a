"""The least that is an OOXML workbook: one sheet of numbers, texts, dates, times and formula cells with cached text."""

import zipfile
from dataclasses import dataclass
from datetime import date, time
from io import BytesIO
from xml.sax.saxutils import escape

_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes a text: `expression` without the equals sign, `cached` what it showed when saved."""

    expression: str
    cached: str


Cell = str | int | float | date | time | Formula | None


def quoted(text: str) -> Formula:
    """Return the formula cell ="text"."""
    doubled = text.replace('"', '""')
    return Formula(f'"{doubled}"', text)


def workbook(sheet: str, rows: list[list[Cell]], *, macros: bool = False) -> bytes:
    """Return the bytes of a workbook; with `macros` its content type is that of an .xlsm."""
    texts: dict[str, int] = {}
    body = "".join(_row(number, row, texts) for number, row in enumerate(rows, 1))
    parts = {
        "[Content_Types].xml": _TYPES.format(kind=_XLSM if macros else _XLSX),
        "_rels/.rels": _RELS,
        "xl/workbook.xml": _WORKBOOK.format(name=escape(sheet, {'"': "&quot;"})),
        "xl/_rels/workbook.xml.rels": _WORKBOOK_RELS,
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": _SHEET.format(body=body),
        "xl/sharedStrings.xml": _shared(texts),
    }
    return _zipped(parts)


def _zipped(parts: dict[str, str]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _row(number: int, row: list[Cell], texts: dict[str, int]) -> str:
    cells = "".join(_cell(f"{_letters(k)}{number}", cell, texts) for k, cell in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, cell: Cell, texts: dict[str, int]) -> str:
    match cell:
        case None:
            return ""
        case Formula(expression, cached):
            return f'<c r="{place}" t="str"><f>{escape(expression)}</f><v>{escape(cached)}</v></c>'
        case str():
            return f'<c r="{place}" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{(cell - _EPOCH).days}</v></c>'
        case time():
            return f'<c r="{place}" s="2"><v>{_fraction(cell)!r}</v></c>'
        case _:
            return f'<c r="{place}"><v>{cell!r}</v></c>'


def _fraction(moment: time) -> float:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400


def _letters(index: int) -> str:
    high, low = divmod(index, 26)
    return (chr(64 + high) if high else "") + chr(65 + low)


def _shared(texts: dict[str, int]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'{_XML}<sst xmlns="{_MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XLSX = f"{_SML}.sheet.main+xml"
_XLSM = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="{kind}"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SML}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SML}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SML}.sharedStrings+xml"/></Types>'
)
_RELS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_WORKBOOK = (
    f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_WORKBOOK_RELS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="21" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_SHEET = f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>' + "{body}</sheetData></worksheet>"
