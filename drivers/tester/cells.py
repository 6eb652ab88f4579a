"""From the text of one result to its cells: the layouts of a dialect."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drivers.tester.dialect import Dialect, FieldSettings, Layout

_LINES = re.compile(r"[\r\n]+")


class WrongShape(ValueError):
    """The text does not have the dialect's shape. `str()` is a plain half-sentence."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The texts of one result: by configured field, and everything else by its name or position."""

    known: tuple[tuple[FieldSettings, str], ...]
    extra: Mapping[str, str] = field(default_factory=dict)


def split_cells(text: str, dialect: Dialect, header: Sequence[str] | None = None) -> Cells:
    """Return the cells of one result.

    `header` are the names of a separated layout's columns, where a header line was sent. Raises WrongShape when
    a required field is missing, a name comes twice, or the number of cells is not the dialect's `count`.
    """
    if dialect.layout is Layout.FIXED:
        return _fixed(text, dialect)
    parts = split_parts(text, dialect)
    if dialect.count is not None and len(parts) != dialect.count:
        raise WrongShape(f"it has {len(parts)} fields where {dialect.count} are expected")
    if dialect.layout is Layout.PAIRS:
        return _by_name(_pairs(parts, dialect.assign), dialect)
    if not dialect.header:
        return _by_position(parts, dialect)
    if header is None:
        raise WrongShape("no header line has named its fields yet")
    if len(parts) != len(header):
        raise WrongShape(f"it has {len(parts)} fields where the header names {len(header)}")
    return _by_name(dict(zip(header, parts, strict=True)), dialect)


def split_parts(text: str, dialect: Dialect) -> list[str]:
    """Return the texts between separators, blanks around them taken off. A line feed also stands for CR LF."""
    parts = _LINES.split(text.strip("\r\n")) if dialect.separator == "\n" else text.split(dialect.separator)
    return [part.strip() for part in parts]


def is_header(parts: Sequence[str], dialect: Dialect) -> bool:
    """True when `parts` name every required field of a dialect that announces a header line."""
    wanted = {item.name for item in dialect.fields if item.required}
    return dialect.header and bool(wanted) and wanted <= set(parts)


def _pairs(parts: Sequence[str], assign: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in parts:
        name, found, value = part.partition(assign)
        if not found:
            raise WrongShape(f"{part!r} is no name and value joined by {assign!r}")
        if name.strip() in pairs:
            raise WrongShape(f"{name.strip()!r} comes twice")
        pairs[name.strip()] = value.strip()
    return pairs


def _by_name(cells: Mapping[str, str], dialect: Dialect) -> Cells:
    known = tuple((item, cells[item.name]) for item in dialect.fields if item.name and item.name in cells)
    _require(known, dialect)
    names = {item.name for item in dialect.fields}
    return Cells(known, {name: value for name, value in cells.items() if name not in names})


def _by_position(parts: Sequence[str], dialect: Dialect) -> Cells:
    placed = {item.position: item for item in dialect.fields}
    numbered = list(enumerate(parts, start=1))
    known = tuple((placed[number], part) for number, part in numbered if number in placed)
    _require(known, dialect)
    return Cells(known, {f"field {number}": part for number, part in numbered if number not in placed})


def _fixed(text: str, dialect: Dialect) -> Cells:
    if dialect.count is not None and len(text) != dialect.count:
        raise WrongShape(f"it has {len(text)} characters where {dialect.count} are expected")
    known = tuple((item, _cut(text, item)) for item in dialect.fields if _reaches(text, item))
    _require(known, dialect)
    longest = max((item.column or 1) - 1 + (item.width or 0) for item in dialect.fields)
    if len(text.rstrip()) > longest:
        raise WrongShape(f"it has {len(text.rstrip())} characters where {longest} are expected")
    return Cells(known)


def _reaches(text: str, item: FieldSettings) -> bool:
    return item.column is not None and len(text) >= item.column


def _cut(text: str, item: FieldSettings) -> str:
    begin = (item.column or 1) - 1
    return text[begin : begin + (item.width or 0)].strip()


def _require(known: Sequence[tuple[FieldSettings, str]], dialect: Dialect) -> None:
    present = [item for item, _ in known]
    for item in dialect.fields:
        if item.required and item not in present:
            raise WrongShape(f"{item.label} is missing")
