"""Pieces of lists: the rows, who answered, and what to go on with."""

from collections.abc import Sequence
from datetime import datetime

from daemon.cli.asking import ask, given
from daemon.cli.showing import Column, Row, answer, more, when
from daemon.cli.tables import table
from daemon.cli.where import To


def show_piece(to: To, op: str, columns: Sequence[Column], none: str, **args: object) -> None:
    """Ask for a piece of a list and show it; beside it, for people, who answered and how to go on."""
    found = ask(to, op, **given(**args))
    rows: Sequence[Row] = found["rows"]
    answer(to, found, lambda: table(rows, columns, none))
    for sentence in (who(found), _how_to_go_on(found)):
        if sentence:
            more(to, sentence)


def moment(given_at: datetime | None) -> str | None:
    """Write a moment a person gave, by the plant's clock, with its zone."""
    return given_at.astimezone().isoformat() if given_at is not None else None


def who(found: Row) -> str:
    """Say who answered; nothing where only the line was to be asked."""
    if found.get("source") == "central":
        return "From the central server."
    since = found.get("away_since")
    return f"From this line; the central server is away since {when(since)}." if since else ""


def _how_to_go_on(found: Row) -> str:
    place = found.get("next")
    return f"Only the first {len(found['rows'])}; go on with --after {place}" if place else ""
