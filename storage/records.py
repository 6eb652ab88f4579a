"""What the factory remembers: plain frozen facts, one class a kind.

The vocabulary between workflow and durability. Two sorts:

* facts are append-only: a correction supersedes, a VOID voids, nothing is rewritten;
* editable things (`EDITABLE`) have a natural key and a current version: writing one again replaces it, and every
  version stays in the change log.

Times are UTC with time zone. Things with a natural key carry `thing_uuid(site, kind, key)`, so that two stores that
create the same thing offline agree; events carry a UUIDv7 born at the station.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5


def thing_uuid(site: str, kind: str, key: str) -> UUID:
    """Name a thing with a natural key: the same site, kind and key give the same UUIDv5 everywhere."""
    return uuid5(NAMESPACE_URL, f"sunline:{site}:{kind}:{key}")


class PanelStatus(StrEnum):
    """A panel's life."""

    IN_PRODUCTION = "in_production"
    REWORK = "rework"
    COMPLETED = "completed"
    FAILED = "failed"


class OrderStatus(StrEnum):
    """A manufacturing order's life."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PalletStatus(StrEnum):
    """A pallet's life."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Verdict(StrEnum):
    """What a station said of a panel. VOID supersedes an earlier row and says nothing of the panel."""

    PASS = "PASS"  # noqa: S105 -- a verdict, not a password
    FAIL = "FAIL"
    COSMETIC = "B"
    VOID = "VOID"


class Mark(StrEnum):
    """What was found for one criterion."""

    PASS = "PASS"  # noqa: S105 -- a mark, not a password
    FAIL = "FAIL"
    N_A = "N_A"


