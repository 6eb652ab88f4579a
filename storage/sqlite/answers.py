"""What a view tells that is not one record."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from storage.records import (
    CriterionResult,
    FlashRuling,
    Hold,
    HoldRelease,
    Override,
    PalletPanel,
    PalletRemoval,
    Panel,
    PanelStatus,
    Record,
    ScanOutcome,
    StationResult,
    Verdict,
)
from storage.sqlite.clock import ClockState
from storage.sqlite.tables import OF_KIND, Row

_store_id = lru_cache(64)(UUID)
_clock_state = lru_cache(8)(ClockState)
"""Few values, read a hundred thousand times while a backlog goes up."""


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


def change_of(row: Row) -> Change:
    """Make a change of its row. Raises ValueError where the row is none."""
    seq, store_id, uuid, kind, version, body, digest, wall, boot_id, monotonic_ns, hlc, state, received = row
    return Change(
        seq, _store_id(store_id), UUID(uuid), kind, version, body, digest, datetime.fromisoformat(wall), boot_id,
        monotonic_ns, hlc, _clock_state(state), bool(received),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened to one panel, each kind oldest first."""

    panel: Panel
    outcomes: tuple[ScanOutcome, ...]
    results: tuple[StationResult, ...]
    criteria: tuple[CriterionResult, ...]
    rulings: tuple[FlashRuling, ...]
    holds: tuple[Hold, ...]
    releases: tuple[HoldRelease, ...]
    overrides: tuple[Override, ...]
    placements: tuple[PalletPanel, ...]
    removals: tuple[PalletRemoval, ...]


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
