"""Whose each row of the paper is: the panel it names, or the only one it can mean."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from daemon.shadow.causes import Cause, Clues, Kind, cause_of
from daemon.shadow.differing import NOTHING, Difference
from daemon.shadow.likeness import Like, alike
from daemon.shadow.paper import PaperVerdict
from daemon.shadow.sides import LinePanel, PaperSheet, Sides

_NEAR: Final = timedelta(hours=2)
_NAMED: Final = 3
_CAUSES: Final[Mapping[Like, Cause]] = {
    Like.LETTER: Cause.ONE_LETTER, Like.CUT: Cause.CUT_OFF, Like.GLUED: Cause.GLUED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the paper and the sheet it came in with."""

    verdict: PaperVerdict
    sheet: PaperSheet


@dataclass(frozen=True, slots=True)
class Attributed:
    """The rows of each panel of the line, and what is wrong with the serials of the paper."""

    rows: Mapping[str, tuple[Row, ...]]
    differences: tuple[Difference, ...]
    unknown: int


def attributed(sides: Sides) -> Attributed:
    """Give each panel its rows; a row that came in twice counts once.

    A serial the line does not know goes to a panel it is like, where that panel alone lacks these very verdicts.
    """
    written = defaultdict[str, list[Row]](list)
    for row in _distinct(sides.paper):
        written[row.verdict.serial].append(row)
    known = {serial: rows for serial, rows in written.items() if serial in sides.line}
    differences: list[Difference] = []
    unknown = 0
    for serial in sorted(written.keys() - known.keys()):
        rows = written[serial]
        near = alike(serial, sides.line)
        meant = _meant(rows, [(sides.line[one], known.get(one, [])) for one, _ in near])
        if meant is None:
            unknown += 1
            differences.append(_unknown(serial, rows, [one for one, _ in near], sides))
        else:
            known[meant.serial] = [*known.get(meant.serial, []), *rows]
            differences.append(_misspelt(serial, rows, meant, dict(near)[meant.serial], sides))
    return Attributed({serial: tuple(rows) for serial, rows in known.items()}, tuple(differences), unknown)


def _distinct(sheets: Sequence[PaperSheet]) -> Iterator[Row]:
    seen: set[str] = set()
    for sheet in sheets:
        for verdict in sheet.verdicts:
            if verdict.key not in seen:
                seen.add(verdict.key)
                yield Row(verdict, sheet)


def _meant(rows: Sequence[Row], candidates: Sequence[tuple[LinePanel, Sequence[Row]]]) -> LinePanel | None:
    fitting = [panel for panel, own in candidates if _lacks(panel, own, rows)]
    if len(fitting) > 1:
        fitting = [panel for panel in fitting if all(_is_near(panel, row.verdict) for row in rows)]
    return fitting[0] if len(fitting) == 1 else None


def _lacks(panel: LinePanel, own: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Tell whether the line has verdicts like all these rows that the paper of the panel does not have yet."""
    has = Counter((one.station, one.result) for one in panel.verdicts if not one.taken_back)
    has.subtract((row.verdict.station, row.verdict.result) for row in own)
    wanted = Counter((row.verdict.station, row.verdict.result) for row in rows)
    return all(has[what] >= count for what, count in wanted.items())


def _is_near(panel: LinePanel, verdict: PaperVerdict) -> bool:
    at = verdict.at
    return at is not None and any(abs(one.at - at) <= _NEAR for one in panel.at_station(verdict.station))


def _unknown(serial: str, rows: Sequence[Row], near: Sequence[str], sides: Sides) -> Difference:
    hints = tuple(near) if len(near) <= _NAMED else ()
    return Difference(
        kind=Kind.UNKNOWN_PANEL, cause=cause_of(Kind.UNKNOWN_PANEL, Clues(alike=hints)), serial=serial,
        day=day_of_rows(rows, sides), line=NOTHING, paper=_stations(rows), hint=" or ".join(hints),
        rows=tuple(row.verdict.key for row in rows),
    )  # fmt: skip


def _misspelt(serial: str, rows: Sequence[Row], meant: LinePanel, how: Like, sides: Sides) -> Difference:
    return Difference(
        kind=Kind.SERIAL, cause=_CAUSES[how], serial=meant.serial, day=sides.day_of(meant.began), line=meant.serial,
        paper=serial, rows=tuple(row.verdict.key for row in rows),
    )  # fmt: skip


def day_of_rows(rows: Sequence[Row], sides: Sides) -> date:
    """Give the first day the paper names, else the day it came in."""
    days = [row.verdict.day for row in rows if row.verdict.day is not None]
    came: datetime = min(row.sheet.came for row in rows)
    return min(days) if days else sides.day_of(came)


def _stations(rows: Sequence[Row]) -> str:
    return ", ".join(f"station {row.verdict.station} {row.verdict.result.value}" for row in rows)
