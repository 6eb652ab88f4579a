"""Scans typed by a person."""

from typing import Annotated

from cyclopts import Parameter

from daemon.cli.asking import ask
from daemon.cli.exits import Exit
from daemon.cli.parameters import Station
from daemon.cli.showing import said
from daemon.cli.where import HERE, To


def scan(
    station: Station, text: Annotated[str, Parameter(help="What the scanner would read.")], *, to: To = HERE
) -> int:
    """Type a scan for a station whose scanner is dead: a serial, or the text under a code of the command sheet."""
    result = ask(to, "scan.send", station=station, text=text)
    view = result.get("view") or {}
    words = dict.fromkeys(str(view[key]) for key in ("warning", "headline", "detail", "todo", "aside") if view.get(key))
    said(to, result, " · ".join(words) or f"Station {station} took {text}.")
    return Exit.REFUSED if result.get("answer") == "bad" else Exit.OK
