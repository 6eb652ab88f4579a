"""Answers for people and for programs: words, tables, or JSON."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from daemon.cli.where import To

Row = Mapping[str, Any]

_PIPE_WIDTH = 160


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
        return text(self.key(row) if callable(self.key) else row.get(self.key))


def text(value: object) -> str:
    """Write a value for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else printable(str(value))


def printable(words: str) -> str:
    """Blank what is no letter: a barcode may hold an escape sequence, and no text of ours moves the cursor."""
    return "".join(one if one.isprintable() else " " for one in words)


def when(value: object, form: str = "%Y-%m-%d %H:%M") -> str:
    """Write a moment in local time; what is no moment stays as it is."""
    try:
        return datetime.fromisoformat(str(value)).astimezone().strftime(form) if value else ""
    except ValueError:
        return str(value)


def at(key: str) -> Callable[[Row], str]:
    """Give a cell function for a moment; of today only the time."""

    def cell(row: Row) -> str:
        day, _, time = when(row.get(key)).partition(" ")
        return time if day == f"{datetime.now().astimezone():%Y-%m-%d}" else f"{day} {time}".strip()

    return cell


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


def more(to: "To", sentence: str) -> None:
    """Tell a person, beside the answer, that there is more."""
    if not to.json:
        sys.stderr.write(f"{sentence}\n")


def said(to: "To", result: object, sentence: str) -> None:
    """Print a result of which people need one sentence."""
    print(json.dumps(result, ensure_ascii=False, indent=2) if to.json else printable(sentence), flush=True)