class Role(StrEnum):
    """What a user may do; each includes the ones before it."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Subject(StrEnum):
    """What a hold is put on."""

    PANEL = "panel"
    PALLET = "pallet"


class Disposition(StrEnum):
    """Where a flash went. The newest ruling of a flash counts."""

    ATTACHED = "attached"
    TRAY = "tray"
    DISCARDED = "discarded"
    REPEAT = "repeat"  # the same flash seen again
    REFERENCE = "reference"  # calibration, golden panel, set-up flash
    ERROR = "error"  # the tester failed, not the panel: flash again


@dataclass(frozen=True, slots=True, kw_only=True)
class RawScan:
    """A scan exactly as it arrived, stored before anything is decided on it."""

    KIND: ClassVar[str] = "raw_scan"
    uuid: UUID
    device: str
    station_number: int
    raw: bytes
    text: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """What a scan led to: `code` for machines, `message` as the operator read it."""

    KIND: ClassVar[str] = "scan_outcome"
    uuid: UUID
    scan_uuid: UUID
    station_number: int
    code: str
    message: str
    operator_uuid: UUID | None = None
    panel_uuid: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RawGarble:
    """A frame or row nobody could read, kept with its bytes and the reason."""

    KIND: ClassVar[str] = "raw_garble"
    uuid: UUID
    device: str
    raw: bytes
    reason: str
    origin: str = ""
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFlash:
    """A flash exactly as it arrived; no constraint refuses one.

    `flash_key` is the identity of the flash (digest of source, serial, tester date and time text, five values):
    a row with a key already stored is a repeat. `serial_number` is the normalised serial, None when there is none.
    """

    KIND: ClassVar[str] = "raw_flash"
    uuid: UUID
    flash_key: str
    values_key: str
    device: str
    source: str
    flash_kind: str
    origin: str
    serial_text: str | None
    serial_number: str | None
    date_text: str | None
    time_text: str | None
    pmax_w: float | None
    voc_v: float | None
    isc_a: float | None
    vmp_v: float | None
    imp_a: float | None
    significant_digits: int
    irradiance_w_m2: float | None
    temperature_c: float | None
    extra: str = "{}"
    raw: bytes
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashRuling:
    """Where a flash went and why. `findings` is a JSON list of {rule, severity, detail}."""

    KIND: ClassVar[str] = "flash_ruling"
    uuid: UUID
    flash_uuid: UUID
    disposition: Disposition
    reason: str
    findings: str = "[]"
    panel_uuid: UUID | None = None
    decided_by: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StationResult:
    """One verdict of one station on one panel; `supersedes` names the row a VOID takes back.

    `electrical_data` is JSON with Pmax, Voc, Isc, Vmp, Imp, their source (`live`, `late`, `manual`) and flash uuid;
    None at stations 1 to 3 and for `electrical_pending`.
    """

    KIND: ClassVar[str] = "station_result"
    uuid: UUID
    panel_uuid: UUID
    station_number: int
    operator_uuid: UUID
    result: Verdict
    notes: str | None = None
    electrical_data: str | None = None
    attempt: int
    supersedes: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """What was found for one criterion within one station result."""

    KIND: ClassVar[str] = "criterion_result"
    uuid: UUID
    station_result_uuid: UUID
    criterion_uuid: UUID
    result: Mark
    notes: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A panel or pallet is not to move on. Open until a HoldRelease names it."""

    KIND: ClassVar[str] = "hold"
    uuid: UUID
    subject: Subject
    subject_uuid: UUID
    code: str
    reason: str
    raised_by: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRelease:
    """A supervisor ended a hold."""

    KIND: ClassVar[str] = "hold_release"
    uuid: UUID
    hold_uuid: UUID
    reason: str
    released_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A supervisor decided against the rules; always wins. `action`: move, retest, scrap, undo."""

    KIND: ClassVar[str] = "override"
    uuid: UUID
    panel_uuid: UUID
    action: str
    station_number: int | None
    reason: str
    decided_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAlert:
    """Said once for an order: `low_remaining` or `completed`."""

    KIND: ClassVar[str] = "order_alert"
    uuid: UUID
    order_uuid: UUID
    alert: str
    remaining: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something a supervisor should look at; never blocks by itself."""

    KIND: ClassVar[str] = "alarm"
    uuid: UUID
    code: str
    message: str
    station_number: int | None = None
    panel_uuid: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletPanel:
    """A panel was put on a pallet."""

    KIND: ClassVar[str] = "pallet_panel"
    uuid: UUID
    pallet_uuid: UUID
    panel_uuid: UUID
    position_in_pallet: int
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletRemoval:
    """A panel was taken off a pallet again (undo, override)."""

    KIND: ClassVar[str] = "pallet_removal"
    uuid: UUID
    pallet_panel_uuid: UUID
    reason: str
    removed_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An admin lets one plausibility rule be for one panel type until a date."""

    KIND: ClassVar[str] = "waiver"
    uuid: UUID
    rule: str
    panel_type: str
    until: datetime
    reason: str
    granted_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A session of one user at one station. Ended by a SignOut, by another SignIn there, or at `expires_at`."""

    KIND: ClassVar[str] = "sign_in"
    uuid: UUID
    user_uuid: UUID
    station_number: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """The end of a session."""

    KIND: ClassVar[str] = "sign_out"
    uuid: UUID
    sign_in_uuid: UUID
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A result file was read to its end."""

    KIND: ClassVar[str] = "imported_file"
    uuid: UUID
    device: str
    name: str
    digest: str
    row_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeError:
    """Deciding on a raw row failed inside this program; the raw row is kept beside this note."""

    KIND: ClassVar[str] = "intake_error"
    uuid: UUID
    raw_uuid: UUID
    error: str
    created_at: datetime


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


Fact = (
    RawScan | ScanOutcome | RawGarble | RawFlash | FlashRuling | StationResult | CriterionResult | Hold | HoldRelease
    | Override | OrderAlert | Alarm | PalletPanel | PalletRemoval | Waiver | SignIn | SignOut | ImportedFile
    | IntakeError
)  # fmt: skip
Editable = Order | OrderChoice | Panel | Pallet | User | ConfigEntry | Criterion
Record = Fact | Editable

FACTS: tuple[type[Fact], ...] = (
    RawScan, ScanOutcome, RawGarble, RawFlash, FlashRuling, StationResult, CriterionResult, Hold, HoldRelease,
    Override, OrderAlert, Alarm, PalletPanel, PalletRemoval, Waiver, SignIn, SignOut, ImportedFile, IntakeError,
)  # fmt: skip
EDITABLE: tuple[type[Editable], ...] = (Order, OrderChoice, Panel, Pallet, User, ConfigEntry, Criterion)


@dataclass(frozen=True, slots=True)
class StateRow:
    """The workflow state of one station, as JSON; local to the line, committed with the facts it led to."""

    station_number: int
    body: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything one decision writes, in order, in one transaction."""

    records: tuple[Record, ...] = ()
    states: tuple[StateRow, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """What the panels of an order add up to."""

    joined: int
    completed: int
    scrapped: int
