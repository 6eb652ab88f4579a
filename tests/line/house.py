"""A whole line in this very loop: the daemon, its devices on pseudo-terminals, and a look at what it tells people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from daemon.line.line import Line
from stations.runner import Trouble
from stations.workflow.state import Banner
from storage.sqlite import View
from tests.line.cable import Cable, Gun, Rig, Told, result_line
from tests.line.premises import BADGES, STATIONS, Premises, serial

T = TypeVar("T")
PATIENCE_S = 60.0


@dataclass
class House:
    """The line at work, with a scanner at each station and a rig at the last."""

    at: Premises
    line: Line
    cables: dict[str, Cable]
    guns: dict[int, Gun]
    rig: Rig
    again: asyncio.Event = field(default_factory=asyncio.Event)

    def banner(self, station: int) -> Banner:
        """What the station's screen says."""
        assert self.line.runner is not None
        return self.line.runner.state(station).banner

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing is saved."""
        return self.line.trouble

    async def read(self, fn: Callable[[View], T]) -> T:
        """Read what is stored."""
        assert self.line.runner is not None
        return await self.line.runner.read(fn)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 -- what the line says of itself has no event
                await asyncio.sleep(0.01)

    async def stored(self, condition: Callable[[View], bool]) -> None:
        """Wait until what is stored fulfils a condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.read(condition):  # noqa: ASYNC110 -- a store has no event
                await asyncio.sleep(0.01)

    async def ready(self) -> None:
        """Wait until the store is open."""
        await self.until(lambda: self.line.runner is not None and self.trouble is None)

    async def online(self) -> None:
        """Wait until every device is there."""
        await self.until(lambda: all(self.line.fleet.board.is_online(one.name) for one in self.line.config.devices()))

    async def scan(self, station: int, *texts: str) -> list[Told]:
        """Scan one after the other."""
        return [await self.guns[station].scan(text) for text in texts]

    async def sign_in(self) -> None:
        """Everybody scans the badge."""
        for station in STATIONS:
            assert await self.scan(station, BADGES[station]) == [Told.GOOD]

    async def passed(self, number: int, *stations: int) -> None:
        """Take a panel through stations; every answer is good."""
        for station in stations:
            assert await self.scan(station, serial(number)) == [Told.GOOD]
            if station == 4:
                assert await self.rig.flash(result_line(number))
            assert await self.scan(station, "SL-PASS") == [Told.GOOD], self.banner(station)


@asynccontextmanager
async def at_work(at: Premises) -> AsyncIterator[House]:
    """Run a line over its premises; its end is in order, or the test fails."""
    cables = {name: Cable(at.port(name)) for name in (*at.scanners, "tester")}
    for cable in cables.values():
        cable.plug()
    line, stop, again = Line(at.load()), asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(line.serve(stop, again), name="line")
    guns = {station: Gun(cables[name]) for name, station in at.scanners.items()}
    try:
        house = House(at, line, cables, guns, Rig(cables["tester"]), again)
        await house.online()
        yield house
        assert not serving.done(), "the line ended by itself"
    finally:
        stop.set()
        try:
            async with asyncio.timeout(60):
                await serving
        finally:
            for cable in cables.values():
                cable.pull()
