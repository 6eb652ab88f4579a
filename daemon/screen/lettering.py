"""Set a headline in the largest block letters that fit, in one or two lines; in plain words when none do."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from daemon.screen.glyphs import SHORT, TALL, Font

_HALVES = {("0", "0"): " ", ("1", "0"): "▀", ("0", "1"): "▄", ("1", "1"): "█"}
_TALLEST = 2.2  # how much taller than wide a letter may be before height stops helping


def _half(rows: Sequence[str]) -> tuple[str, ...]:
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue="0" * len(rows[0]))
    return tuple("".join(_HALVES[pair] for pair in zip(top, bottom, strict=True)) for top, bottom in pairs)


def _full(rows: Sequence[str]) -> tuple[str, ...]:
    return tuple(row.replace("1", "█").replace("0", " ") for row in rows)


def _wide(rows: Sequence[str]) -> tuple[str, ...]:
    return tuple(row.replace("1", "██").replace("0", "  ") for row in rows)


@dataclass(frozen=True, slots=True)
class Cut:
    """A font in one size: letters of `columns` by `rows` terminal cells."""

    font: Font
    columns: int
    rows: int
    draw: Callable[[Sequence[str]], tuple[str, ...]]

    @property
    def legibility(self) -> float:
        """Grow with the size of a letter; a cell is twice as high as wide."""
        return self.columns * min(2 * self.rows, _TALLEST * self.columns)


CUTS = tuple(
    sorted(
        (
            Cut(TALL, 10, 7, _wide),
            Cut(SHORT, 6, 5, _wide),
            Cut(TALL, 5, 7, _full),
            Cut(TALL, 5, 4, _half),
            Cut(SHORT, 3, 5, _full),
            Cut(SHORT, 3, 3, _half),
        ),
        key=lambda cut: -cut.legibility,
    )
)
"""The sizes there are, the most legible first."""

MODEST_CUTS = tuple(cut for cut in CUTS if cut.rows <= 4)
"""The sizes that leave room for others."""


def block_letters(text: str, width: int, height: int, cuts: Sequence[Cut] = CUTS) -> tuple[str, ...]:
    """Draw a text within `width` by `height` cells in the most legible of `cuts`, on one line or two.

    Empty when there is no room for block letters, or when a letter has none.
    """
    plain = folded(text)
    if not plain or not all(letter in TALL for letter in plain):
        return ()
    for cut in cuts:
        for lines in _breaks(plain):
            drawn = _drawn(lines, cut)
            if len(drawn) <= height and max(map(len, drawn)) <= width:
                return drawn
    return ()


def folded(text: str) -> str:
    """Fold a text to capitals without accents, as block letters have them."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).upper().split())


def _breaks(text: str) -> Iterator[tuple[str, ...]]:
    yield (text,)
    words = text.split(" ")
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    yield from sorted(cuts, key=lambda pair: max(map(len, pair)))[:1]


def _drawn(lines: tuple[str, ...], cut: Cut) -> tuple[str, ...]:
    blocks = [_block(line, cut) for line in lines]
    width = max(len(block[0]) for block in blocks)
    found: list[str] = []
    for block in blocks:
        indent = " " * ((width - len(block[0])) // 2)
        found += [*([""] if found else []), *(indent + row for row in block)]
    return tuple(found)


def _block(line: str, cut: Cut) -> tuple[str, ...]:
    return cut.draw(["0".join(cut.font[letter][row] for letter in line) for row in range(len(cut.font["A"]))])


def wrapped(text: str, width: int, height: int) -> tuple[str, ...]:
    """Break a text into at most `height` lines of at most `width` cells, with an ellipsis for what is left out."""
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    shown = [clipped(line, width) for line in lines[:height]]
    if len(lines) > height and shown:
        shown[-1] = clipped(shown[-1], width - 1).rstrip("… ") + "…"
    return tuple(shown)


def clipped(text: str, width: int) -> str:
    """Cut a text to a width in cells, with an ellipsis where something is gone."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" if width > 0 else ""
