"""One line: every device, the store and the control socket under one roof, started together and stopped in order."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from daemon.central import Central
from daemon.config import LineConfig, PortPart
from daemon.control.face import DeviceAccount, Standing
from daemon.control.server import ControlServer
from daemon.line.fleet import Fleet
from daemon.line.reload import reload_on, with_devices_of
from daemon.line.stickboard import Lost
from daemon.line.stickdesk import StickDesk, keep_visit
from daemon.line.upkeep import Upkeep, check_store
from daemon.line.vault import Vault, store_standing
from daemon.line.workbench import Workbench
from daemon.service.herald import Herald
from daemon.service.notify import ServiceManager
from daemon.service.pages import PageServer
from daemon.service.tally import Tally
from daemon.service.watching import watch_pages
from daemon.service.words import line_words
from daemon.shadow.desk import ShadowDesk
from daemon.version import program_version
from daemon.wiring.patchbay import Patchbay
from drivers.readings import Answer, Reading, Scan
from drivers.tap import Tap
from stations.runner import LineRunner, Trouble
from stations.workflow.turn import Place
from storage.changes import SystemClock
from storage.errors import NotDurable
from storage.export.ownkey import own_key
from storage.export.signing import KeySigner
from storage.sqlite.readers import Readers
from storage.sqlite.writer import Writer
from storage.sync.visit import Books

log = logging.getLogger(__name__)

STOP_WITHIN_S = 4.5
_READ_AGAIN_S = 1.0


def utc_now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


class Line:
    """The daemon of one line. `serve` is its whole life."""

    def __init__(
        self,
        config: LineConfig,
        *,
        load: Callable[[], LineConfig] | None = None,
        now: Callable[[], datetime] = utc_now,
        manager: ServiceManager | None = None,
        neighbours: Callable[[], tuple[PortPart, ...]] = tuple,
    ) -> None:
        self.config = config
        self.started_at = now()
        self.runner: LineRunner | None = None
        self.vault = Vault(config, now)
        self.central = Central(config, config.central, self.changed) if config.central else None
        self.fleet = Fleet(self, Patchbay(config.machine_path, now, neighbours))
        self.sticks = StickDesk(now, self.changed, self.fleet.scanners)
        self.shadow = ShadowDesk(config.store.path, now) if config.shadow else None
        self._load = load or (lambda: config)
        self._now = now
        self._begun: asyncio.Future[tuple[LineRunner, Books]]
        self._vital: tuple[asyncio.Task[None], ...] = ()
        self._tally = Tally()
        self._herald = Herald(manager or ServiceManager(), self)

    async def serve(self, stop: asyncio.Event, again: asyncio.Event | None = None) -> None:
        """Run until `stop`; then: no new readings, finish those in hand, close the socket, close the store.

        `again` asks for the configuration to be read anew. Ends with an error when any part of the line dies: a
        daemon that lost a part is restarted, not kept. Raises SocketRefused before any device is touched.
        """
        control = ControlServer(self, self.config.control.socket, self.config.control.group)
        await control.start()
        try:
            await self._serve(stop, again or asyncio.Event(), control)
        finally:
            await control.stop()

    async def _serve(self, stop: asyncio.Event, again: asyncio.Event, control: ControlServer) -> None:
        self._begun = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            side = self._start_side(group)
            reload = group.create_task(reload_on(again, self._reload, self._herald), name="reload")
            self.fleet.start(group)
            lookout = group.create_task(self.fleet.lookout.run(), name="lookout")
            self._vital = (reload, *(task for task in side if task.get_name() not in self._passing), lookout)
            upkeep = Upkeep(self._check_store)
            upkeep.start()
            await stop.wait()
            self._herald.stopping()
            upkeep.stop()
            await _ended(reload, lookout)  # first: they start and stop devices too
            await self._stop(side, control)

    def _start_side(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start everything that runs beside the devices."""
        runs = {
            "hotplug": self.fleet.hotplug.run(),
            "tester desk": self.fleet.desk.run(),
            "disk room": self.vault.watch_room(self.changed),
            "store": self.vault.open(self._begin),
            "central": self._exchange(),
            "sticks": self.sticks.run(self._keep_visit),
            "service manager": self._herald.run(),
        }
        if self.config.http.enabled:
            runs["pages"] = self._serve_pages()
        return [group.create_task(run, name=name) for name, run in runs.items()]

    @property
    def _passing(self) -> tuple[str, ...]:
        """What may end, or fail to be, while the line lives."""
        return ("store", "service manager", "pages", *(() if self.central else ("central",)))

    async def _stop(self, side: list[asyncio.Task[None]], control: ControlServer) -> None:
        log.info("Stopping: no new readings; finishing those in hand.")
        await self.fleet.stop(STOP_WITHIN_S)
        await control.stop()
        await _ended(*side)
        await self.vault.close()

    async def _serve_pages(self) -> None:
        host, port = self.config.http.address(self.config.line)
        await PageServer(host, port, watch_pages(self, self._tally)).run()

    async def _check_store(self) -> None:
        if self.runner is not None:
            await check_store(self.runner)

    async def _reload(self) -> None:
        """Take over the devices of the configuration; those described as before are not touched."""
        self.config = with_devices_of(self.config, self._load())
        await self.fleet.rewire()
        log.info("The configuration was read again: %d devices.", len(self.fleet))

    async def _begin(self, writer: Writer, readers: Readers) -> None:
        runner = LineRunner(
            writer, readers, self.place, self.fleet.desk, ids=uuid7, now=self._now, hindrance=lambda: self.vault.trouble
        )
        runner.on_decided = self._tally.decided
        await runner.start()
        self.runner = runner
        if not self._begun.done():
            self._begun.set_result((runner, Books(writer, readers, SystemClock())))
        log.info("Line %d is ready.", self.config.line)

    async def _exchange(self) -> None:
        runner, books = await self._begun
        if self.central is not None:
            await self.central.run(runner, books)

    async def _keep_visit(self, lost: Lost) -> None:
        if self.runner is not None:
            await keep_visit(self.runner, lost)

    async def take(self, station: int, reading: Reading) -> Answer:
        """Take one reading through to its commit.

        While nothing can be saved a scan is refused: its panel is still there. What a device says only once waits.
        """
        if not isinstance(reading, Scan):
            await self.vault.saving.wait()
        answer = await self.runner.take(station, reading) if self.runner is not None else Answer.BAD
        self._tally.taken(station, reading, answer)
        return answer

    async def keep(self, station: int, scan: Scan) -> bool:
        """Store a scan of a test as it came, and decide nothing on it; False where it cannot be saved."""
        return self.runner is not None and await self.runner.keep(station, scan)

    async def known(self, digest: str) -> bool:
        """Tell whether a result file was imported; a store that cannot be read is waited for: a file has time."""
        while True:
            await self.vault.saving.wait()
            try:
                return self.runner is not None and await self.runner.read(lambda view: view.imported(digest))
            except NotDurable as error:
                log.warning("What was imported cannot be looked up: %s", error)
                await asyncio.sleep(_READ_AGAIN_S)

    @property
    def place(self) -> Place:
        """Which line this is."""
        return Place(self.config.site, self.config.line)

    def signer(self) -> KeySigner:
        """Give the key with which this line signs what it exports, made at its first use. Raises KeyUnfit."""
        store = self.config.store.path
        return own_key(store.with_name(f"{store.name}.sign.key"))

    def standing(self) -> Standing:
        """Tell how machine, devices and store are, from memory."""
        return Standing(
            at=self._now(),
            version=program_version(),
            started_at=self.started_at,
            store=store_standing(self.vault.health, self.trouble),
            devices=self.fleet.standings(),
            sticks=self.sticks.standing(),
        )

    @property
    def bench(self) -> Workbench:
        """Where scanners are tested."""
        return self.fleet.bench

    @property
    def tap(self) -> Tap:
        """Where the wires of the devices are listened in on."""
        return self.fleet.tap

    def accounts(self) -> tuple[DeviceAccount, ...]:
        """Tell of every device what it hangs on and what it said last, from memory."""
        return self.fleet.accounts()

    async def bind(self, name: str, port: PortPart, by: str) -> None:
        """Bind a device to a port, durably; its driver goes there by itself. Raises LookupError, OSError."""
        await self.fleet.bind(name, port, by)

    async def unbind(self, name: str) -> bool:
        """Bind a device as its configuration says again; False: it was. Raises OSError."""
        return await self.fleet.unbind(name)

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing is saved right now; None when all is well."""
        return self.runner.trouble if self.runner is not None else self.vault.trouble

    def words(self) -> str:
        """Say in short how the line is."""
        return line_words(self)

    def ended(self) -> tuple[str, ...]:
        """Name the tasks that are to live as long as the line and do not."""
        return (*(task.get_name() for task in self._vital if task.done()), *self.fleet.ended())

    def tell(self, message: str) -> None:
        """Show a message on every station."""
        if self.runner is not None:
            self.runner.tell(message)

    def changed(self) -> None:
        """Have every screen look anew."""
        if self.runner is not None:
            self.runner.changed()

    def rearm(self) -> None:
        """Ask the tester, which came back, for the flash that is due."""
        if self.runner is not None:
            self.runner.rearm()


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
