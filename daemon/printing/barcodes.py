"""Barcodes as black rectangles on a grid of modules: Code 128 for laser scanners, QR for imagers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import segno
from barcode.codex import Code128


@dataclass(frozen=True, slots=True)
class Symbol:
    """One code: `rows` are strings of 1 (black) and 0. Code 128 has one row, as high as one likes.

    `quiet` is the number of white modules the standard wants on each side; it is no part of `rows`.
    """

    text: str
    rows: tuple[str, ...]
    quiet: int

    @property
    def width(self) -> int:
        """Modules from the first to the last black one."""
        return len(self.rows[0])


def code128(text: str) -> Symbol:
    """Encode printable ASCII as Code 128 with its check digit; ValueError for anything else."""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError(f"Code 128 cannot hold {text!r}; use plain letters and digits.")
    return Symbol(text, (Code128(text).build()[0],), quiet=10)


def qr(text: str) -> Symbol:
    """Encode any text as a QR code that still reads with a seventh of it dirty."""
    matrix = segno.make(text, error="m", micro=False).matrix
    return Symbol(text, tuple("".join("1" if cell else "0" for cell in row) for row in matrix), quiet=4)


def black_runs(symbol: Symbol) -> Iterator[tuple[int, int, int]]:
    """Give each horizontal run of black as (row, first module, modules)."""
    for number, row in enumerate(symbol.rows):
        at = 0
        for bit, cells in groupby(row):
            length = len(tuple(cells))
            if bit == "1":
                yield number, at, length
            at += length
