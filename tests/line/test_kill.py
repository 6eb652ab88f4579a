"""`kill -9` of the daemon at random moments under load: nothing promised is lost or doubled, everybody goes on."""

import asyncio
import random
import signal
from pathlib import Path

import pytest

from storage.records import OrderStatus, PalletStatus, Panel, PanelStatus
from storage.sqlite import View
from tests.line.people import Floor
from tests.line.premises import PALLET, Books, Premises, opened, premises, read_books, serial
from tests.line.process import Daemon, daemon

pytestmark = pytest.mark.timeout(600)  # many starts, each as slow as the PC is busy

SMALL, FULL = 5, 100
DEVICES = ("scanner-1", "scanner-2", "scanner-3", "scanner-4", "tester")


async def killed_under_load(at: Premises, floor: Floor, rng: random.Random) -> None:
    """Run the daemon with everybody at work, and kill it at a moment nobody chose."""
    floor.plug()
    async with daemon(at.config) as running:
        if rng.random() < 0.15:  # killed while it still starts
            await asyncio.sleep(rng.uniform(0, 1.0))
            running.signal(signal.SIGKILL)
            return
        await running.online("store", *DEVICES)
        people = floor.start()
        try:
            await floor.answered(rng.randrange(1, 40))
            await asyncio.sleep(rng.uniform(0, 0.004))
            running.signal(signal.SIGKILL)
            await running.process.wait()
        finally:
            await floor.stop(people)


async def finish(floor: Floor, running: Daemon, panels: int) -> None:
    """Let everybody work until every panel is through, then stop the daemon in order."""
    await running.online("store", *DEVICES)
    people = floor.start()
    try:
        while len(floor.finished) < panels:
            working = asyncio.ensure_future(floor.answered(1))
            await asyncio.wait([working, *people], return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            assert not any(one.done() for one in people)
    finally:
        await floor.stop(people)
    running.signal(signal.SIGTERM)
    assert await running.process.wait() == 0


def check_counts(view: View, numbers: range) -> None:
    """Every panel completed and on one pallet, pallets full but the last, the order counted true."""
    panels = [view.panel(serial(number)) for number in numbers]
    assert all(panel is not None and panel.status is PanelStatus.COMPLETED for panel in panels)
    places = [place for pallet in view.pallets(limit=10_000) for place in view.pallet_panels(pallet.uuid)]
    assert sorted(str(place.panel_uuid) for place in places) == sorted(str(one.uuid) for one in panels if one)
    *full, last = view.pallets(limit=10_000)
    assert all(pallet.status is PalletStatus.COMPLETED for pallet in full)
    assert all(len(view.pallet_panels(pallet.uuid)) == PALLET for pallet in full)
    assert len(view.pallet_panels(last.uuid)) <= PALLET
    (order,) = view.orders()
    counts = view.order_counts(order.uuid)
    assert (counts.joined, counts.completed, counts.scrapped) == (len(numbers), len(numbers), 0)
    assert order.status is OrderStatus.ACTIVE


def check_flashes(view: View, panels: list[Panel]) -> None:
    """No flash waits undecided or lies in the tray; none was attached twice."""
    assert not view.undecided_flashes(1)
    assert not view.tray(1)
    assert not view.intake_errors(1)
    attached = [str(ruling.flash_uuid) for one in panels if (h := view.history(one.uuid)) for ruling in h.rulings]
    assert len(attached) == len(set(attached))


@pytest.mark.parametrize("kills", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1800)])])
async def test_a_line_killed_again_and_again_keeps_every_promise(tmp_path: Path, kills: int) -> None:
    rng = random.Random(20260302 + kills)
    panels = 4 * kills + 10  # more than are worked on between the kills
    with premises(tmp_path) as at:
        floor = Floor.of(at)
        for number in range(panels):
            floor.queues[1].put_nowait(number)
        try:
            floor.plug()
            async with daemon(at.config) as running:
                await running.online("store", *DEVICES)
                await floor.sign_in()
                running.signal(signal.SIGKILL)
            books = Books()
            for _ in range(kills):
                await killed_under_load(at, floor, rng)
                floor.check(read_books(at.store, tmp_path / "copy", books))
            floor.plug()
            async with daemon(at.config) as running:
                await finish(floor, running, panels)
        finally:
            floor.pull()
        floor.check(read_books(at.store, tmp_path / "copy"))
        with opened(at.store, tmp_path / "copy") as store:
            check_counts(store.view, range(panels))
            made = [one for number in range(panels) if (one := store.view.panel(serial(number)))]
            check_flashes(store.view, made)
