"""One device at work: its readings in order to the line, the line's answers back to it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from drivers.instrument import Instrument
from drivers.readings import Answer, DeviceStatus, Reading

log = logging.getLogger(__name__)

_QUEUED = 4
"""One may be hundreds of rows of a file: what is read ahead is to fit into memory and into an orderly stop."""

Take = Callable[[Reading], Awaitable[Answer]]
"""Takes a reading through to its commit and says what the device is to hear."""


class Intake:
    """Runs one instrument and hands what it says to the line, one reading at a time.

    A full queue holds the device back; nothing is dropped. `stop` ends the intake first and then finishes what is
    in hand.
    """

    def __init__(
        self, instrument: Instrument, station: int, take: Take, on_status: Callable[[DeviceStatus], None]
    ) -> None:
        self.instrument = instrument
        self.station = station
        self._take = take
        self._on_status = on_status
        self._queue: asyncio.Queue[Reading | DeviceStatus | None] = asyncio.Queue(_QUEUED)
        self._running: asyncio.Task[None] | None = None
        self._working: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin, as two tasks of the group: a death of either stops the line."""
        name = self.instrument.name
        self._running = group.create_task(self.instrument.run(self._queue.put), name=f"device {name}")
        self._working = group.create_task(self._work(), name=f"intake {name}")

    async def settle(self) -> None:
        """Wait until everything taken in was answered; what speaks without a pause never settles."""
        await self._queue.join()

    async def stop(self) -> None:
        """Stop listening, then finish every reading already taken in."""
        self._stopping = True
        if self._running is None or self._working is None:
            return
        self._running.cancel()
        await asyncio.wait([self._running])
        await self._queue.put(None)
        await asyncio.wait([self._working])

    @property
    def ended(self) -> bool:
        """Whether one of its tasks is over that nobody stopped."""
        return not self._stopping and any(task is not None and task.done() for task in (self._running, self._working))

    def abandon(self) -> None:
        """Give up what is in hand."""
        for task in (self._running, self._working):
            if task is not None:
                task.cancel()

    async def _work(self) -> None:
        while (item := await self._queue.get()) is not None:
            if isinstance(item, DeviceStatus):
                self._on_status(item)
            else:
                await self.instrument.answer(item, await self._take(item))
            self._queue.task_done()
