"""Editable things: a natural key and a current version; every version stays in the change log."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from storage.records.sticks import Stick
from storage.records.words import OrderStatus, PalletStatus, PanelStatus, Role


def thing_uuid(site: str, kind: str, key: str) -> UUID:
    """Name a thing with a natural key: the same site, kind and key give the same UUIDv5 everywhere."""
    return uuid5(NAMESPACE_URL, f"sunline:{site}:{kind}:{key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A manufacturing order (MO). Room and remaining are computed from panels, never stored."""

    KIND: ClassVar[str] = "order"
    uuid: UUID
    mo_number: str
    panel_type: str
    line_number: int
    quantity: int
    status: OrderStatus = OrderStatus.ACTIVE
    watt_class_w: int | None = None
    pmax_min_w: float | None = None
    pmax_max_w: float | None = None
    cells_in_series: int | None = None
    notes: str | None = None
    created_by: UUID | None = None
    created_at: datetime
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChoice:
    """The order a line works on for one panel type; None: the oldest with room."""

    KIND: ClassVar[str] = "order_choice"
    uuid: UUID
    line_number: int
    panel_type: str
    order_uuid: UUID | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel. With status REWORK, `current_station` is where it re-enters."""

    KIND: ClassVar[str] = "panel"
    uuid: UUID
    serial_number: str
    order_uuid: UUID
    mo_number: str
    panel_type: str
    frame_type: str
    backsheet_type: str
    year: int
    line_number: int
    status: PanelStatus = PanelStatus.IN_PRODUCTION
    current_station: int = 1
    electrical_pending: bool = False
    notes: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pallet:
    """A pallet of one order; its count comes from PalletPanel and PalletRemoval."""

    KIND: ClassVar[str] = "pallet"
    uuid: UUID
    pallet_number: str
    order_uuid: UUID
    status: PalletStatus = PalletStatus.IN_PROGRESS
    created_by: UUID | None = None
    created_at: datetime
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. `badge_hash` is SHA-256 (hex) of a random badge token; `os_user` maps a login of the line PC."""

    KIND: ClassVar[str] = "user"
    uuid: UUID
    username: str
    role: Role
    email: str | None = None
    password_hash: str | None = None
    badge_hash: str | None = None
    os_user: str | None = None
    station_assignment: int | None = None
    active: bool = True
    created_at: datetime
    last_login: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One rule of the factory (`system_config`)."""

    KIND: ClassVar[str] = "config"
    uuid: UUID
    config_key: str
    config_value: str
    description: str | None = None
    updated_at: datetime
    updated_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing a station looks at. `code` is stable; the name may be reworded."""

    KIND: ClassVar[str] = "criterion"
    uuid: UUID
    code: str
    station_number: int
    criterion_name: str
    criterion_type: str = "PASS_FAIL"
    line_specific: bool = False
    line_number: int | None = None
    order_index: int
    active: bool = True


Editable = Order | OrderChoice | Panel | Pallet | User | ConfigEntry | Criterion | Stick

EDITABLE: tuple[type[Editable], ...] = (Order, OrderChoice, Panel, Pallet, User, ConfigEntry, Criterion, Stick)
