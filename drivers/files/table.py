"""A result file opened for reading: its columns and its rows, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drivers.files.cells import Cell
from drivers.files.layout import Layout


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header.

    `number` is what a spreadsheet shows at its left; the header is row 1. `raw` is the row in full: the bytes of
    its line in a CSV, its cells as JSON in a workbook. `flaw` is one plain sentence when the row cannot be cut into
    columns. `unfinished` marks a last row that is still being written.
    """

    number: int
    cells: Sequence[Cell]
    raw: bytes
    flaw: str = ""
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file, and its rows that are not blank, top to bottom, to be taken once."""

    layout: Layout
    rows: Iterator[Row]
