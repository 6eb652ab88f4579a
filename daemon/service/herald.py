"""What the service manager hears of a line: ready, how it is, reloading, stopping, and that it lives."""

import asyncio
import logging
import time
from typing import Final, Protocol

from daemon.line.vault import Vault
from daemon.service.notify import ServiceManager, status

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
_START_STEP_S: Final = 5.0
_REBUILD_WITHIN_S: Final = 600.0


class Told(Protocol):
    """What is told of: a line."""

    vault: Vault

    def words(self) -> str:
        """Say how the line is."""

    def ended(self) -> tuple[str, ...]:
        """Name the tasks that are to live as long as the line and do not."""


class Herald:
    """Speaks for a line. Where no service manager listens it does nothing.

    READY is said when scans can be taken, and just as well when the store cannot be opened: the line then stays up,
    refuses and tries again, and a start that fails would not mend a disk.
    """

    def __init__(self, manager: ServiceManager, line: Told) -> None:
        self._manager = manager
        self._line = line
        self._said = ""
        self._ready = False

    async def run(self) -> None:
        """Tell until cancelled."""
        if not self._manager.address:
            return
        await self._store_looked_through()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell(), name="service status")  # first: READY comes before signs of life
            if self._manager.watchdog_s:
                group.create_task(self._feed(self._manager.watchdog_s / 3), name="watchdog")

    def reloading(self) -> None:
        """Say that the configuration is being read again; `reloaded` has to follow."""
        if self._ready:
            self._manager.say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def reloaded(self, trouble: str = "") -> None:
        """Say that the configuration was taken over, or why not."""
        if self._ready:
            self._said = self._line.words()
            self._ready = self._manager.say("READY=1", status(trouble or self._said))

    def stopping(self) -> None:
        """Say that the line ends in order."""
        self._manager.say("STOPPING=1", status("Finishing what is in hand."))

    async def _store_looked_through(self) -> None:
        """Wait for the store's first opening, or the trouble with it, and ask the manager for the time it takes."""
        while not await _set(self._line.vault.tried, _START_STEP_S):
            self._manager.say(f"EXTEND_TIMEOUT_USEC={int(4e6 * _START_STEP_S)}", status("Looking through the store."))

    async def _tell(self) -> None:
        """Say READY, and whenever it changes how the line is."""
        while True:
            words, first = self._line.words(), () if self._ready else ("READY=1",)
            if (first or words != self._said) and self._manager.say(*first, status(words)):
                self._said, self._ready = words, True
            await asyncio.sleep(_LOOK_S)

    async def _feed(self, every_s: float) -> None:
        """Show signs of life while everything lives without which the line stands still.

        A device that hangs is not among it: the line goes on without one, and says so.
        """
        lived_at = time.monotonic()
        while True:
            stuck = await self._stuck(every_s)
            if not stuck:
                lived_at = time.monotonic()
            if not stuck or (self._line.vault.rebuilding and time.monotonic() - lived_at < _REBUILD_WITHIN_S):
                self._manager.say("WATCHDOG=1")
            else:
                log.error("The watchdog is not fed: %s.", stuck)
            await asyncio.sleep(every_s)

    async def _stuck(self, within_s: float) -> str:
        if ended := self._line.ended():
            return f"ended by itself: {', '.join(ended)}"
        try:
            async with asyncio.timeout(within_s):
                await self._line.vault.pulse()
        except TimeoutError:
            return "the store's thread does not go on"
        return ""


async def _set(event: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False
