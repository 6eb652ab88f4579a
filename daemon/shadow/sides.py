"""The two sides that are held against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from daemon.shadow.paper import NO_VALUES, Five, PaperVerdict
from storage.records import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LineVerdict:
    """One verdict as the line has it; `taken_back`: it no longer counts."""

    station: int
    result: Verdict
    at: datetime
    values: Five = NO_VALUES
    operator: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePanel:
    """One panel as the line has it, its verdicts oldest first; `pallet` is empty while it lies on none."""

    serial: str
    order: str
    began: datetime
    pallet: str = ""
    verdicts: tuple[LineVerdict, ...] = ()

    def at_station(self, station: int) -> tuple[LineVerdict, ...]:
        """Give the verdicts of a station that count."""
        return tuple(one for one in self.verdicts if one.station == station and not one.taken_back)


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """What came in at one time: the verdicts of one file, or of one panel typed at the desk."""

    name: str
    came: datetime
    verdicts: tuple[PaperVerdict, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Everything the line has, by serial, and everything the paper has, in the order it came in."""

    line: Mapping[str, LinePanel]
    paper: Sequence[PaperSheet]
    zone: ZoneInfo

    def day_of(self, moment: datetime) -> date:
        """Give the plant's day."""
        return moment.astimezone(self.zone).date()
