"""Scanners being tested: what they say stays here instead of at their stations, and what was found is kept."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from daemon.config import LineConfig, ScannerPart
from daemon.scantest.forms import Form
from daemon.scantest.traces import trace
from daemon.wiring.patchbay import Patchbay
from drivers.readings import Answer, Reading, Scan
from drivers.tap import Ear, Tap

log = logging.getLogger(__name__)


class AlreadyTested(Exception):
    """Somebody else tests this scanner."""


class Owner(Protocol):
    """The line as a workbench sees it."""

    config: LineConfig

    def changed(self) -> None:
        """Have the screens show how things are."""


class Workbench:
    """Which scanners are being tested, since when. `rewire` has the devices take over what was found."""

    def __init__(self, line: Owner, patchbay: Patchbay, tap: Tap, rewire: Callable[[], None]) -> None:
        self._line = line
        self._patchbay = patchbay
        self._tap = tap
        self._rewire = rewire
        self._since_ns: dict[str, int] = {}

    def holds(self, name: str) -> bool:
        """Tell whether a scanner is being tested."""
        return name in self._since_ns

    def keeps(self, reading: Reading) -> bool:
        """Tell whether a reading belongs to a test; what was said before the test is its station's."""
        since_ns = self._since_ns.get(reading.device)
        return since_ns is not None and reading.monotonic_ns >= since_ns

    def scanner(self, name: str) -> ScannerPart | None:
        """Give a scanner as it is read now; None: there is none of this name."""
        wanted = self._patchbay.wanted(self._line.config)
        return next((part for _, part in wanted if isinstance(part, ScannerPart) and part.name == name), None)

    @contextmanager
    def testing(self, name: str) -> Iterator[Ear]:
        """Take a scanner from its station and listen to it; at the end it goes back. Raises AlreadyTested."""
        if self.holds(name):
            raise AlreadyTested(name)
        log.warning("%s is being tested: its scans do not reach its station.", name, extra={"device": name})
        with self._tap.listening(name) as ear:
            self._since_ns[name] = time.monotonic_ns()
            self._line.changed()
            try:
                yield ear
            finally:
                del self._since_ns[name]
                self._line.changed()
                log.warning("%s is back at its station.", name, extra={"device": name})

    async def set_profile(self, name: str, form: Form, by: str) -> None:
        """Read a scanner so from now on, durably and at once. Raises LookupError, OSError."""
        await self._patchbay.set_profile(self._line.config, name, form, by)
        self._rewire()

    async def drop_profile(self, name: str) -> bool:
        """Read a scanner as its configuration says again, at once; False: it was. Raises OSError."""
        changed = await self._patchbay.drop_profile(name)
        self._rewire()
        return changed


def answer_to(scan: Scan) -> Answer:
    """Say what a scanner hears that is being tested: nothing but a test code is good, as nothing is decided."""
    return Answer.GOOD if trace(scan.text) is not None else Answer.BAD
