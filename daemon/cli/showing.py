"""Answers for people and for programs: tables that stay readable on a narrow terminal, or JSON."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from daemon.cli.where import To

Row = Mapping[str, Any]

STYLES: Mapping[str, str] = {
    "PASS": "green", "B": "yellow", "FAIL": "red", "VOID": "dim", "ERROR": "yellow", "N_A": "dim",
    "active": "green", "completed": "cyan", "cancelled": "dim", "in_production": "green", "in_progress": "green",
    "rework": "yellow", "failed": "red", "online": "green", "silent": "yellow", "searching": "red", "waiting": "red",
    "opening": "yellow", "stopped": "dim", "ok": "green", "low": "yellow", "refusing": "red", "white": "default",
    "amber": "yellow", "red": "red", "green": "green",
}  # fmt: skip
_PIPE_WIDTH = 160
_FLEX_LEAST = 24


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, and the key or function that gives its cell. A `flex` column may wrap."""

    title: str
    key: str | Callable[[Row], object]
    right: bool = False
    flex: bool = False
    styled: bool = False

    def cell(self, row: Row) -> str:
        """The text of a row in this column; empty for null."""
        value = self.key(row) if callable(self.key) else row.get(self.key)
        return text(value)


def text(value: object) -> str:
    """Write a value for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def when(value: object, *, seconds: bool = False) -> str:
    """Write a moment in local time; what is no moment stays as it is."""
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return str(value)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M") if moment else ""


def at(key: str) -> Callable[[Row], str]:
    """Give a cell function for a moment."""
    return lambda row: when(row.get(key))


def console() -> "Console":
    """Give the console for stdout; wide when the output goes to a file or a pipe."""
    from rich.console import Console  # noqa: PLC0415 -- costs a tenth of a second, not needed for JSON

    wide = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH
    return Console(width=wide, highlight=False, soft_wrap=False)


def answer(to: "To", result: object, human: Callable[[], "RenderableType"]) -> None:
    """Print a result: as JSON when asked for, else as `human` draws it."""
    if to.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        console().print(human())


def said(to: "To", result: object, sentence: str) -> None:
    """Print a result of which people need one sentence."""
    print(json.dumps(result, ensure_ascii=False, indent=2) if to.json else sentence)


def table(rows: Sequence[Row], columns: Sequence[Column], none: str = "None.") -> "RenderableType":
    """Draw rows as a table, or one below the other where the terminal is too narrow; `none` when there are none."""
    if not rows:
        return none
    cells = [[column.cell(row) for column in columns] for row in rows]
    used = [n for n in range(len(columns)) if any(row[n] for row in cells)]
    columns, cells = [columns[n] for n in used], [[row[n] for n in used] for row in cells]
    return _cards(cells, columns) if _needed(cells, columns) > console().width else _grid(cells, columns)


def _needed(cells: Sequence[Sequence[str]], columns: Sequence[Column]) -> int:
    widths = [max(len(column.title), *(len(row[n]) for row in cells)) for n, column in enumerate(columns)]
    least = (min(width, _FLEX_LEAST) if column.flex else width for width, column in zip(widths, columns, strict=True))
    return sum(least) + 2 * len(columns)


def _grid(cells: Sequence[Sequence[str]], columns: Sequence[Column]) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415 -- as above

    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        side: Literal["left", "right"] = "right" if column.right else "left"
        grid.add_column(column.title, justify=side, overflow="fold", no_wrap=not column.flex)
    for row in cells:
        grid.add_row(*(_styled(cell, column) for cell, column in zip(row, columns, strict=True)))
    return grid


def _cards(cells: Sequence[Sequence[str]], columns: Sequence[Column]) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- as above

    return Group(*(_facts(row, columns) for row in cells))


def _facts(row: Sequence[str], columns: Sequence[Column]) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415 -- as above

    card = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    card.add_column(style="dim", no_wrap=True)
    card.add_column(overflow="fold")
    for cell, column in zip(row, columns, strict=True):
        if cell:
            card.add_row(column.title, _styled(cell, column))
    card.add_row("", "")
    return card


def _styled(cell: str, column: Column) -> "RenderableType":
    from rich.text import Text  # noqa: PLC0415 -- as above

    return Text(cell, style=STYLES.get(cell, "") if column.styled else "")


def facts(pairs: Sequence[tuple[str, object]]) -> "RenderableType":
    """Draw named facts one below the other, leaving out what is empty."""
    columns = [Column(name, name, flex=True, styled=True) for name, _ in pairs]
    return _facts([text(value) for _, value in pairs], columns)
