"""Every kind of record, and the name of its table."""

from typing import Any, Final

from storage.records import (
    Alarm,
    ConfigEntry,
    ConflictRuling,
    Criterion,
    CriterionResult,
    FlashRuling,
    Hold,
    HoldRelease,
    ImportedFile,
    IntakeError,
    Order,
    OrderAlert,
    OrderChoice,
    Override,
    Pallet,
    PalletPanel,
    PalletRemoval,
    Panel,
    RawFlash,
    RawGarble,
    RawScan,
    ScanOutcome,
    SignIn,
    SignOut,
    StationResult,
    User,
    Waiver,
)

TABLES: Final[dict[type[Any], str]] = {
    User: "users",
    ConfigEntry: "system_config",
    Criterion: "station_criteria",
    Order: "manufacturing_orders",
    OrderChoice: "order_choices",
    OrderAlert: "order_alerts",
    Panel: "panels",
    StationResult: "station_results",
    CriterionResult: "criteria_results",
    Override: "overrides",
    Pallet: "pallets",
    PalletPanel: "pallet_panels",
    PalletRemoval: "pallet_removals",
    Hold: "holds",
    HoldRelease: "hold_releases",
    Waiver: "waivers",
    ConflictRuling: "conflict_rulings",
    SignIn: "sign_ins",
    SignOut: "sign_outs",
    ImportedFile: "imported_files",
    RawScan: "raw_scans",
    ScanOutcome: "scan_outcomes",
    RawGarble: "raw_garbles",
    RawFlash: "raw_flashes",
    FlashRuling: "flash_rulings",
    Alarm: "alarms",
    IntakeError: "intake_errors",
}
"""Parents before children: the order in which records are written together. Both stores have a table for each."""

KINDS: Final = tuple(str(record.KIND) for record in TABLES)
"""The same, by kind."""
