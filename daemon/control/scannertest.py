"""The operations that test a scanner: a guided session at the line's own port, and taking back what it found."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from daemon.config import ScannerPart
from daemon.control.calls import Call
from daemon.control.devices import OfDevice, device_named, plain_form
from daemon.control.overhearing import HEARTBEAT_S
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json
from daemon.line.workbench import AlreadyTested
from daemon.scantest.bursts import Burst
from daemon.scantest.findings import Diagnosis, Expected, Finding
from daemon.scantest.listening import Listening
from daemon.scantest.looks import examine
from daemon.scantest.progress import Progress
from daemon.wiring.profiles import configured_form
from daemon.wiring.wirewords import masked, visible
from drivers.tap import Ear, Passed
from stations.rules.commands import TEST_CODES

PAUSE_S: Final = 0.4
"""So much silence ends what a scanner says; the next code of a quick hand is later."""

QUIET_S: Final = 60.0
LIMIT_S: Final = 300.0
"""A test ends by itself after so long without a scan, and after so long in all: an operator waits for the scanner."""


async def test(call: Call, args: OfDevice) -> AsyncGenerator[Json, None]:
    """Ask for one test code after the other, tell what was heard, then what is wrong; what the line can cure, it does.

    Meanwhile the scanner is not its station's. Left early, nothing is changed.
    """
    part = _scanner(call, args.name)
    try:
        with call.line.bench.testing(args.name) as ear:
            session = _Session(ear, expected_of(part))
            yield {"device": args.name, "codes": len(TEST_CODES), "limit_s": LIMIT_S}
            async with aclosing(session.run()) as items:
                async for item in items:
                    yield item
    except AlreadyTested as error:
        raise ControlError(Code.REFUSED, f"{args.name} is being tested already.", "Wait for the other test.") from error
    yield await _concluded(call, args.name, session.diagnosis)


async def undo(call: Call, args: OfDevice) -> Json:
    """Read a scanner as its configuration says again."""
    _scanner(call, args.name)
    try:
        changed = await call.line.bench.drop_profile(args.name)
    except OSError as error:
        raise ControlError(Code.NOT_DURABLE, f"This cannot be kept: {error.strerror}.", "Check the disk.") from error
    return {"name": args.name, "changed": changed}


def expected_of(part: ScannerPart) -> Expected:
    """Give how the line reads a scanner now."""
    baud = None if part.types or part.port.tcp is not None else part.serial.baud
    return Expected(kind=part.kind, form=configured_form(part), framed=part.kind == "ssi", baud=baud)


def _scanner(call: Call, name: str) -> ScannerPart:
    device_named(call, name)
    part = call.line.bench.scanner(name)
    if part is None:
        raise ControlError(Code.REFUSED, f"{name} is no scanner.", "See what it sends: sunline device monitor")
    return part


async def _concluded(call: Call, name: str, diagnosis: Diagnosis) -> Json:
    """Set the line to what was found, and tell."""
    kept, trouble = False, ""
    if diagnosis.form is not None:
        try:
            await call.line.bench.set_profile(name, diagnosis.form, call.peer.os_user)
            kept = True
        except OSError as error:
            trouble = f"This cannot be kept: {error.strerror}. Check the disk, then test again."
    findings = [plain_finding(one) for one in diagnosis.findings]
    return {"findings": findings, "form": plain_form(diagnosis.form), "kept": kept, "trouble": trouble}


def plain_finding(one: Finding) -> Json:
    """Give a finding for programs."""
    return {"fault": one.fault.value, "message": one.message, "todo": one.todo, "cured": one.cured, "bad": one.is_bad}


@dataclass(slots=True)
class _Session:
    """One test: what was heard so far, and how long it may go on."""

    ear: Ear
    expected: Expected
    progress: Progress = field(default_factory=Progress)

    @property
    def diagnosis(self) -> Diagnosis:
        return examine(self.progress.bursts, self.expected)

    async def run(self) -> AsyncGenerator[Json, None]:
        """Give what to scan and what was heard, until everything was, or nothing more comes."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + LIMIT_S
        while not self.progress.is_over and loop.time() < end_s:
            yield {"scan": self.progress.wanted + 1}
            quiet_s = min(end_s, loop.time() + QUIET_S)
            while (burst := await self._burst(HEARTBEAT_S)) is None:
                yield {}
                if loop.time() >= quiet_s:
                    return
            yield self._told(burst)
        while (burst := await self._burst(PAUSE_S)) is not None and loop.time() < end_s:
            yield self._told(burst)

    async def _burst(self, timeout_s: float) -> Burst | None:
        """Wait for what the scanner says next, to its end; None when it says nothing for a time."""
        listening = Listening(self.expected)
        heard = await self.ear.next(timeout_s)
        while heard is not None:
            if isinstance(heard, Passed):
                listening.take(heard)
            if listening.is_whole:
                break
            heard = await self.ear.next(PAUSE_S)
        burst = listening.burst
        if burst is not None and not burst.data.strip(b"\r\n"):  # the second half of a line end, come late
            self.progress.take(burst)
            return None
        return burst

    def _told(self, burst: Burst) -> Json:
        number = self.progress.take(burst)
        return {"heard": visible(masked(burst.data))[:120], "code": None if number is None else number + 1}
