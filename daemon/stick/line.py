"""One line of this computer as a visit sees it: it knows the stick or not, gives its rows, and is told how it goes."""

from dataclasses import dataclass
from typing import Final, Protocol

from daemon.control.protocol import Code, ControlError
from daemon.stick.decide import Heard
from daemon.stick.plan import Plan
from drivers.stick import StickDevice, StickVolume
from storage.errors import CentralUnfit
from storage.export.durable import Written
from storage.export.job import Source
from storage.records import StickOutcome

GONE_CODES: Final = frozenset({"absent", "silent", "forbidden"})
"""How a control client says that nobody answers."""


class LineLost(Exception):
    """A line gave up: it does not answer any more, or (`running`) refuses what it is asked.

    `may_return`: it is worth waiting for.
    """

    def __init__(self, message: str, *, running: bool = False, may_return: bool = True) -> None:
        super().__init__(message)
        self.running = running
        self.may_return = may_return


def lost(line: str, error: Exception) -> LineLost:
    """Say in plain words how a line was lost."""
    match error:
        case LineLost():
            return error
        case ControlError() if error.code not in GONE_CODES:
            return LineLost(f"{line}: {error}", running=True, may_return=error.code == Code.NOT_DURABLE)
        case CentralUnfit():
            return LineLost(f"{line}: {error}", running=True, may_return=False)
        case _:
            return LineLost(f"{line} does not answer any more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a visit, for one line. `files` are those of its export that are whole on the stick.

    `visit` is what the line is to call it, however often it is told. `disk` is the kernel's name of the stick (`sda`),
    `device` says in words which one it was.
    """

    visit: str
    disk: str
    device: str
    outcome: StickOutcome
    message: str
    todo: str
    stick_uuid: str | None = None
    export_uuid: str | None = None
    files: tuple[Written, ...] = ()


class Line(Protocol):
    """One line of this computer. Every answer comes within a deadline, or LineLost."""

    @property
    def name(self) -> str:
        """What people call it: `Line 1`."""
        ...

    def greet(self, device: StickDevice, volume: StickVolume) -> Heard:
        """Ask whether it knows a stick. Never raises: `absent` where no answer came."""
        ...

    def plan(self, stick_uuid: str, *, full: bool) -> Plan:
        """Ask what is to be written for it. Raises LineLost."""
        ...

    def source(self, plan: Plan) -> Source:
        """Give its rows, sheets and signature. Reading them raises LineLost or ControlError."""
        ...

    def wrote(self, plan: Plan, file: Written) -> None:
        """Have it remember that a file is whole, so that an interrupted visit is gone on with. Raises LineLost."""
        ...

    def tell(self, device: str, state: str, share: float) -> bool:
        """Say how far the visit is, for its screens; False: it did not listen. Never raises, never takes long."""
        ...

    def report(self, report: Report) -> bool:
        """Say what came of the visit; False: it did not listen. Never raises."""
        ...
