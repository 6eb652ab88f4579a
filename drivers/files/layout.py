"""Which column of a result file is what: matched by name, in any order, and refused when the names do not fit."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.errors import Unreadable

LAYOUT_A = (
    *("id", "SerialNo", "Date", "TTime", "curveTag", "Prefix", "Catalogue"),
    *("Pm", "Isc", "Voc", "Ipm", "Vpm", "FF", "Eff"),
    *("Temp", "RefTemp", "Rs", "Peak", "Rsh"),
)
"""The 19 columns of the 144-cell line's tester."""

LAYOUT_B = (*LAYOUT_A[:14], "I.Work", "V.Work", *LAYOUT_A[14:])
"""The 21 columns of the other line's tester."""

_REQUIRED = ("SerialNo", "Date", "TTime", "curveTag", "Pm", "Isc", "Voc", "Ipm", "Vpm")
_UNIT = re.compile(r"\s*\([^()]*\)$")
_KNOWN = {name.casefold(): name for name in LAYOUT_B}
EXPORT_AGAIN = "Export the file again from the tester program, or correct row 1 so that every column has its name."


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, left to right; known ones under the tester's name without the unit."""

    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many columns the header names."""
        return len(self.names)

    def place(self, name: str) -> int | None:
        """Return the position of a column, counted from 0; None when the file has no such column."""
        return self.names.index(name) if name in self.names else None


def match_header(header: Sequence[str], file: str) -> Layout:
    """Match the texts of row 1 with the tester's columns: a trailing `(unit)`, case and order do not matter.

    Raises `Unreadable` for a header with a missing, doubled or nameless column.
    """
    names = [_name(text) for text in header]
    while names and not names[-1]:
        names.pop()
    if "" in names:
        column = column_letters(names.index(""))
        raise Unreadable(f"{file}: row 1 has no name for column {column}.", todo=EXPORT_AGAIN)
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Unreadable(f"{file}: row 1 names {_list(doubled)} twice.", todo=EXPORT_AGAIN)
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise Unreadable(f"{file} is no result file of the tester: row 1 has no {_list(missing)}.", todo=EXPORT_AGAIN)
    return Layout(tuple(names))


def misfit(file: str, row: int, used: int, layout: Layout) -> Unreadable:
    """Say that a row reaches further than the header: its columns may be shifted, so none of it may be read."""
    return Unreadable(
        f"{file}: the header does not fit its rows: row 1 names {layout.width} columns, but row {row} has a value "
        f"in column {column_letters(used - 1)} (number {used}).",
        todo=EXPORT_AGAIN,
    )


def column_letters(place: int) -> str:
    """Name a column, counted from 0, as spreadsheets do: A, B, … Z, AA."""
    letters = ""
    rest = place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _name(text: str) -> str:
    plain = _UNIT.sub("", unicodedata.normalize("NFKC", text).strip())
    return _KNOWN.get(plain.casefold(), plain)


def _list(names: Sequence[str]) -> str:
    return "column " + ", ".join(names) if len(names) == 1 else "columns " + ", ".join(names)
