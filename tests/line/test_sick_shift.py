"""A disk that fails and heals again and again under full load: what was green is there once, what was red is not."""

import asyncio
import random
from collections.abc import Coroutine, Iterator
from functools import partial
from pathlib import Path

import apsw
import pytest

import daemon.line.vault
import stations.runner
from storage.sqlite import Writer
from tests.line.house import at_work
from tests.line.people import Floor
from tests.line.premises import premises, read_books
from tests.storage.power import SickDisk

SMALL, FULL = 12, 300
ERRORS = ("write_error", apsw.FullError), ("write_error", apsw.IOError), ("sync_error", apsw.IOError)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SickDisk]:
    sick = SickDisk()
    monkeypatch.setattr(Writer, "open", partial(Writer.open, vfs=sick.vfs))
    monkeypatch.setattr(daemon.line.vault, "_RETRY_S", 0.02)
    monkeypatch.setattr(stations.runner, "_RETRY_S", 0.02)
    yield sick
    sick.unregister()


async def one_trouble(floor: Floor, disk: SickDisk, rng: random.Random) -> None:
    """Let the disk fail at some write from now on, until somebody was refused; then heal it."""
    kind, error = rng.choice(ERRORS)
    refused = floor.refused
    disk.writes_left = rng.randrange(20)
    floor.in_trouble, floor.troubles = True, floor.troubles + 1
    setattr(disk, kind, error)
    wanted = refused + rng.randrange(1, 6)
    while floor.refused < wanted:  # noqa: ASYNC110 -- a count has no event
        await asyncio.sleep(0.001)
    setattr(disk, kind, None)
    floor.in_trouble, floor.troubles = False, floor.troubles + 1


@pytest.mark.parametrize("times", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1200)])])
async def test_a_disk_that_fails_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, disk: SickDisk, times: int
) -> None:
    rng = random.Random(times)
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            floor = Floor.of(at, house.cables)
            for number in range(4 * times + 20):
                floor.queues[1].put_nowait(number)
            await house.ready()
            await floor.sign_in()
            people = floor.start()
            try:
                for _ in range(times):
                    await first_of(floor.answered(rng.randrange(1, 30)), people)
                    await first_of(one_trouble(floor, disk, rng), people)
                await first_of(floor.answered(20), people)
            finally:
                disk.write_error = disk.sync_error = None
                await floor.stop(people)
        assert floor.refused >= times
        floor.check(read_books(at.store, tmp_path / "copy"))


async def first_of(wanted: Coroutine[None, None, None], people: list[asyncio.Task[None]]) -> None:
    """Wait for something while everybody works; whoever found something wrong raises it."""
    waiting = asyncio.ensure_future(wanted)
    await asyncio.wait([waiting, *people], return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        await asyncio.wait([waiting])
    for person in people:
        if person.done():
            person.result()
