"""What the factory remembers: plain frozen facts, one class a kind.

The vocabulary between workflow and durability. Two sorts:

* facts are append-only: a correction supersedes, a VOID voids, nothing is rewritten;
* editable things (`EDITABLE`) have a natural key and a current version: writing one again replaces it, and every
  version stays in the change log.

Times are UTC with time zone. Things with a natural key carry `thing_uuid(site, kind, key)`, so that two stores that
create the same thing offline agree; events carry a UUIDv7 born at the station.
"""

from storage.records.batch import (
    Batch,
    OrderCounts,
    Record,
    StateRow,
)
from storage.records.facts import (
    FACTS,
    Alarm,
    ConflictRuling,
    CriterionResult,
    Fact,
    FlashRuling,
    Hold,
    HoldRelease,
    ImportedFile,
    IntakeError,
    OrderAlert,
    Override,
    PalletPanel,
    PalletRemoval,
    RawFlash,
    RawGarble,
    RawScan,
    ScanOutcome,
    SignIn,
    SignOut,
    StationResult,
    Waiver,
)
from storage.records.shadow import SHADOW_WORDS, is_shadow, numbered_in_shadow, shadow_of
from storage.records.sticks import Stick, StickExport, StickVisit, stick_key
from storage.records.things import (
    EDITABLE,
    ConfigEntry,
    Criterion,
    Editable,
    Order,
    OrderChoice,
    Pallet,
    Panel,
    User,
    thing_uuid,
)
from storage.records.words import (
    Disposition,
    Keep,
    Mark,
    OrderStatus,
    PalletStatus,
    PanelStatus,
    Role,
    StickOutcome,
    Subject,
    Takes,
    Verdict,
)

__all__ = [
    "EDITABLE",
    "FACTS",
    "SHADOW_WORDS",
    "Alarm",
    "Batch",
    "ConfigEntry",
    "ConflictRuling",
    "Criterion",
    "CriterionResult",
    "Disposition",
    "Editable",
    "Fact",
    "FlashRuling",
    "Hold",
    "HoldRelease",
    "ImportedFile",
    "IntakeError",
    "Keep",
    "Mark",
    "Order",
    "OrderAlert",
    "OrderChoice",
    "OrderCounts",
    "OrderStatus",
    "Override",
    "Pallet",
    "PalletPanel",
    "PalletRemoval",
    "PalletStatus",
    "Panel",
    "PanelStatus",
    "RawFlash",
    "RawGarble",
    "RawScan",
    "Record",
    "Role",
    "ScanOutcome",
    "SignIn",
    "SignOut",
    "StateRow",
    "StationResult",
    "Stick",
    "StickExport",
    "StickOutcome",
    "StickVisit",
    "Subject",
    "Takes",
    "User",
    "Verdict",
    "Waiver",
    "is_shadow",
    "numbered_in_shadow",
    "shadow_of",
    "stick_key",
    "thing_uuid",
]
