"""Facts: append-only. A correction supersedes, a VOID voids, nothing is rewritten."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from storage.records.sticks import StickExport, StickVisit
from storage.records.words import Disposition, Keep, Mark, Subject, Verdict


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
class ConflictRuling:
    """A supervisor decided which of two versions stays. `keep`: `local`, the losing one, or `central`."""

    KIND: ClassVar[str] = "conflict_ruling"
    uuid: UUID
    conflict_uuid: UUID
    keep: Keep
    reason: str
    decided_by: UUID
    created_at: datetime


Fact = (
    RawScan | ScanOutcome | RawGarble | RawFlash | FlashRuling | StationResult | CriterionResult | Hold | HoldRelease
    | Override | OrderAlert | Alarm | PalletPanel | PalletRemoval | Waiver | SignIn | SignOut | ImportedFile
    | IntakeError | ConflictRuling | StickExport | StickVisit
)  # fmt: skip
FACTS: tuple[type[Fact], ...] = (
    RawScan, ScanOutcome, RawGarble, RawFlash, FlashRuling, StationResult, CriterionResult, Hold, HoldRelease,
    Override, OrderAlert, Alarm, PalletPanel, PalletRemoval, Waiver, SignIn, SignOut, ImportedFile, IntakeError,
    ConflictRuling, StickExport, StickVisit,
)  # fmt: skip
