"""The coloured half of the screen: what was said last, in letters as large as there is room for."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from daemon.screen.lettering import MODEST_CUTS, block_letters, wrapped
from daemon.screen.palette import BANNER, line
from daemon.screen.view import StationView

_MARGIN = 2

Group = tuple[str, ...]
"""Rows that are centred as one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the banner says."""

    colour: str
    headline: str
    detail: str
    todo: str


def said(view: StationView) -> Said:
    """Choose what the banner says: a store that refuses comes first, then a warning, then the last words."""
    if view.storage.state == "refusing":
        return Said("red", "Not saved", view.storage.reason, view.storage.todo or "Call a supervisor.")
    if view.warning:
        before = " · ".join(part for part in (view.headline, view.detail) if part and part != view.warning)
        return Said("red", "Read this", f"{view.warning}  [{before}]" if before else view.warning, view.todo)
    if not view.headline:
        what, todo = ("Ready", "Scan a panel.") if view.operator else ("Scan badge", "")
        return Said(view.colour, what, view.detail, view.todo or todo)
    return Said(view.colour, view.headline, view.detail, view.todo)


def banner_lines(what: Said, width: int, height: int) -> list[Text]:
    """Draw the banner in exactly `height` lines."""
    ground = BANNER.get(what.colour, BANNER["white"])
    room = width - 2 * _MARGIN
    margin = 2 if height >= 9 else 1 if height >= 7 else 0
    detail = wrapped(what.detail, room, max(1, height // 3))
    todo = wrapped(f"► {what.todo}", room, 2 if height >= 9 else 1) if what.todo else ()
    spare = height - margin - len(detail) - len(todo)
    head = next(filter(None, (block_letters(what.headline, room, rows) for rows in (spare, spare + margin))), ())
    title = (head,) if head else _single(wrapped(what.headline, room, max(1, min(2, spare))))
    spare -= sum(map(len, title))
    large = block_letters(what.todo, room, spare + len(todo) - 2, MODEST_CUTS)
    spare += len(todo) - len(large) if large else 0
    groups = (*title, *_single(detail), *((large,) if large else _single(todo)))
    return _stacked(_apart(groups, spare), width, height, ground)


def _single(rows: Group) -> tuple[Group, ...]:
    return tuple((row,) for row in rows)


def _apart(groups: Iterable[Group], spare: int) -> list[Group]:
    found: list[Group] = []
    for group in groups:
        if found and spare > 0 and max(len(found[-1]), len(group)) > 2:
            found.append(("",))
            spare -= 1
        found.append(group)
    return found


def _stacked(groups: list[Group], width: int, height: int, ground: str) -> list[Text]:
    texts = [" " * indent + row for group in groups for indent in (_indent(group, width),) for row in group]
    above = max(0, (height - len(texts)) // 2)
    rows = [""] * above + texts + [""] * height
    return [line(width, (row, ground), ground=ground) for row in rows[:height]]


def _indent(group: Group, width: int) -> int:
    return max(_MARGIN, (width - max(map(cell_len, group))) // 2)
