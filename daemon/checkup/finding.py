"""What the doctor says: how bad it is, one plain sentence, one thing to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Area(StrEnum):
    """What is looked at, in the order it is told."""

    LINE = "Line"
    DISK = "Disk"
    DATABASE = "Database"
    CLOCK = "Clock"
    SYNC = "Sync"
    STICKS = "Sticks"
    UNITS = "Units"
    DEVICES = "Devices"
    PC = "PC"


class Severity(StrEnum):
    """How bad it is; UNSEEN: it could not be looked at, which is not the same as well."""

    BAD = "bad"
    WARN = "warn"
    UNSEEN = "not seen"
    OK = "ok"


WORST_FIRST: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Unseen:
    """Stands for a fact that could not be looked at: why not, and what would help."""

    why: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about this PC. `check` names the row that found it; `lines` whose it is, none: the PC's.

    `about` is what was not seen, where the severity is UNSEEN.
    """

    area: Area
    check: str
    severity: Severity
    message: str
    todo: str = ""
    lines: tuple[int, ...] = ()
    about: str = ""


def not_seen(area: Area, check: str, about: str, unseen: Unseen, lines: tuple[int, ...] = ()) -> Finding:
    """Say that something could not be looked at."""
    message = f"{about[:1].upper()}{about[1:]} could not be looked at: {unseen.why}."
    return Finding(area, check, Severity.UNSEEN, message, unseen.todo, lines, about)
