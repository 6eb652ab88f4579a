"""The devices of one line: those of its configuration, each at the port it is bound to now."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from daemon.config import LineConfig, PortPart, ScannerPart, TesterPart
from daemon.control.face import DeviceAccount, DeviceStanding
from daemon.line.board import Board, DeviceKind, Entry
from daemon.line.tester import TesterDesk
from daemon.line.workbench import Workbench, answer_to
from daemon.wiring.accounts import account_of
from daemon.wiring.devices import make_scanner, make_tester
from daemon.wiring.intake import Intake
from daemon.wiring.lookout import Hall, Lookout
from daemon.wiring.patchbay import Patchbay
from daemon.wiring.vacancy import Former, Vacancy, vacancies
from drivers.hotplug import Hotplug
from drivers.instrument import Instrument
from drivers.readings import Answer, DeviceState, DeviceStatus, Reading, Scan
from drivers.tap import Tap

log = logging.getLogger(__name__)


class Home(Hall, Protocol):
    """A line as its devices see it."""

    config: LineConfig

    async def keep(self, station: int, scan: Scan) -> bool:
        """Store a scan of a test as it came, and decide nothing on it; False where it cannot be saved."""

    async def known(self, digest: str) -> bool:
        """Tell whether a result file was imported to its end."""

    def rearm(self) -> None:
        """Ask the tester anew for the flash it is to make."""

    def changed(self) -> None:
        """Have the screens show how things are."""


class Fleet:
    """Starts and stops the devices of a line, and knows how each of them is."""

    def __init__(self, line: Home, patchbay: Patchbay) -> None:
        self.board = Board()
        self.patchbay = patchbay
        self.hotplug = Hotplug()
        self.tap = Tap()
        self.desk = TesterDesk(self.board)
        self.lookout = Lookout(line, self, self.hotplug.changed)
        self.bench = Workbench(line, patchbay, self.tap, self.lookout.wake)
        self._line = line
        self._intakes: dict[tuple[int, ScannerPart | TesterPart], Intake] = {}
        self._rewiring = asyncio.Lock()
        self._group: asyncio.TaskGroup

    def __len__(self) -> int:
        return len(self._intakes)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start every device, as tasks of the group; so is later whatever `rewire` starts."""
        self._group = group
        for station, part in self.patchbay.wanted(self._line.config):
            self._start(station, part)

    async def rewire(self) -> None:
        """Make the devices those of the configuration, as they are bound now; the others are not touched."""
        async with self._rewiring:
            wanted = self.patchbay.wanted(self._line.config)
            for key in [key for key in self._intakes if key not in wanted]:
                await self._intakes[key].stop()
                self.board.remove(self._intakes.pop(key).instrument.name)
            if self._line.config.tester is None:
                self.desk.use(None, late=False)
            for key in wanted:
                if key not in self._intakes:
                    self._start(*key)
        self._line.changed()

    async def stop(self, within_s: float) -> None:
        """Take no new readings and finish those in hand; a device that does not let go in time is left behind."""
        try:
            async with asyncio.timeout(within_s):
                await asyncio.gather(*(intake.stop() for intake in self._intakes.values()))
        except TimeoutError:
            log.warning("A device did not let go in time; it is left behind.")
            for intake in self._intakes.values():
                intake.abandon()

    def ended(self) -> Iterator[str]:
        """Name the devices whose tasks are over and that nobody stopped."""
        return (intake.instrument.name for intake in self._intakes.values() if intake.ended)

    def scanners(self) -> list[Instrument]:
        """Give every scanner."""
        return [intake.instrument for (_, part), intake in self._intakes.items() if isinstance(part, ScannerPart)]

    def standings(self) -> tuple[DeviceStanding, ...]:
        """Tell how every device is, from memory."""
        return tuple(self._standing(entry) for entry in self.board.entries())

    def accounts(self) -> tuple[DeviceAccount, ...]:
        """Tell of every device what it hangs on and what it said last, from memory."""
        parts = {part.name: part for _, part in self._intakes}
        entries = (entry for entry in self.board.entries() if entry.name in parts)
        return tuple(self._account(one, parts[one.name]) for one in entries)

    def vacant(self) -> tuple[Vacancy, ...]:
        """Give the scanners that are unplugged."""
        wanted = self.patchbay.wanted(self._line.config)
        scanners = [(station, part) for station, part in wanted if isinstance(part, ScannerPart)]
        return vacancies(scanners, [entry.status for entry in self.board.entries()])

    def former(self) -> tuple[Former, ...]:
        """Give the ports whose scanner was replaced."""
        return self.patchbay.former(self._line.config)

    def taken(self) -> tuple[PortPart, ...]:
        """Give every port that is somebody's on this computer."""
        return self.patchbay.taken(self._line.config)

    async def bind(self, name: str, port: PortPart, by: str) -> None:
        """Bind a device to a port, durably; its driver goes there by itself. Raises LookupError, OSError."""
        await self.patchbay.bind(self._line.config, name, port, by)
        self.lookout.wake()

    async def unbind(self, name: str) -> bool:
        """Bind a device as its configuration says again; False: it was. Raises OSError."""
        was_bound = await self.patchbay.unbind(name)
        self.lookout.wake()
        return was_bound

    def _account(self, entry: Entry, part: ScannerPart | TesterPart) -> DeviceAccount:
        config, name = self._line.config, entry.name
        account = account_of(self._standing(entry), part, self.board.heard(name))
        return replace(
            account, rebound=self.patchbay.is_rebound(config, name), profile=self.patchbay.profile(config, name)
        )

    def _standing(self, entry: Entry) -> DeviceStanding:
        status = entry.status
        return DeviceStanding(
            name=entry.name, kind=entry.kind, station=entry.station, state=status.state, port=status.port,
            reason=status.reason, todo=status.todo, since=status.wall, tested=self.bench.holds(entry.name),
        )  # fmt: skip

    def _start(self, station: int, part: ScannerPart | TesterPart) -> None:
        instrument, kind = self._made(part)

        async def take(reading: Reading) -> Answer:
            self.board.hear(part.name, reading)
            if self.bench.keeps(reading):
                return await self._tested(station, reading)
            return await self._line.take(station, reading)

        def on_status(status: DeviceStatus) -> None:
            self._on_status(kind, station, status)

        on_status(instrument.status)
        self._intakes[station, part] = intake = Intake(instrument, station, take, on_status)
        intake.start(self._group)

    async def _tested(self, station: int, reading: Reading) -> Answer:
        """Keep a scan of a test; only what is on the disk can be good."""
        if isinstance(reading, Scan) and await self._line.keep(station, reading):
            return answer_to(reading)
        return Answer.BAD

    def _made(self, part: ScannerPart | TesterPart) -> tuple[Instrument, DeviceKind]:
        if isinstance(part, ScannerPart):
            return make_scanner(part, self.hotplug.changed, self.tap), "scanner"
        tester = make_tester(part, self.hotplug.changed, self._line.known, self.tap)
        self.desk.use(tester, late=part.kind == "files")
        return tester, "tester"

    def _on_status(self, kind: DeviceKind, station: int, status: DeviceStatus) -> None:
        self.board.put(kind, station, status)
        _log_device(station, status)
        if kind == "tester" and status.state is DeviceState.ONLINE:
            self._line.rearm()
        self._line.changed()


def _log_device(station: int, status: DeviceStatus) -> None:
    """Say that a device is there or silent; what fails its driver says."""
    fields = {"station": station, "device": status.device, "action": status.state.value}
    if status.state is DeviceState.ONLINE:
        log.info("%s is there: %s.", status.device, status.port or "its folder can be read", extra=fields)
    elif status.state is DeviceState.SILENT:
        log.warning("%s is silent: %s %s", status.device, status.reason, status.todo, extra=fields)
