"""What a view tells that is not one record."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from storage.changes import Change, ClockState
from storage.records import PanelStatus, Verdict
from storage.sqlite.tables import Row

_store_id = lru_cache(64)(UUID)
_clock_state = lru_cache(8)(ClockState)
"""Few values, read a hundred thousand times while a backlog goes up."""


def change_of(row: Row) -> Change:
    """Make a change of its row. Raises ValueError where the row is none."""
    seq, store_id, uuid, kind, version, body, digest, wall, boot_id, monotonic_ns, hlc, state, received = row
    return Change(
        seq, _store_id(store_id), UUID(uuid), kind, version, body, digest, datetime.fromisoformat(wall), boot_id,
        monotonic_ns, hlc, _clock_state(state), bool(received),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PanelCount:
    """How many panels stand with a status at a station."""

    status: PanelStatus
    station_number: int
    count: int


@dataclass(frozen=True, slots=True)
class ResultCount:
    """How often a station gave a verdict."""

    station_number: int
    result: Verdict
    count: int


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How often a plausibility rule spoke on a tester's flashes."""

    device: str
    rule: str
    severity: str
    count: int
