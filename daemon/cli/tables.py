"""Tables that stay readable on any terminal: a grid, a grid with long texts below each row, or cards."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from daemon.cli.showing import Column, Row, console, text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

STYLES: Mapping[str, str] = {
    "PASS": "green", "B": "yellow", "FAIL": "red", "VOID": "dim", "ERROR": "yellow", "N_A": "dim",
    "active": "green", "completed": "cyan", "cancelled": "dim", "in_production": "green", "in_progress": "green",
    "open": "green", "closed": "cyan", "rework": "yellow", "failed": "red", "online": "green", "silent": "yellow",
    "searching": "red", "waiting": "red", "opening": "yellow", "stopped": "dim", "ok": "green", "low": "yellow",
    "refusing": "red", "white": "default", "amber": "yellow", "red": "red", "green": "green",
    "unplugged": "red", "moved": "red", "wrong chip": "red", "same chip twice": "red", "no permission": "red",
    "busy": "red", "garbled": "red", "failing": "red", "not asked": "yellow",
}  # fmt: skip
_FLEX_LEAST = 24
_INDENT = "    "

Cells = Sequence[Sequence[str]]


def table(rows: Sequence[Row], columns: Sequence[Column], none: str = "None.") -> "RenderableType":
    """Draw rows in the widest form that fits the terminal; `none` when there are none. Empty columns are left out."""
    cells = [[column.cell(row) for column in columns] for row in rows]
    used = [n for n in range(len(columns)) if any(row[n] for row in cells)]
    columns, cells = [columns[n] for n in used], [[row[n] for n in used] for row in cells]
    if not rows or not columns:
        return none
    room, widths = console().width, _widths(cells, columns)
    fixed = [width for width, column in zip(widths, columns, strict=True) if not column.flex]
    flexible = [min(width, _FLEX_LEAST) for width, column in zip(widths, columns, strict=True) if column.flex]
    if sum(fixed) + sum(flexible) + 2 * len(columns) <= room:
        return _grid(cells, columns)
    if fixed and sum(fixed) + 2 * len(fixed) <= room:
        return _grid_with_notes(cells, columns, widths, room)
    return _cards(cells, columns)


def facts(pairs: Sequence[tuple[str, object]]) -> "RenderableType":
    """Draw named facts one below the other, leaving out what is empty."""
    return _card([text(value) for _, value in pairs], [Column(name, name, styled=True) for name, _ in pairs])


def _widths(cells: Cells, columns: Sequence[Column]) -> list[int]:
    from rich.cells import cell_len  # noqa: PLC0415 -- rich is loaded only where people look

    return [max(len(column.title), *(cell_len(row[n]) for row in cells)) for n, column in enumerate(columns)]


def _grid(cells: Cells, columns: Sequence[Column]) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415 -- as above

    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        side: Literal["left", "right"] = "right" if column.right else "left"
        grid.add_column(column.title, justify=side, overflow="fold", no_wrap=not column.flex)
    for row in cells:
        grid.add_row(*(_styled(cell, column) for cell, column in zip(row, columns, strict=True)))
    return grid


def _grid_with_notes(cells: Cells, columns: Sequence[Column], widths: Sequence[int], room: int) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    short = [n for n, column in enumerate(columns) if not column.flex]
    long = [n for n, column in enumerate(columns) if column.flex]
    heading = [_padded(Text(columns[n].title, style="dim"), columns[n], widths[n]) for n in short]
    lines = [Text("  ").join(heading)]
    for row in cells:
        line = [_padded(_styled(row[n], columns[n]), columns[n], widths[n]) for n in short]
        lines.append(Text("  ").join(line))
        for n in long:
            below = textwrap.wrap(f"{columns[n].title}: {row[n]}" if row[n] else "", room - len(_INDENT))
            lines += [Text(_INDENT + part, style="dim") for part in below]
    return Group(*lines)


def _padded(cell: "Text", column: Column, width: int) -> "Text":
    spare = width - cell.cell_len
    if column.right:
        cell.pad_left(spare)
    else:
        cell.pad_right(spare)
    return cell


def _cards(cells: Cells, columns: Sequence[Column]) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- as above

    parts = [part for row in cells for part in (_card(row, columns), "")]
    return Group(*parts[:-1])


def _card(row: Sequence[str], columns: Sequence[Column]) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415 -- as above

    card = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    card.add_column(style="dim", overflow="fold", max_width=max(8, console().width // 3))
    card.add_column(overflow="fold")
    for cell, column in zip(row, columns, strict=True):
        if cell:
            card.add_row(column.title, _styled(cell, column))
    return card


def _styled(cell: str, column: Column) -> "Text":
    from rich.text import Text  # noqa: PLC0415 -- as above

    return Text(status_word(cell), style=STYLES[cell]) if column.styled and cell in STYLES else Text(cell)


def status_word(status: str) -> str:
    """Give a stored status in the words of the screens; programs read it as it is stored."""
    return "scrap" if status == "failed" else status.replace("_", " ")
