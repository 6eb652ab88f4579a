"""Serve one plugged stick: one visit under guard, its ending told to everybody, and then the power off."""

import logging
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.stick.decide import volume_or_ending
from daemon.stick.endings import Ending
from daemon.stick.guard import Guard
from daemon.stick.line import Line
from daemon.stick.patience import USUAL, Patience
from daemon.stick.reporting import Teller, report_all, report_of
from daemon.stick.task import Minutes
from daemon.stick.visit import Port, Visit
from drivers.stick import StickDevice
from storage.export.calls import Os
from storage.records import StickOutcome

log = logging.getLogger(__name__)

_FREE: Final = frozenset({StickOutcome.EXPORTED, StickOutcome.NOTHING_NEW})
"""After which a stick has nothing more to do here."""
_LAST_WORDS_S: Final = 3.0
"""A service that is being stopped has seconds left."""


@dataclass(frozen=True, slots=True)
class Service:
    """Serves the stick in one port, which the kernel calls `disk`, for the lines of this computer."""

    disk: str
    port: Port
    lines: Sequence[Line]
    full: bool = False
    patience: Patience = USUAL
    calls: Os = field(default_factory=Os)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> Ending:
        """Serve it: exactly one ending, told on standard error and to every line that answers."""
        minutes = Minutes()
        visit = Visit(self.port, self.lines, minutes, self.full, self.patience, self.calls)
        ended = Guard(self.port, Teller(self.disk, self.lines), self.patience, stopped=self.stopped).run(visit.work)
        sys.stderr.write(f"{minutes.device or self.disk}: {ended.outcome.value}: {ended.words}\n")
        sys.stderr.flush()
        patience_s = _LAST_WORDS_S if self.stopped.is_set() else self.patience.told_s
        again_s = self.patience.again_look_s
        report_all(self.lines, lambda line: report_of(line, minutes, ended, self.disk), patience_s, again_s)
        if ended.outcome in _FREE and minutes.device is not None:
            self._power_off(minutes.device)
        return ended

    def _power_off(self, device: StickDevice) -> None:
        """Everybody was told: with the power the device goes, and with the device whoever is bound to it."""
        part = volume_or_ending(device)
        if isinstance(part, Ending):
            return
        try:
            self.port.volume(device, part).power_off()
        except Exception as error:  # noqa: BLE001 -- the export is complete either way
            log.info("The stick stays powered: %s", error)
