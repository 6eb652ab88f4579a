"""Listens to ports nobody is bound to while a scanner is unplugged: one scan puts a new one in its place."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import Final, Protocol

from daemon.config import PortPart, ScannerPart
from daemon.wiring.bindings import identity_of
from daemon.wiring.devices import make_scanner
from daemon.wiring.intake import Intake
from daemon.wiring.vacancy import Former, No, Vacancy, choose, former_at, free_ports
from drivers.bell import Bell
from drivers.candidates import list_candidates
from drivers.readings import Answer, DeviceState, DeviceStatus, Reading, Scan
from stations.rules.commands import without_token
from stations.workflow.turn import Place

log = logging.getLogger(__name__)

POLL_S: Final = 1.0
_ANSWERED_S: Final = 2.0


class Hall(Protocol):
    """The line as a lookout sees it: where a reading goes, and what is said there."""

    @property
    def place(self) -> Place:
        """Which line this is."""

    async def take(self, station: int, reading: Reading) -> Answer:
        """Take a reading through to its commit."""

    def tell(self, message: str) -> None:
        """Show a message on every station."""


class Wiring(Protocol):
    """What a lookout asks of its line's devices."""

    def vacant(self) -> tuple[Vacancy, ...]:
        """Give the scanners that are unplugged."""

    def former(self) -> tuple[Former, ...]:
        """Give the ports whose scanner was replaced."""

    def taken(self) -> tuple[PortPart, ...]:
        """Give every port that is somebody's, also of other lines of this computer. May read files."""

    async def bind(self, name: str, port: PortPart, by: str) -> None:
        """Bind a device to a port, durably. Raises OSError."""

    async def rewire(self) -> None:
        """Start and stop devices as they are bound now."""


class Lookout:
    """Holds a free port only while a scanner is unplugged, and lets go before the scanner's own driver opens it.

    A free port is listened to as the first unplugged scanner is configured: one of another kind or baud rate is bound
    with `sunline device bind`. Of what types only scanners of known makers, or so named by a udev rule, are listened
    to, and only while a scanner that types is unplugged.
    """

    def __init__(self, line: Hall, wiring: Wiring, changed: Bell) -> None:
        self._line = line
        self._wiring = wiring
        self._changed = changed
        self._bound = asyncio.Event()
        self._heard: dict[PortPart, Intake] = {}

    @property
    def listens(self) -> tuple[PortPart, ...]:
        """The free ports it hears now."""
        online = DeviceState.ONLINE
        return tuple(port for port, intake in self._heard.items() if intake.instrument.status.state is online)

    def wake(self) -> None:
        """Look at once: a binding changed."""
        self._bound.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                rings = self._changed.rings
                rewired = self._bound.is_set()
                self._bound.clear()
                wanted = await self._wanted()
                for port in [port for port in self._heard if port not in wanted]:
                    await _let_go(self._heard.pop(port))
                if rewired:
                    await self._wiring.rewire()
                for port, (part, former) in wanted.items():
                    if port not in self._heard:
                        self._start(group, port, part, former)
                await self._rest(rings)

    async def _wanted(self) -> dict[PortPart, tuple[ScannerPart, Former | None]]:
        """Give the ports to listen to: the free ones while a scanner is unplugged, else only where one was replaced."""
        vacant, formers = self._wiring.vacant(), self._wiring.former()
        if not vacant and not formers:
            return {}
        ports, taken = await asyncio.to_thread(lambda: (list_candidates(), self._wiring.taken()))
        found = {}
        for port in free_ports(ports, taken):
            former = former_at(port, formers)
            likely = next((one for one in vacant if one.part.types is port.sort.types), former)
            if likely is not None:
                found[identity_of(port, ports)] = (likely.part, former)
        return found

    def _start(self, group: asyncio.TaskGroup, port: PortPart, part: ScannerPart, former: Former | None) -> None:
        where = ", ".join(str(value) for value in port.model_dump(exclude_none=True).values())
        name = f"unbound {where}"
        log.info("Listening at %s, which is nobody's, for the code of a station whose scanner is unplugged.", where)

        async def take(reading: Reading) -> Answer:
            return await self._take(port, part, former, reading)

        instrument = make_scanner(part.model_copy(update={"name": name, "port": port}), self._changed)
        self._heard[port] = intake = Intake(instrument, 0, take, _unshown)
        intake.start(group)

    async def _take(self, port: PortPart, part: ScannerPart, former: Former | None, reading: Reading) -> Answer:
        """Decide on what a free port said. What binds is then a scan of its station, stored as every other."""
        if not isinstance(reading, Scan) or port in self._wiring.taken():
            return Answer.BAD
        chosen = choose(reading.text, self._line.place.line_number, self._wiring.vacant(), former, types=part.types)
        if isinstance(chosen, No):
            log.warning("%s said %r: %s", reading.device, without_token(reading.text), chosen.message)
            self._line.tell(chosen.message)
            return Answer.BAD
        try:
            await self._wiring.bind(chosen.part.name, port, f"a scan at station {chosen.station}")
        except OSError as error:
            log.error("The binding cannot be kept: %s", error)
            self._line.tell("The new scanner cannot be kept in mind: the disk refuses. Call a technician.")
            return Answer.BAD
        answer = await self._line.take(chosen.station, replace(reading, device=chosen.part.name))
        self._line.tell(f"Station {chosen.station} has a new scanner.")
        return answer

    async def _rest(self, rings: int) -> None:
        """Wait until ports or bindings change, and look from time to time in any case."""
        tasks = [
            asyncio.create_task(self._changed.wait(rings, POLL_S), name="lookout: ports"),
            asyncio.create_task(self._bound.wait(), name="lookout: bindings"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def _let_go(intake: Intake) -> None:
    """Close a port once whoever scanned there was answered."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ANSWERED_S):
            await intake.settle()
    await intake.stop()


def _unshown(_status: DeviceStatus) -> None:
    """Show nobody how a free port is: it is nobody's device."""
