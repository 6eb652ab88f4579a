"""Cables pulled in the middle of a shift: each device comes back under another name, no scan after that is lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from storage.sqlite import View
from storage.sqlite.connection import open_reading
from tests.line.cable import PATIENCE_S, Told
from tests.line.people import Floor
from tests.line.premises import BADGES, STATIONS, Books, premises, read_books
from tests.line.process import Daemon, daemon

SMALL, FULL = 12, 100
ALONE = 600
PLUGS = {1: ("scanner-1",), 2: ("scanner-2",), 3: ("scanner-3",), 4: ("scanner-4", "tester")}
DEVICES = [name for names in PLUGS.values() for name in names]


async def gone(running: Daemon, floor: Floor, name: str) -> None:
    """Pull a cable; what its device said before is decided on by then."""
    floor.cables[name].pull()
    await running.until(lambda: running.states[name] != "online")


async def back(running: Daemon, floor: Floor, name: str) -> None:
    """Plug it in again, as another pseudo-terminal."""
    floor.cables[name].plug()
    await running.online(name)


def catch_up(store: Path, books: Books) -> None:
    """Read the books beside the running daemon."""
    connection = open_reading(store)
    try:
        books.read_on(View(connection))
    finally:
        connection.close()


class Shift:
    """Everybody at work, one task a station, so that one may stop while the others go on."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.tasks: dict[int, asyncio.Task[None]] = {}

    def begin(self, station: int) -> None:
        self.tasks[station] = asyncio.create_task(self.floor.operators[station].work(), name=f"operator {station}")

    async def pause(self, station: int) -> None:
        await self.floor.stop([self.tasks.pop(station)])

    async def answered(self, more: int) -> None:
        """Wait for answers at any station; raise what went wrong at one, or that nobody goes on."""
        waiting = asyncio.create_task(self.floor.answered(more))
        ended, _ = await asyncio.wait(
            [waiting, *self.tasks.values()], timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        await asyncio.wait([waiting])
        for task in self.tasks.values():
            if task.done():
                task.result()
        assert ended, f"nobody goes on: {[one.pending for one in self.floor.operators.values()]}"

    async def end(self) -> None:
        await self.floor.stop(list(self.tasks.values()))


class Supply(asyncio.Queue[int]):
    """Panels for the first station, without a last one: how many it works in a round is up to the machine."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count()

    async def get(self) -> int:
        return next(self._numbers)


@asynccontextmanager
async def at_work(tmp_path: Path) -> AsyncIterator[tuple[Daemon, Shift, Path]]:
    """A line with everybody at work; what was promised is in the store afterwards."""
    with premises(tmp_path) as at:
        floor = Floor.of(at)
        floor.queues[1] = Supply()
        floor.plug()
        try:
            async with daemon(at.config) as running:
                await running.online("store", *DEVICES)
                await floor.sign_in()
                shift = Shift(floor)
                for station in STATIONS:
                    shift.begin(station)
                try:
                    yield running, shift, at.store
                finally:
                    await shift.end()
        finally:
            floor.pull()
        floor.check(read_books(at.store, tmp_path / "copy"))


@pytest.mark.parametrize("cycles", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1200)])])
async def test_cables_pulled_during_the_shift_lose_nothing(tmp_path: Path, cycles: int) -> None:
    rng, books = random.Random(cycles), Books()
    async with at_work(tmp_path) as (running, shift, store):
        before = len(running.descriptors())
        for _ in range(cycles):
            await shift.answered(rng.randrange(1, 12))
            await pulled(running, shift, rng, store, books)
        await shift.end()
        assert len(running.descriptors()) == before
        assert {cable.target for cable in shift.floor.cables.values()} <= set(running.descriptors().values())


async def test_the_first_station_goes_on_however_long_the_others_are_cut_off(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (running, shift, _):
        for name in DEVICES[1:]:
            await gone(running, shift.floor, name)
        for station in STATIONS[1:]:  # nobody waits at a dead scanner until the patience ends
            await shift.pause(station)
        await shift.answered(ALONE)
        await asyncio.gather(*(back(running, shift.floor, name) for name in DEVICES[1:]))


async def pulled(running: Daemon, shift: Shift, rng: random.Random, store: Path, books: Books) -> None:
    """Pull some stations' cables while the others work; with all of them back, those go on where they were."""
    stations = rng.sample(STATIONS, rng.randrange(1, 4))
    for station in stations:
        for name in PLUGS[station]:
            await gone(running, shift.floor, name)
        await shift.pause(station)
    if 1 in shift.tasks:  # only the first station never waits for another
        await shift.answered(1)
    names = [name for station in stations for name in PLUGS[station]]
    await asyncio.gather(*(back(running, shift.floor, name) for name in names))
    catch_up(store, books)
    for station in stations:
        shift.floor.check_scans(shift.floor.operators[station], books)
        await try_out(shift.floor, station)
        shift.begin(station)


async def try_out(floor: Floor, station: int) -> None:
    """The operator tries the scanner with the badge, the rig says something: a device that is heard is well again."""
    operator = floor.operators[station]
    assert await operator.gun.scan(BADGES[station]) in (Told.GOOD, Told.SEEN)
    operator.said.append(BADGES[station])
    if station == 4:
        await floor.cables["tester"].send(b"# well again\r\n")
