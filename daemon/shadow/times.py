"""When a verdict was given, by both sides: hours apart or not, and whether a clock is off."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from daemon.shadow.causes import Clues
from daemon.shadow.paper import PaperVerdict
from daemon.shadow.sides import LineVerdict, Sides

HOURS_APART: Final = timedelta(hours=2)
"""Less is not looked at: paper is often written a while later."""

_ALIKE: Final = timedelta(minutes=20)
_HALF_DAY: Final = timedelta(hours=12)
_LEAST_ROWS: Final = 3
_MOST: Final = 0.75


def gap(line: LineVerdict, paper: PaperVerdict) -> timedelta | None:
    """Say how far the paper's time is ahead; None where it gives none."""
    return paper.at - line.at if paper.at is not None else None


def far_apart(line: LineVerdict, paper: PaperVerdict, sides: Sides) -> bool:
    """Tell whether the times are hours apart; where the paper gives a day alone, whether it is another one."""
    ahead = gap(line, paper)
    if ahead is not None:
        return abs(ahead) > HOURS_APART
    around = {sides.day_of(line.at + shift) for shift in (-HOURS_APART, HOURS_APART)}
    return paper.day is not None and paper.day not in around


def usual_gap(gaps: Iterable[timedelta]) -> timedelta | None:
    """Give the gap that most of a sheet's rows have about alike, where it is hours: its clock is off by that."""
    ordered = sorted(gaps)
    if len(ordered) < _LEAST_ROWS:
        return None
    middle = ordered[len(ordered) // 2]
    near = sum(abs(one - middle) <= _ALIKE for one in ordered)
    return middle if abs(middle) > HOURS_APART and near >= _MOST * len(ordered) else None


def clues(ahead: timedelta | None, usual: timedelta | None) -> Clues:
    """Say what is known of times that are far apart."""
    return Clues(
        clock_off=ahead is not None and usual is not None and abs(ahead - usual) <= _ALIKE,
        half_a_day=ahead is not None and abs(abs(ahead) - _HALF_DAY) <= HOURS_APART / 4,
    )


def moment(line: LineVerdict, sides: Sides, *, day_only: bool) -> str:
    """Write the line's time by the plant's clock."""
    return f"{line.at.astimezone(sides.zone):{'%Y-%m-%d' if day_only else '%Y-%m-%d %H:%M'}}"
