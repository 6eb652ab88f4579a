"""How the exchange with the central server is, for people."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.sqlite.readers import Readers


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Connected or not, since when, and why not.

    `todo` is empty where nobody has to do anything; `clock_offset` says how far the line's clock is ahead of the
    server's; `rival` names the host of another daemon that holds this line on the server; `held_back_s` is how long the
    oldest news has waited there for a transaction still open.
    """

    connected: bool
    since: datetime
    trouble: str = ""
    todo: str = ""
    clock_offset: timedelta | None = None
    rival: str = ""
    held_back_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to go up, the time of the oldest, and how many changes are parked."""

    waiting: int
    oldest: datetime | None
    parked: int


async def backlog_of(readers: Readers) -> Backlog:
    """Read what waits in a line's store."""
    (waiting, oldest), parked = await readers.read(lambda view: (view.ledger.waiting(), view.ledger.parked()))
    return Backlog(waiting, oldest, sum(one.discarded_at is None for one in parked))
