"""Colours and full-width lines."""

from collections.abc import Mapping

from rich.cells import cell_len
from rich.text import Text

from daemon.screen.lettering import clipped

BANNER: Mapping[str, str] = {
    "white": "bold #11161d on #e6eaef",
    "green": "bold #ffffff on #0b7d34",
    "amber": "bold #11161d on #f5ab00",
    "red": "bold #ffffff on #c4211a",
}
"""What the banner looks like in each colour of a station."""

GROUND = "#dfe4ea on #11161d"
QUIET = "#8b95a3 on #11161d"
STRONG = "bold #ffffff on #11161d"
GOOD = "bold #4cc97a on #11161d"
BAD = "bold #ff7a70 on #11161d"
DOUBT = "bold #ffc94d on #11161d"
HEAD = "bold #ffffff on #2b3644"
ALERT = "bold #11161d on #f5ab00"
ALARM = BANNER["red"]
SHADOW = "bold #ffffff on #6a2c91"

Piece = tuple[str, str]


def line(width: int, *pieces: Piece, ground: str = GROUND, right: tuple[Piece, ...] = ()) -> Text:
    """Make a line exactly `width` cells wide: `pieces` from the left, `right` at the right while there is room."""
    left_cells = sum(cell_len(text) for text, _ in pieces)
    right_cells = sum(cell_len(text) for text, _ in right)
    if left_cells + right_cells + 1 > width:
        right, right_cells = (), 0
    found = Text(style=ground, no_wrap=True, end="")
    room = width - right_cells
    for text, style in pieces:
        shown = clipped(text, room)
        found.append(shown, style)
        room -= cell_len(shown)
    found.append(" " * room, ground)
    for text, style in right:
        found.append(text, style)
    return found


def blank(width: int, ground: str = GROUND) -> Text:
    """Make an empty line."""
    return line(width, ground=ground)
