"""The USB sticks at this PC: watched, never opened. What is told of them goes to screens, status, log and scanners."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from daemon.control.face import StickStanding
from daemon.line.stickboard import Lost, StickBoard, Work
from drivers.instrument import Instrument
from drivers.link.apart import apart
from drivers.stick import StickDevice, StickMonitor, list_sticks
from stations.office.outcome import Refused
from stations.office.visits import ReportVisit, WrittenFile, report_visit
from stations.runner import LineRunner
from storage.errors import StorageError

log = logging.getLogger(__name__)

_BOOT: Final = datetime(2000, 1, 1, tzinfo=UTC)  # only differences to it matter
_LOOK_S: Final = 30.0
_TEND_S: Final = 1.0
_HUNG_S: Final = 20.0
_SOUND_AGAIN_S: Final = 0.5
_SOUND_TRIES: Final = 20

Keep = Callable[[Lost], Awaitable[None]]
"""Keeps a visit that nobody told the end of."""


class StickDesk:
    """Knows what every stick is doing and tells it on. `scanners` gives those that are to sound the end of a visit.

    `look` finds the plugged sticks; it runs beside the loop and may hang for as long as a stick does. How long ago
    something was is told by `clock`: the wall clock `now` may be set meanwhile.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        changed: Callable[[], None],
        scanners: Callable[[], Iterable[Instrument]] = lambda: (),
        *,
        look: Callable[[], list[StickDevice]] = list_sticks,
        monitor: StickMonitor | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._changed = changed
        self._scanners = scanners
        self._look = look
        self._monitor = monitor or StickMonitor()
        self._clock = clock
        self._board = StickBoard()
        self._news: asyncio.Queue[bool] = asyncio.Queue()

    async def run(self, keep: Keep) -> None:
        """Watch until cancelled. Never raises for anything a stick does."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._monitor.run(), name="stick events")
            group.create_task(self._watch(), name="plugged sticks")
            group.create_task(self._tend(keep), name="visits of sticks")
            group.create_task(self._sound(), name="news of sticks")

    def standing(self) -> tuple[StickStanding, ...]:
        """Give what is said of each stick now, the newest first."""
        ahead = self._now() - self._at()
        return tuple(replace(one, since=one.since + ahead) for one in self._board.standing())

    def named(self, device: str, name: str, stick_uuid: UUID | None) -> None:
        """Take who a stick is."""
        self._board.named(device, name, stick_uuid, self._at())
        self._changed()

    def working(self, device: str, state: str, share: float | None) -> None:
        """Take how far the work on a stick is."""
        self._board.working(device, state, share, self._at())
        self._changed()

    def began(self, stick_uuid: UUID, export_uuid: UUID) -> None:
        """Take which export goes to a stick."""
        self._board.began(Work(stick_uuid, export_uuid))

    def wrote(self, export_uuid: UUID, file: WrittenFile) -> None:
        """Take a file that stands whole on a stick."""
        self._board.wrote(export_uuid, file)

    def files(self, export_uuid: UUID) -> tuple[WrittenFile, ...]:
        """Give the files that were told of an export and are not yet kept with a visit."""
        return self._board.files(export_uuid)

    def ended(self, device: str, name: str, *, good: bool, text: str) -> None:
        """Take what became of a stick."""
        called = self._board.ended(device, name, good=good, text=text, at=self._at())
        self._tell(device, called, text, good=good)

    def _at(self) -> datetime:
        return _BOOT + timedelta(seconds=self._clock())

    def _tell(self, device: str, name: str, text: str, *, good: bool) -> None:
        level, called = logging.INFO if good else logging.WARNING, f"Stick {name}" if name else "USB stick"
        log.log(level, "%s: %s", called, text, extra={"device": device, "action": "stick"})
        self._news.put_nowait(good)
        self._changed()

    async def _watch(self) -> None:
        """Look which sticks are there, whenever something came or went and from time to time."""
        while True:
            rings = self._monitor.changed.rings
            try:
                found = await apart(self._look, lambda _: None, name="look for sticks", turn_s=_HUNG_S)
            except Exception as error:  # noqa: BLE001 -- no stick may end a line
                log.warning("The USB sticks cannot be looked at: %r", error)
            else:
                self._seen(found)
            await self._monitor.changed.wait(rings, _LOOK_S)

    def _seen(self, found: list[StickDevice]) -> None:
        before = self._board.standing()
        for device in self._board.seen({one.name: one.product or "" for one in found}, self._at()):
            which, fields = next(one for one in found if one.name == device), {"device": device, "action": "stick"}
            log.info("A stick was plugged in: %s (%s).", which, device, extra=fields)
        if self._board.standing() != before:
            self._changed()

    async def _tend(self, keep: Keep) -> None:
        """End what nobody ended, and forget what was said long enough."""
        while True:
            await asyncio.sleep(_TEND_S)
            at = self._at()
            for lost in self._board.lost(at):
                self._tell(lost.standing.device, lost.standing.name, lost.message, good=False)
                await keep(lost)
            if self._board.forget(at):
                self._changed()

    async def _sound(self) -> None:
        """Sound one piece of news after the other, on all scanners at once."""
        while True:
            good = await self._news.get()
            await asyncio.gather(*(_sounded(one, good=good) for one in self._scanners()))


async def _sounded(scanner: Instrument, *, good: bool) -> None:
    """Wait for a pause between scans; news that are old by then are not sounded."""
    for _ in range(_SOUND_TRIES):
        if await scanner.sound(good=good):
            return
        await asyncio.sleep(_SOUND_AGAIN_S)


async def keep_visit(runner: LineRunner, lost: Lost) -> None:
    """Keep a visit of a stick that nobody told the end of, as far as something can be kept now."""
    work, said = lost.work, lost.standing
    visit = ReportVisit(
        stick_uuid=work.stick_uuid if work else None, export_uuid=work.export_uuid if work else None,
        device=f"{said.name} ({said.device})", outcome=lost.outcome, message=lost.message, files=lost.files,
    )  # fmt: skip
    try:
        await runner.request("sunline", False, lambda view, desk: report_visit(view, desk, visit))
    except (Refused, StorageError) as error:
        log.warning("The visit of the stick %s could not be kept: %s", said.name, error)
