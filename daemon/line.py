"""One line: every device, the store and the control socket under one roof, started together and stopped in order."""

import asyncio
import faulthandler
import gc
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils.compat import uuid7

from daemon.board import Board, Entry
from daemon.central import Central, refuse_second_daemon
from daemon.config import ConfigRefused, LineConfig, PortPart, ScannerPart, TesterPart, load_config
from daemon.control.face import DeviceAccount, DeviceStanding, Standing, StoreStanding
from daemon.control.server import ControlServer
from daemon.devices import make_scanner, make_tester
from daemon.intake import Intake
from daemon.logs import configure_logs
from daemon.service.herald import Herald
from daemon.service.notify import ServiceManager
from daemon.service.pages import PageServer
from daemon.service.tally import Tally
from daemon.service.watching import watch_pages
from daemon.service.words import line_words
from daemon.stickboard import Lost
from daemon.stickdesk import StickDesk
from daemon.tester import TesterDesk
from daemon.upkeep import Upkeep
from daemon.vault import StoreHealth, Vault
from daemon.version import program_version
from daemon.wiring.accounts import account_of
from daemon.wiring.lookout import Lookout
from daemon.wiring.patchbay import Patchbay, neighbour_ports
from daemon.wiring.vacancy import Former, Vacancy, vacancies
from drivers.hotplug import Hotplug
from drivers.instrument import Instrument
from drivers.readings import Answer, DeviceState, DeviceStatus, Reading, Scan
from stations.office.outcome import Refused
from stations.office.visits import ReportVisit, report_visit
from stations.runner import LineRunner, Trouble
from stations.workflow.turn import Place
from storage.changes import SystemClock
from storage.errors import NotDurable, StorageError
from storage.export.ownkey import own_key
from storage.export.signing import KeySigner
from storage.sqlite.readers import Readers
from storage.sqlite.view import View
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
        self._load = load or (lambda: config)
        self.board = Board()
        self.started_at = now()
        self.runner: LineRunner | None = None
        self.vault = Vault(config, now)
        self.central = Central(config, config.central, self._changed) if config.central else None
        self._now = now
        self._desk = TesterDesk(self.board)
        self._hotplug = Hotplug()
        self._patchbay = Patchbay(config.store.path, now, neighbours)
        self._lookout = Lookout(self, self._hotplug.changed)
        self._rewiring = asyncio.Lock()
        self._rewire: Callable[[], Awaitable[None]]
        self.sticks = StickDesk(now, self._changed, self._scanners)
        self._begun: asyncio.Future[tuple[LineRunner, Books]]
        self._intakes: dict[tuple[int, ScannerPart | TesterPart], Intake] = {}
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
            side = [
                group.create_task(self._hotplug.run(), name="hotplug"),
                group.create_task(self._desk.run(), name="tester desk"),
                group.create_task(self.vault.watch_room(self._changed), name="disk room"),
                group.create_task(self.vault.open(self._begin), name="store"),
                group.create_task(self._exchange(), name="central"),
                group.create_task(self.sticks.run(self._keep_visit), name="sticks"),
            ]
            reload = group.create_task(self._reload_on(again, group), name="reload")
            passing = ("store",) if self.central is not None else ("store", "central")
            self._vital = (reload, *(task for task in side if task.get_name() not in passing))
            side.append(group.create_task(self._herald.run(), name="service manager"))
            if self.config.http.enabled:
                side.append(group.create_task(self._serve_pages(), name="pages"))
            for station, part in self._patchbay.wanted(self.config):
                self._start(group, part, station)
            self._rewire = lambda: self._start_and_stop(group)
            lookout = group.create_task(self._lookout.run(), name="lookout")
            self._vital = (*self._vital, lookout)
            upkeep = Upkeep(self._check_store)
            upkeep.start()
            await stop.wait()
            self._herald.stopping()
            upkeep.stop()
            await self._ended(reload, lookout)  # first: they start and stop devices too
            await self._stop(side, control)

    async def _serve_pages(self) -> None:
        host, port = self.config.http.address(self.config.line)
        await PageServer(host, port, watch_pages(self, self._tally)).run()

    async def _check_store(self) -> None:
        """Read the whole store once a day, so that a dying disk is known before a start needs it."""
        if self.runner is None:
            return
        damage = await self.runner.read(View.damage)
        if damage:
            log.error("The store is damaged: %s", "; ".join(damage))
            self.runner.tell("The store on this PC is damaged. Call a technician today.")
        else:
            log.info("The daily check found the store whole.")

    async def _reload_on(self, again: asyncio.Event, group: asyncio.TaskGroup) -> None:
        while True:
            await again.wait()
            again.clear()
            self._herald.reloading()
            try:
                config = self._load()
            except ConfigRefused as refused:
                trouble = f"The new configuration is refused, the old one stays: {' '.join(refused.faults)}"
                log.error(trouble)
                self._herald.reloaded(trouble)
            else:
                await self.reconfigure(config, group)
                self._herald.reloaded()

    async def reconfigure(self, config: LineConfig, group: asyncio.TaskGroup) -> None:
        """Take over another device configuration; devices described as before are not touched.

        Site, line, store and socket stay as they are until the next start.
        """
        kept = self.config.model_copy(update={"station": config.station, "tester": config.tester})
        if kept != config:
            log.warning("Changes of site, line, store or control take effect at the next start.")
        self.config = kept
        await self._start_and_stop(group)
        log.info("The configuration was read again: %d devices.", len(self._intakes))

    async def _start_and_stop(self, group: asyncio.TaskGroup) -> None:
        """Make the devices those of the configuration, as they are bound now."""
        async with self._rewiring:
            wanted = self._patchbay.wanted(self.config)
            for key in [key for key in self._intakes if key not in wanted]:
                await self._intakes[key].stop()
                self.board.remove(self._intakes.pop(key).instrument.name)
            if self.config.tester is None:
                self._desk.use(None, late=False)
            for station, part in wanted:
                if (station, part) not in self._intakes:
                    self._start(group, part, station)
        self._changed()

    async def rewire(self) -> None:
        """Start and stop devices as they are bound now."""
        await self._rewire()

    def vacant(self) -> tuple[Vacancy, ...]:
        """Give the scanners that are unplugged."""
        scanners = [(n, part) for n, part in self._patchbay.wanted(self.config) if isinstance(part, ScannerPart)]
        return vacancies(scanners, [entry.status for entry in self.board.entries()])

    def former(self) -> tuple[Former, ...]:
        """Give the ports whose scanner was replaced."""
        return self._patchbay.former(self.config)

    def taken(self) -> tuple[PortPart, ...]:
        """Give every port that is somebody's on this computer."""
        return self._patchbay.taken(self.config)

    async def bind(self, name: str, port: PortPart, by: str) -> None:
        """Bind a device to a port, durably; its driver goes there by itself. Raises LookupError, OSError."""
        await self._patchbay.bind(self.config, name, port, by)
        self._lookout.wake()

    async def unbind(self, name: str) -> bool:
        """Bind a device as its configuration says again; False: it was. Raises OSError."""
        was_bound = await self._patchbay.unbind(name)
        self._lookout.wake()
        return was_bound

    def tell(self, message: str) -> None:
        """Show a message on every station."""
        if self.runner is not None:
            self.runner.tell(message)

    async def _stop(self, side: list[asyncio.Task[None]], control: ControlServer) -> None:
        log.info("Stopping: no new readings; finishing those in hand.")
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await asyncio.gather(*(intake.stop() for intake in self._intakes.values()))
        except TimeoutError:
            log.warning("A device did not let go in time; it is left behind.")
            for intake in self._intakes.values():
                intake.abandon()
        await control.stop()
        await self._ended(*side)
        await self.vault.close()

    @staticmethod
    async def _ended(*tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _begin(self, writer: Writer, readers: Readers) -> None:
        runner = LineRunner(
            writer, readers, self.place, self._desk, ids=uuid7, now=self._now, hindrance=lambda: self.vault.trouble
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
        """Keep a visit of a stick that nobody told the end of, as far as something can be kept now."""
        work, said = lost.work, lost.standing
        visit = ReportVisit(
            stick_uuid=work.stick_uuid if work else None, export_uuid=work.export_uuid if work else None,
            device=f"{said.name} ({said.device})", outcome=lost.outcome, message=lost.message, files=lost.files,
        )  # fmt: skip
        try:
            if self.runner is not None:
                await self.runner.request("sunline", False, lambda view, desk: report_visit(view, desk, visit))
        except (Refused, StorageError) as error:
            log.warning("The visit of the stick %s could not be kept: %s", said.name, error)

    def _scanners(self) -> list[Instrument]:
        return [self._intakes[key].instrument for key in self._intakes if isinstance(key[1], ScannerPart)]

    def _start(self, group: asyncio.TaskGroup, part: ScannerPart | TesterPart, station: int) -> None:
        changed = self._hotplug.changed
        if isinstance(part, TesterPart):
            instrument, kind = make_tester(part, changed, self._known), "tester"
            self._desk.use(instrument, late=part.kind == "files")
        else:
            instrument, kind = make_scanner(part, changed), "scanner"

        async def take(reading: Reading) -> Answer:
            self.board.hear(part.name, reading)
            return await self.take(station, reading)

        def on_status(status: DeviceStatus) -> None:
            self.board.put("tester" if kind == "tester" else "scanner", station, status)
            _log_device(station, status)
            if kind == "tester" and status.state is DeviceState.ONLINE and self.runner is not None:
                self.runner.rearm()
            self._changed()

        on_status(instrument.status)
        intake = Intake(instrument, station, take, on_status)
        self._intakes[station, part] = intake
        intake.start(group)

    async def take(self, station: int, reading: Reading) -> Answer:
        """Take one reading through to its commit.

        While nothing can be saved a scan is refused: its panel is still there. What a device says only once waits.
        """
        if not isinstance(reading, Scan):
            await self.vault.saving.wait()
        answer = await self.runner.take(station, reading) if self.runner is not None else Answer.BAD
        self._tally.taken(station, reading, answer)
        return answer

    async def _known(self, digest: str) -> bool:
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
        devices = tuple(_standing(entry) for entry in self.board.entries())
        store = _store_standing(self.vault.health, self.trouble)
        return Standing(
            at=self._now(),
            version=program_version(),
            started_at=self.started_at,
            store=store,
            devices=devices,
            sticks=self.sticks.standing(),
        )

    def accounts(self) -> tuple[DeviceAccount, ...]:
        """Tell of every device what it hangs on and what it said last, from memory."""
        parts = {part.name: part for _, part in self._intakes}
        entries = (entry for entry in self.board.entries() if entry.name in parts)
        return tuple(self._account(one, parts[one.name]) for one in entries)

    def _account(self, entry: Entry, part: ScannerPart | TesterPart) -> DeviceAccount:
        rebound = self._patchbay.is_rebound(self.config, entry.name)
        return account_of(_standing(entry), part, self.board.heard(entry.name), rebound=rebound)

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing is saved right now; None when all is well."""
        return self.runner.trouble if self.runner is not None else self.vault.trouble

    def words(self) -> str:
        """Say in short how the line is."""
        return line_words(self)

    def ended(self) -> tuple[str, ...]:
        """Name the tasks that are to live as long as the line and do not."""
        devices = (intake.instrument.name for intake in self._intakes.values() if intake.ended)
        return (*(task.get_name() for task in self._vital if task.done()), *devices)

    def _changed(self) -> None:
        if self.runner is not None:
            self.runner.changed()


def _store_standing(health: StoreHealth, trouble: Trouble | None) -> StoreStanding:
    if trouble is not None:
        return StoreStanding(state="refusing", reason=trouble.message, todo=trouble.todo, free_mb=health.free_mb)
    return StoreStanding(state=health.state, reason=health.reason, todo=health.todo, free_mb=health.free_mb)


def _standing(entry: Entry) -> DeviceStanding:
    status = entry.status
    return DeviceStanding(
        name=entry.name, kind=entry.kind, station=entry.station, state=status.state, port=status.port,
        reason=status.reason, todo=status.todo, since=status.wall,
    )  # fmt: skip


def _log_device(station: int, status: DeviceStatus) -> None:
    """Say that a device is there or silent; what fails its driver says."""
    fields = {"station": station, "device": status.device, "action": status.state.value}
    if status.state is DeviceState.ONLINE:
        log.info("%s is there: %s.", status.device, status.port or "its folder can be read", extra=fields)
    elif status.state is DeviceState.SILENT:
        log.warning("%s is silent: %s %s", status.device, status.reason, status.todo, extra=fields)


def keep_loaded() -> None:
    """Leave what is loaded by now out of every later garbage collection: each would hold the scans for 40 ms."""
    gc.collect()
    gc.freeze()


async def run_line(path: Path) -> None:
    """Run a line from its configuration file until SIGTERM or SIGINT; SIGHUP reads it again.

    Raises ConfigRefused, and LineTaken where another machine's daemon runs this line.
    """
    config = load_config(path)
    configure_logs(config.line)
    await refuse_second_daemon(config)
    keep_loaded()
    faulthandler.enable()  # the watchdog's SIGABRT shows where every thread was
    line = Line(
        config,
        load=lambda: load_config(path),
        manager=ServiceManager.from_environment(os.environ),
        neighbours=lambda: neighbour_ports(path),
    )
    stop, again = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    await line.serve(stop, again)
