"""Which rows an export holds."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class PlantDates:
    """Days as the plant's calendar counts them, both ends inside."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Give the moments in UTC at which the first day begins and the day after the last one begins."""
        begin = datetime.combine(self.first, time(), zone)
        end = datetime.combine(self.last + timedelta(days=1), time(), zone)
        return begin.astimezone(UTC), end.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The rows of one export: recorded from `since` until before `until`, and within a stretch of the change log.

    A result is in when it was recorded in that time; a panel when it or one of its results is in; an order when it
    was created in that time or one of its panels is in; a pallet when it was begun or closed in that time or carries a
    panel that is in. `after_seq` and `upto_seq` bound the line's change log where the export adds to an earlier one;
    None: all of it, and the central server's exports always. What a row says is what it says when it is read.
    """

    since: datetime
    until: datetime
    after_seq: int = 0
    upto_seq: int | None = None
