"""Paper typed at the desk: a serial, then what the paper says of each station, in a line each."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from daemon.shadow.reading import COLUMNS
from stations.rules.routing import STATIONS

_VALUES: Final = 5
_NUMBER: Final = re.compile(r"[0-9]+([.,][0-9]+)?")
_HOW: Final = "P, F note or B note; several with ; between; station 4 also Pmax Voc Isc Vmp Imp; Enter: nothing"


@dataclass(frozen=True, slots=True)
class Typed:
    """The paper of one panel as a file."""

    serial: str
    raw: bytes


def typed_panels(asked: Callable[[str], str]) -> Iterator[Typed]:
    """Ask for panels until an empty serial; one without a verdict is left out."""
    first = True
    while serial := asked(f"Serial (at each station: {_HOW}): " if first else "Serial: ").strip():
        first = False
        rows = [
            (serial, str(station), *_cells(verdict.strip()))
            for station, name in STATIONS.items()
            for verdict in asked(f"  {station} {name}: ").split(";")
            if verdict.strip()
        ]
        if rows:
            yield Typed(serial, _file(rows))


def _cells(verdict: str) -> tuple[str, ...]:
    """Take a verdict apart: `P 315.2 37.5 8.87 31.4 8.12` or `F cracked cell` as result, note and values."""
    result, *words = verdict.split()
    if len(words) == _VALUES and all(map(_NUMBER.fullmatch, words)):
        return (result, "", *words)
    return (result, " ".join(words), *[""] * _VALUES)


def _file(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS[:4], *COLUMNS[6:11]])
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
