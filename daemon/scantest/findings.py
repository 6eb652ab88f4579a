"""What can be wrong with a scanner, and how it is said."""

from dataclasses import dataclass
from enum import StrEnum

from daemon.scantest.forms import Form


class Fault(StrEnum):
    """What can be wrong, the most fundamental first."""

    NOTHING = "nothing heard"
    GARBLED = "garbled"
    KIND = "wrong kind"
    FOREIGN = "no test code"
    ENDING = "wrong ending"
    MARKERS = "STX and ETX"
    LOST = "first character lost"
    CUT = "end cut off"
    LAYOUT = "keyboard layout"
    EXTRA = "extra characters"
    CHANGED = "characters changed"
    CASE = "capital letters"
    DOUBLE = "double trigger"
    AIM = "AIM identifier"

    @property
    def rank(self) -> int:
        """Where it stands in that order."""
        return list(Fault).index(self)


_HARMLESS = frozenset({Fault.CASE, Fault.DOUBLE, Fault.AIM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How the line reads the scanner now. `framed`: its wire has borders of its own. `baud` None: it has none."""

    kind: str
    form: Form
    framed: bool = False
    baud: int | None = 9600


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and the one thing to do. `cured`: the line can be set to it, and all is well."""

    fault: Fault
    message: str
    todo: str = ""
    cured: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to do something; else the line reads the scanner well all the same."""
        return not (self.cured or self.fault in _HARMLESS)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything found, the most fundamental first; `form` is what the line should be set to, None: nothing."""

    findings: tuple[Finding, ...] = ()
    form: Form | None = None
