"""What one decision writes, and what panels add up to."""

from dataclasses import dataclass

from storage.records.facts import Fact
from storage.records.things import Editable

Record = Fact | Editable


@dataclass(frozen=True, slots=True)
class StateRow:
    """The workflow state of one station, as JSON; local to the line, committed with the facts it led to."""

    station_number: int
    body: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything one decision writes, in order, in one transaction."""

    records: tuple[Record, ...] = ()
    states: tuple[StateRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """What the panels of an order add up to."""

    joined: int
    completed: int
    scrapped: int
