"""A shadow report as it stands in a terminal."""

from typing import TYPE_CHECKING, Final

from daemon.cli.showing import Column, Row
from daemon.cli.tables import facts, table
from daemon.shadow.words import by_cause, days_words, percent, totals, what
from stations.rules.routing import STATIONS

if TYPE_CHECKING:
    from rich.console import RenderableType


_STATIONS: Final = (
    Column("Station", lambda row: f"{row['station']} {STATIONS[row['station']]}"),
    Column("Verdicts", "verdicts", right=True),
    Column("Agree", "agreeing", right=True),
    Column("%", lambda row: percent(row["percent"]), right=True),
)
_DAYS: Final = (
    Column("Day", "day"),
    Column("Panels", "panels", right=True),
    Column("With paper", "with_paper", right=True),
    Column("Agree", "agreeing", right=True),
    Column("Open", "open", right=True),
)
_CAUSES: Final = (Column("Open", "count", right=True), Column("Cause", "cause"), Column("Likely", "words", flex=True))
_OPEN: Final = (
    Column("ID", "id"),
    Column("Serial", "serial"),
    Column("St", "station", right=True),
    Column("What differs, and why most likely", what, flex=True),
)
_EXPLAINED: Final = (
    Column("ID", "id"),
    Column("Serial", "serial"),
    Column("St", "station", right=True),
    Column("Right", lambda row: row["explained"]["right"]),
    Column("By", lambda row: row["explained"]["by"]),
    Column("Reason", lambda row: row["explained"]["reason"], flex=True),
)


def picture(found: Row, cause: str | None, most: int | None) -> "RenderableType":
    """Draw a report: what it adds up to, what is open, what was explained, and what may be said of it."""
    from rich.console import Group  # noqa: PLC0415 -- rich is loaded only where people look

    chosen = [one for one in found["differences"] if cause is None or one["cause"] == cause]
    open_ = [one for one in chosen if not one["explained"]]
    explained = [one for one in chosen if one["explained"]]
    blocks: list[RenderableType] = [f"[bold]{found['shadow']}[/bold]", "", facts(totals(found))]
    for heading, rows, columns in (
        ("Stations", [one for one in found["stations"] if one["verdicts"]], _STATIONS),
        ("Days", found["days"], _DAYS),
        ("Open differences by cause", by_cause(open_), _CAUSES),
        ("Open differences", open_[:most], _OPEN),
        ("Explained", explained[:most], _EXPLAINED),
    ):
        if rows:
            blocks += ["", f"[bold]{heading}[/bold]", table(rows, columns)]
    if most is not None and max(len(open_), len(explained)) > most:
        blocks += ["", f"Only {most} of each are listed: --all lists every one, --cause CAUSE those of one cause."]
    return Group(*blocks, "", f"[bold]{found['sentence']}[/bold]", *days_words(found))
