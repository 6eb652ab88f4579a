"""Scans typed by a person."""

from daemon.cli.asking import ask
from daemon.cli.showing import said
from daemon.cli.where import HERE, To


def scan(station: int, text: str, *, to: To = HERE) -> None:
    """Type a scan for a station whose scanner is dead: a serial, or the text under a code of the command sheet."""
    result = ask(to, "scan.send", station=station, text=text)
    words = [str(result[key]) for key in ("headline", "detail", "todo") if isinstance(result, dict) and result.get(key)]
    said(to, result, " · ".join(words) or f"Station {station} took {text}: look at its screen.")
