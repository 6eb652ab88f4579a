"""A change: one record as it was written, by which store and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from storage.changes.clock import ClockState
from storage.changes.forms import OF_KIND
from storage.records import Record

NOBODY: Final = UUID(int=0)
"""The maker of defaults; a stamp of it loses against every other."""


class Change(NamedTuple):
    """One row of the change log. `received`: it came down from the central server, with the stamps of its maker."""

    seq: int
    store_id: UUID
    uuid: UUID
    kind: str
    schema_version: int
    body: bytes
    digest: int
    wall: datetime
    boot_id: str
    monotonic_ns: int
    hlc: int
    clock_state: ClockState
    received: bool = False

    def record(self) -> Record:
        """Make the record again, as it was written."""
        record: Record = OF_KIND[self.kind].from_body(self.body)
        return record


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which version this is: the store that made it and its hybrid logical time there."""

    hlc: int
    store_id: UUID


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record as it came down from the central server, under the stamp of its maker."""

    kind: str
    body: bytes
    stamp: Stamp
    clock_state: str
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class FeedPosition:
    """A place in the server's feed: a transaction, and the entry within it. Means nothing under another epoch."""

    xid: int
    seq: int
