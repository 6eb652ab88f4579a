"""What a comparison adds up to: panels, stations, days, and a sentence that claims no more than was compared. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from daemon.shadow.compare import Compared, Comparison
from daemon.shadow.differing import Difference
from daemon.shadow.sides import Sides
from stations.rules.routing import STATIONS


class Right(StrEnum):
    """Which side was right where they differed."""

    LINE = "line"
    PAPER = "paper"
    BOTH = "both"  # nothing was wrong: they say the same in other words
    NEITHER = "neither"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Explained:
    """What a supervisor found a difference to come from."""

    right: Right
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """Plant days, both ends included; None: from the beginning, to the end. A panel belongs to the day it began."""

    first: date | None = None
    last: date | None = None

    def has(self, day: date) -> bool:
        """Tell whether a day is inside."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class StationSum:
    """The verdicts of a station that either side has, and on how many both agree."""

    station: int
    verdicts: int
    agreeing: int

    @property
    def share(self) -> float | None:
        """How many agree, in percent; None where there was nothing to agree on."""
        return 100 * self.agreeing / self.verdicts if self.verdicts else None


@dataclass(frozen=True, slots=True)
class DaySum:
    """A plant day: its panels on the line, how many of them have paper, and how many differences are open."""

    day: date
    panels: int
    with_paper: int
    agreeing: int
    open: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a supervisor needs to decide. `differences` stand with what explains each; None: it is open.

    `agreeing` panels have no difference, `explained` ones none that is open, `open` ones have. `without_paper` are
    panels of the line that no paper came in for, `later` verdicts of compared panels that are younger than their last
    paper: those were not compared. `unread` rows of paper could not be read.
    """

    differences: tuple[tuple[Difference, Explained | None], ...]
    compared: int
    agreeing: int
    explained: int
    without_paper: tuple[str, ...]
    later: int
    unknown: int
    unread: int
    stations: tuple[StationSum, ...]
    days: tuple[DaySum, ...]

    @property
    def open(self) -> int:
        """How many compared panels have an open difference."""
        return self.compared - self.agreeing - self.explained

    @property
    def open_differences(self) -> int:
        """How many differences nobody explained."""
        return sum(why is None for _, why in self.differences)

    @property
    def right(self) -> Mapping[Right, int]:
        """How often which side was right, of the explained differences."""
        return Counter(why.right for _, why in self.differences if why is not None)

    @property
    def good_days(self) -> tuple[DaySum, ...]:
        """The last days in a row on which something was compared and nothing is open, newest first."""
        found: list[DaySum] = []
        for day in reversed([one for one in self.days if one.with_paper or one.open]):
            if day.open:
                break
            found.append(day)
        return tuple(found)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return _sentence(self)


def report(
    sides: Sides, found: Comparison, explained: Mapping[str, Explained], period: Period, unread: int = 0
) -> Report:
    """Add up what was compared within a period."""
    inside = {serial: one for serial, one in found.panels.items() if period.has(sides.day_of(one.panel.began))}
    differences = tuple((one, explained.get(one.id)) for one in found.differences if period.has(one.day))
    own = [(one, why) for one, why in differences if one.serial in inside]
    differing = {one.serial for one, _ in own}
    opened = {one.serial for one, why in own if why is None}
    began = {serial: sides.day_of(panel.began) for serial, panel in sides.line.items()}
    return Report(
        differences=differences,
        compared=len(inside),
        agreeing=len(inside) - len(differing),
        explained=len(differing) - len(opened),
        without_paper=tuple(sorted(one for one in sides.line if one not in found.panels and period.has(began[one]))),
        later=sum(one.later for one in inside.values()),
        unknown=len({one.serial for one, _ in differences} - sides.line.keys()),
        unread=unread,
        stations=_stations(inside.values()),
        days=_days({serial: day for serial, day in began.items() if period.has(day)}, inside, differences),
    )


def _stations(panels: Iterable[Compared]) -> tuple[StationSum, ...]:
    verdicts, agreeing = Counter[int](), Counter[int]()
    for one in panels:
        verdicts.update(one.verdicts)
        agreeing.update(one.agreeing)
    return tuple(StationSum(station, verdicts[station], agreeing[station]) for station in STATIONS)


def _days(
    began: Mapping[str, date],
    panels: Mapping[str, Compared],
    differences: Sequence[tuple[Difference, Explained | None]],
) -> tuple[DaySum, ...]:
    on_line = Counter(began.values())
    with_paper = Counter(began[serial] for serial in panels)
    differing = Counter(began[serial] for serial in {one.serial for one, _ in differences} & panels.keys())
    opened = Counter(one.day for one, why in differences if why is None)
    return tuple(
        DaySum(day, on_line[day], with_paper[day], with_paper[day] - differing[day], opened[day])
        for day in sorted({*on_line, *opened})
    )


_NOTHING: Final = "Nothing was compared: no paper came in for any panel of the line."


def _sentence(of: Report) -> str:
    head = f"{of.agreeing} of {_count(of.compared, 'panel')} agree in everything" if of.compared else _NOTHING[:-1]
    bare = len(of.without_paper)
    rest = [
        (of.explained, f"{of.explained} {_differ(of.explained)} and {_is(of.explained)} explained"),
        (of.open, f"{of.open} {_is(of.open)} open"),
        (of.later, f"{_count(of.later, 'verdict')} younger than the paper {_was(of.later)} not compared"),
        (bare, f"{_count(bare, 'panel')} of the line {_has(bare)} no paper"),
        (of.unknown, f"{_count(of.unknown, 'serial')} on paper {_is(of.unknown)} not on the line"),
        (of.unread, f"{_count(of.unread, 'row')} of paper could not be read"),
    ]
    return "; ".join((head, *(words for count, words in rest if count))) + "."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _differ(number: int) -> str:
    return "differs" if number == 1 else "differ"
