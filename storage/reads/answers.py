"""What people are told: one shape, whoever answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from storage.reads.page import Mark
from storage.records import Order, OrderCounts, Pallet, Panel, PanelStatus, Verdict


class Noted(StrEnum):
    """What a note was written on."""

    PANEL = "panel"
    RESULT = "station_result"
    CRITERION = "criterion_result"


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note with what it is about. `uuid` and `created_at` are of the row that carries it.

    Of a note on the panel itself, station, verdict and operator are None; `criterion` is the name of one. `voided`:
    the verdict was taken back, or takes another one back.
    """

    uuid: UUID
    created_at: datetime
    noted: Noted
    notes: str
    panel_uuid: UUID
    serial_number: str
    mo_number: str
    status: PanelStatus
    station_number: int | None
    result: Verdict | None
    criterion: str | None
    operator: str | None
    voided: bool

    @property
    def mark(self) -> Mark:
        """Its place in a list."""
        return Mark(self.created_at, self.uuid)


@dataclass(frozen=True, slots=True)
class FoundResult:
    """A verdict with its panel. `voided` as above."""

    uuid: UUID
    created_at: datetime
    panel_uuid: UUID
    serial_number: str
    mo_number: str
    status: PanelStatus
    station_number: int
    result: Verdict
    attempt: int
    notes: str | None
    operator: str
    voided: bool

    @property
    def mark(self) -> Mark:
        """Its place in a list."""
        return Mark(self.created_at, self.uuid)


@dataclass(frozen=True, slots=True)
class FoundPanel:
    """A panel."""

    panel: Panel

    @property
    def mark(self) -> Mark:
        """Its place in a list."""
        return Mark(self.panel.created_at, self.panel.uuid)


@dataclass(frozen=True, slots=True)
class FailedPanel:
    """A panel that is scrap, and its last FAIL that was not taken back: None where a supervisor decided without."""

    panel: Panel
    verdict: FoundResult | None

    @property
    def mark(self) -> Mark:
        """Its place in a list."""
        return Mark(self.panel.created_at, self.panel.uuid)


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order with what its panels add up to."""

    order: Order
    counts: OrderCounts

    @property
    def mark(self) -> Mark:
        """Its place in a list."""
        return Mark(self.order.created_at, self.order.uuid)


@dataclass(frozen=True, slots=True)
class FoundPallet:
    """A pallet, the number of its order, and how many panels are on it."""

    pallet: Pallet
    mo_number: str
    count: int

    @property
    def mark(self) -> Mark:
        """Its place in a list."""
        return Mark(self.pallet.created_at, self.pallet.uuid)


Found = FoundNote | FoundResult | FoundPanel | FailedPanel | FoundOrder | FoundPallet


@dataclass(frozen=True, slots=True)
class PanelsAt:
    """How many of an order's panels stand with a status at a station."""

    status: PanelStatus
    station_number: int
    count: int


@dataclass(frozen=True, slots=True)
class OrderReport:
    """How far an order is: its panels by status and station, its pallets oldest first."""

    order: Order
    panels: tuple[PanelsAt, ...]
    pallets: tuple[FoundPallet, ...]

    @property
    def counts(self) -> OrderCounts:
        """All, completed and failed panels."""
        return OrderCounts(
            sum(one.count for one in self.panels),
            sum(one.count for one in self.panels if one.status is PanelStatus.COMPLETED),
            sum(one.count for one in self.panels if one.status is PanelStatus.FAILED),
        )
