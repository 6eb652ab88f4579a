"""CSV exports with the tester's header: any common encoding and separator, a last row perhaps half written."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from drivers.errors import Unreadable
from drivers.files.cells import used_width
from drivers.files.encodings import detect
from drivers.files.layout import EXPORT_AGAIN, Layout, match_header, misfit
from drivers.files.table import Row, Table

_SEPARATORS = (",", ";", "\t")
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    raw: bytes
    ended: bool  # by a line end; the last line of a growing file is not

    def text(self, encoding: str) -> str:
        return self.raw.decode(encoding, "backslashreplace")


@dataclass(frozen=True, slots=True)
class _Fields:
    line: _Line
    fields: list[str]
    flaw: str


def open_csv(content: bytes, file: str) -> Table:
    """Open a CSV file. Raises `Unreadable` for what is no result file or has a header narrower than its first row.

    One line is one row. A last row without a line end, or with fewer fields than the header, comes out `unfinished`;
    a row above it with more or fewer fields has a `flaw`.
    """
    if content.startswith(_ZIP):
        raise Unreadable(f"{file} is a workbook, whatever its name says.", todo="Rename it so that it ends in .xlsx.")
    encoding, bom = detect(content)
    lines = _lines(content[bom:], encoding)
    header = next(lines, _Line(1, b"", ended=False)).text(encoding)
    separator = max(_SEPARATORS, key=header.count)
    layout = match_header(_names(header, separator, file), file)
    rows = _rows(_cut(lines, encoding, separator), layout)
    first = next(rows, None)
    if first and not first.unfinished and (used := used_width(first.cells)) > layout.width:
        raise misfit(file, first.number, used, layout)
    return Table(layout, chain([first] if first else [], rows))


def _lines(content: bytes, encoding: str) -> Iterator[_Line]:
    end, extra = _line_end(content, encoding)
    start, number = 0, 1
    while start < len(content):
        stop = _find(content, end, start)
        raw = content[start:] if stop < 0 else content[start:stop]
        yield _Line(number, raw.removesuffix(extra), ended=stop >= 0)
        start = len(content) if stop < 0 else stop + len(end)
        number += 1


def _line_end(content: bytes, encoding: str) -> tuple[bytes, bytes]:
    """Return what ends a line, and what may stand before it and belongs to the end too."""
    feed, carriage = "\n".encode(encoding), "\r".encode(encoding)
    return (feed, carriage) if feed in content or carriage not in content else (carriage, b"")


def _find(content: bytes, end: bytes, start: int) -> int:
    """Find a line end that starts on a whole character: one of UTF-16 is two bytes."""
    stop = content.find(end, start)
    while stop >= 0 and stop % len(end):
        stop = content.find(end, stop + 1)
    return stop


def _cut(lines: Iterator[_Line], encoding: str, separator: str) -> Iterator[_Fields]:
    """Cut the lines that are not blank into fields; a line that cannot be cut is one field."""
    for line in lines:
        text = line.text(encoding)
        try:
            fields, flaw = _fields(text, separator), ""
        except csv.Error as error:
            fields, flaw = [text], f"the line cannot be cut into fields ({error})"
        if any(field.strip() for field in fields):
            yield _Fields(line, fields, flaw)


def _rows(cuts: Iterator[_Fields], layout: Layout) -> Iterator[Row]:
    current = next(cuts, None)
    while current:
        following = next(cuts, None)
        yield _row(current, layout.width, is_last=following is None)
        current = following


def _row(cut: _Fields, width: int, *, is_last: bool) -> Row:
    fields, line = cut.fields, cut.line
    count = max(used_width(fields), min(len(fields), width))
    flaw = cut.flaw or ("" if count == width else f"it has {count} fields, the header names {width} columns")
    unfinished = is_last and (not line.ended or count < width)
    return Row(line.number, fields[: max(count, width)], line.raw, flaw, unfinished)


def _names(header: str, separator: str, file: str) -> list[str]:
    try:
        return _fields(header, separator)
    except csv.Error as error:
        raise Unreadable(f"{file}: row 1 cannot be cut into column names ({error}).", todo=EXPORT_AGAIN) from error


def _fields(text: str, separator: str) -> list[str]:
    return next(csv.reader([text], delimiter=separator), [])
