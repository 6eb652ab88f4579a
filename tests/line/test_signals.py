"""SIGTERM ends a line in order under full load; SIGHUP changes what it must and leaves the rest alone."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.line.cable import Cable, Gun, Told
from tests.line.people import Floor
from tests.line.premises import BADGES, Premises, premises, read_books, serial
from tests.line.process import Daemon, daemon

SMALL, FULL = 3, 40
HANGS_S = 60.0
DEVICES = ("scanner-1", "scanner-2", "scanner-3", "scanner-4", "tester")


@pytest.mark.parametrize("stops", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1200)])])
async def test_a_line_stopped_under_load_ends_in_order_with_everything_kept(tmp_path: Path, stops: int) -> None:
    rng = random.Random(stops)
    with premises(tmp_path) as at:
        floor = Floor.of(at)
        for number in range(8 * stops + 20):
            floor.queues[1].put_nowait(number)
        try:
            for turn in range(stops):
                floor.plug()
                async with daemon(at.config) as running:
                    await running.online("store", *DEVICES)
                    if not turn:
                        await floor.sign_in()
                    await stopped_under_load(running, floor, rng)
                floor.check(read_books(at.store, tmp_path / "copy"))
                log = at.store.with_name(at.store.name + "-wal")
                assert not log.exists() or not log.stat().st_size, "the store was not closed in order"
        finally:
            floor.pull()


async def stopped_under_load(running: Daemon, floor: Floor, rng: random.Random) -> None:
    people = floor.start()
    try:
        await floor.answered(rng.randrange(1, 60))
        running.signal(signal.SIGTERM)
        async with asyncio.timeout(HANGS_S):
            assert await running.process.wait() == 0
    finally:
        await floor.stop(people)
    assert not [line for line in running.log if "did not let go" in line or "Traceback" in line]


@asynccontextmanager
async def plugged(at: Premises, *names: str) -> AsyncIterator[dict[str, Cable]]:
    cables = {name: Cable(at.port(name)) for name in names}
    for cable in cables.values():
        cable.plug()
    try:
        yield cables
    finally:
        for cable in cables.values():
            cable.pull()


def held(running: Daemon, cable: Cable) -> list[str]:
    """The daemon's descriptors on a cable."""
    return [fd for fd, target in running.descriptors().items() if target == cable.target]


async def test_a_changed_configuration_touches_only_what_it_changes(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with plugged(at, *DEVICES, "scanner-5") as cables, daemon(at.config) as running:
            await running.online("store", *DEVICES)
            guns = {name: Gun(cable) for name, cable in cables.items()}
            assert await guns["scanner-1"].scan(BADGES[1]) is Told.GOOD
            kept = {name: held(running, cables[name]) for name in ("scanner-1", "scanner-3", "scanner-4", "tester")}
            assert all(len(fds) == 1 for fds in kept.values())
            del at.scanners["scanner-2"]
            at.scanners["scanner-5"] = 3
            at.write_config()
            running.signal(signal.SIGHUP)
            scanned = await asyncio.gather(*(guns["scanner-1"].scan(serial(n)) for n in range(1)))
            await running.online("scanner-5")
            await running.until(lambda: running.states["scanner-2"] == "removed")
            assert scanned == [Told.GOOD]
            assert await guns["scanner-1"].scan("SL-PASS") is Told.GOOD
            assert await guns["scanner-5"].scan(BADGES[3]) is Told.GOOD
            assert await guns["scanner-3"].scan(serial(0)) is Told.BAD  # it belongs to station 2
            assert {name: held(running, cables[name]) for name in kept} == kept
            assert not held(running, cables["scanner-2"])
            assert running.seen.count(("scanner-1", "online")) == 1


REFUSED = {
    "no TOML": ('site = "T"', "site = "),
    "an unknown key": ('site = "T"', 'site = "T"\nsight = "T"'),
    "a wrong type": ("line = 1", 'line = "one"'),
    "a dialect that is not there": ("rig.toml", "none.toml"),
}


async def test_a_refused_configuration_leaves_the_old_one_at_work(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with plugged(at, *DEVICES) as cables, daemon(at.config) as running:
            await running.online("store", *DEVICES)
            kept = {name: held(running, cable) for name, cable in cables.items()}
            good = at.config.read_text()
            for fault, (old, new) in REFUSED.items():
                running.log.clear()
                at.config.write_text(good.replace(old, new))
                running.signal(signal.SIGHUP)
                assert "the old one stays" in await running.logged("refused"), fault
                assert await Gun(cables["scanner-1"]).scan(serial(1)) in (Told.BAD, Told.SEEN)  # nobody is signed in
                assert {name: held(running, cable) for name, cable in cables.items()} == kept
