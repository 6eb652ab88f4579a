"""One line: every device, the store and the control socket under one roof, started together and stopped in order."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils.compat import uuid7

from daemon.board import Board
from daemon.config import ConfigRefused, LineConfig, ScannerPart, TesterPart, load_config
from daemon.devices import make_scanner, make_tester
from daemon.intake import Intake
from daemon.tester import TesterDesk
from daemon.vault import Vault
from drivers.hotplug import Hotplug
from drivers.readings import Answer, DeviceStatus, Reading, Scan
from stations.rules.routing import LAST_STATION
from stations.runner import LineRunner, Trouble
from stations.workflow.turn import Place
from storage.sqlite.readers import Readers
from storage.sqlite.writer import Writer

log = logging.getLogger(__name__)

STOP_WITHIN_S = 4.5


def utc_now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


class Line:
    """The daemon of one line. `serve` is its whole life."""

    def __init__(self, config: LineConfig, *, now: Callable[[], datetime] = utc_now) -> None:
        self.config = config
        self.board = Board()
        self.started_at = now()
        self.runner: LineRunner | None = None
        self.vault = Vault(config, now)
        self._now = now
        self._desk = TesterDesk(self.board)
        self._hotplug = Hotplug()
        self._intakes: dict[ScannerPart | TesterPart, Intake] = {}

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop`; then: no new readings, finish those in hand, close the socket, close the store.

        Ends with an error when any part of the line dies: a daemon that lost a part is restarted, not kept.
        """
        async with asyncio.TaskGroup() as group:
            side = [
                group.create_task(self._hotplug.run(), name="hotplug"),
                group.create_task(self._desk.run(), name="tester desk"),
                group.create_task(self.vault.watch_room(self._changed), name="disk room"),
                group.create_task(self._open_store(), name="store"),
            ]
            self._start_devices(group)
            await stop.wait()
            await self._stop(side)

    async def _stop(self, side: list[asyncio.Task[None]]) -> None:
        log.info("Stopping: no new readings; finishing those in hand.")
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await asyncio.gather(*(intake.stop() for intake in self._intakes.values()))
        except TimeoutError:
            log.warning("A device did not let go in time; it is left behind.")
            for intake in self._intakes.values():
                intake.abandon()
        for task in side:
            task.cancel()
        await asyncio.wait(side)
        await self.vault.close()

    async def _open_store(self) -> None:
        await self.vault.open(self._begin)

    async def _begin(self, writer: Writer, readers: Readers) -> None:
        place = Place(self.config.site, self.config.line)
        runner = LineRunner(writer, readers, place, self._desk, ids=uuid7, now=self._now)
        await runner.start()
        self.runner = runner
        log.info("Line %d is ready.", self.config.line)

    def _start_devices(self, group: asyncio.TaskGroup) -> None:
        for station in self.config.station:
            for part in station.scanner:
                self._start(group, part, station.number)
        if self.config.tester is not None:
            self._start(group, self.config.tester, LAST_STATION)

    def _start(self, group: asyncio.TaskGroup, part: ScannerPart | TesterPart, station: int) -> None:
        changed = self._hotplug.changed
        if isinstance(part, TesterPart):
            instrument, kind = make_tester(part, changed, self._known), "tester"
            self._desk.use(instrument, late=part.kind == "files")
        else:
            instrument, kind = make_scanner(part, changed), "scanner"

        async def take(reading: Reading) -> Answer:
            return await self.take(station, reading)

        def on_status(status: DeviceStatus) -> None:
            self.board.put("tester" if kind == "tester" else "scanner", station, status)
            self._changed()

        on_status(instrument.status)
        intake = Intake(instrument, station, take, on_status)
        self._intakes[part] = intake
        intake.start(group)

    async def take(self, station: int, reading: Reading) -> Answer:
        """Take one reading through to its commit.

        While nothing can be saved a scan is refused: its panel is still there. What a device says only once waits.
        """
        if not isinstance(reading, Scan):
            await self.vault.saving.wait()
        if self.runner is None or self.vault.trouble is not None:
            return Answer.BAD
        return await self.runner.take(station, reading)

    async def _known(self, digest: str) -> bool:
        await self.vault.saving.wait()
        return self.runner is not None and await self.runner.read(lambda view: view.imported(digest))

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing is saved right now; None when all is well."""
        if self.vault.trouble is not None:
            return self.vault.trouble
        return self.runner.trouble if self.runner is not None else None

    def _changed(self) -> None:
        if self.runner is not None:
            self.runner.changed()


async def run_line(path: Path) -> None:
    """Run a line from its configuration file until SIGTERM or SIGINT. Raises ConfigRefused."""
    line = Line(load_config(path))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with contextlib.suppress(asyncio.CancelledError):
        await line.serve(stop)


__all__ = ["ConfigRefused", "Line", "run_line", "utc_now"]
