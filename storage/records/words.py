"""The words records are written in."""

from enum import StrEnum


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


class Keep(StrEnum):
    """Which of two versions in conflict a supervisor keeps."""

    LOCAL = "local"
    CENTRAL = "central"


class Takes(StrEnum):
    """What a stick may take away."""

    EVERYTHING = "everything"
    DATA = "data"  # the lists, no pallet sheets
    SHEETS = "sheets"  # the pallet sheets, no lists


class StickOutcome(StrEnum):
    """What came of a stick that was plugged in."""

    EXPORTED = "exported"
    NOTHING_NEW = "nothing_new"
    NOT_ENROLLED = "not_enrolled"
    FULL = "full"
    READ_ONLY = "read_only"
    UNREADABLE = "unreadable"
    UNSUPPORTED_FILE_SYSTEM = "unsupported_file_system"
    SEVERAL_PARTITIONS = "several_partitions"
    ALSO_A_KEYBOARD = "also_a_keyboard"
    PULLED_EARLY = "pulled_early"
    LINE_NOT_RUNNING = "line_not_running"
    INTERNAL = "internal"
