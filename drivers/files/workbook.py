"""Workbooks (.xlsx, .xlsm) as the tester program exports them: one sheet, cached values of formula cells."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from drivers.errors import Unreadable
from drivers.files.cells import Cell, cell_text, is_blank, used_width
from drivers.files.layout import Layout, match_header, misfit
from drivers.files.table import Row, Table

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 20
_MOST_XML_BYTES = 256 << 20
_EXPORT_AGAIN = "Export it again from the tester program; if it was copied, copy it again."
_SAVE_AS = "Open it in the spreadsheet program and save it as .xlsx without a password."

# Column 65 and beyond, or row 100,000 and beyond: the library lays out every cell up to the farthest one.
_FAR_CELL = re.compile(rb"r=[\"'](?:[A-Za-z]{3}\d|[C-Zc-z][A-Za-z]\d|[Bb][M-Zm-z]\d|[A-Za-z]{0,3}[1-9]\d{5})")
_NO_VALUE = re.compile(rb"</f>(?:<v ?/>)?</c>")  # a formula cell whose value nobody computed: a serial lost


def open_workbook(content: bytes, file: str) -> Table:
    """Open a workbook's one sheet. Raises `Unreadable` for what is damaged, protected, or no result file.

    Formula cells give their cached value; error cells are blank.
    """
    _check_container(content, file)
    sheet = _one_sheet(_open(content, file), file)
    rows = _numbered(sheet)
    _, header = next(rows, (1, []))
    layout = match_header([cell_text(cell) for cell in header], file)
    if sheet.width > layout.width:
        _check_width(_numbered(sheet), layout, file)
    return Table(layout, _below_header(rows, layout))


def _below_header(rows: Iterator[tuple[int, list[Cell]]], layout: Layout) -> Iterator[Row]:
    for number, cells in rows:
        if not all(map(is_blank, cells)):
            padded = [*cells, *[""] * (layout.width - len(cells))]
            yield Row(number, padded, _encode(cells))


def _encode(cells: Sequence[Cell]) -> bytes:
    return orjson.dumps(cells, default=str, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """Pair the rows with their numbers, blank first columns restored."""
    indent: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [*indent, *cells]


def _check_width(rows: Iterator[tuple[int, list[Cell]]], layout: Layout, file: str) -> None:
    for number, cells in rows:
        if (used := used_width(cells)) > layout.width:
            raise misfit(file, number, used, layout)


def _check_container(content: bytes, file: str) -> None:
    """Refuse what would cost too much to open, and name the usual mix-ups."""
    if content.startswith(_OLE):
        raise Unreadable(f"{file} is protected by a password or an old .xls workbook.", todo=_SAVE_AS)
    if not content.startswith(_ZIP):
        raise Unreadable(f"{file} is not a workbook, whatever its name says.", todo=_EXPORT_AGAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable(f"{file} is damaged or was not copied completely.", todo=_EXPORT_AGAIN) from error


def _check_parts(archive: zipfile.ZipFile, file: str) -> None:
    parts = [part for part in archive.infolist() if part.filename.lower().endswith((".xml", ".rels"))]
    if sum(part.file_size for part in parts) > _MOST_XML_BYTES:
        raise Unreadable(f"{file} unpacks to more than any export of the tester.", todo=_EXPORT_AGAIN)
    for part in parts:
        odd = _oddity(archive, part)
        if odd and "worksheets/" in part.filename.lower():
            raise _stray(file, odd[0][3:].decode("ascii")) if odd.re is _FAR_CELL else _not_computed(file)


def _oddity(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> re.Match[bytes] | None:
    """Read one part through, proving its checksum, and return the first thing no export has."""
    tail, odd = b"", None
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            odd = odd or _FAR_CELL.search(tail + chunk) or _NO_VALUE.search(tail + chunk)
            tail = chunk[-16:]
    return odd


def _stray(file: str, cell: str) -> Unreadable:
    return Unreadable(
        f"{file} has a cell far outside any export of the tester ({cell}).",
        todo="Delete the stray cells, or export it again from the tester program.",
    )


def _not_computed(file: str) -> Unreadable:
    return Unreadable(
        f"{file} holds formulas without their values: a program that computes nothing has saved it.",
        todo="Open it in the spreadsheet program and save it, or export it again from the tester program.",
    )


def _open(content: bytes, file: str) -> CalamineWorkbook:
    with _library_errors(file):
        return CalamineWorkbook.from_filelike(io.BytesIO(content))


def _one_sheet(workbook: CalamineWorkbook, file: str) -> CalamineSheet:
    with _library_errors(file):
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        filled = [sheet for name in names if (sheet := workbook.get_sheet_by_name(name)).height]
    if not filled:
        raise Unreadable(f"{file} has no cells, not even a header in row 1.", todo=_EXPORT_AGAIN)
    if len(filled) > 1:
        shown = ", ".join(sheet.name for sheet in filled)
        raise Unreadable(
            f"{file} has {len(filled)} sheets with values ({shown}); an export of the tester has one.",
            todo="Save each sheet as a file of its own.",
        )
    return filled[0]


@contextmanager
def _library_errors(file: str) -> Iterator[None]:
    """Turn what the library raises into `Unreadable`; its panics are no `Exception`."""
    try:
        yield
    except PasswordError as error:
        raise Unreadable(f"{file} is protected by a password.", todo=_SAVE_AS) from error
    except CalamineError as error:
        raise Unreadable(f"{file} cannot be read as a workbook ({error}).", todo=_EXPORT_AGAIN) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(f"{file} is damaged in a way nothing can read.", todo=_EXPORT_AGAIN) from error
