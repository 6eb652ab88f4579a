"""A configuration read again while nothing can be saved: the line still ends in order."""

import asyncio
import contextlib
from pathlib import Path

import pytest

import daemon.line.line
import daemon.line.vault
from daemon.wiring.hearing import Hearing
from storage.sqlite import Disk, Room
from storage.sqlite.disk import DiskHealth
from tests.line.cable import result_line
from tests.line.house import House, at_work
from tests.line.premises import premises


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> list[Room]:
    room = [Room.AMPLE]
    monkeypatch.setattr(Disk, "health", lambda _: DiskHealth(room[0], 0, ballast=False))
    monkeypatch.setattr(daemon.line.line, "STOP_WITHIN_S", 0.5)
    monkeypatch.setattr(daemon.line.vault, "_LOOK_S", 0.05)
    return room


async def strike_out_the_tester(house: House) -> None:
    """Read a configuration without the tester, and see that the line has begun with it."""
    less = house.line.config.model_copy(update={"tester": None})
    house.line._load = lambda: less
    house.again.set()
    await house.until(lambda: not house.again.is_set())
    await asyncio.sleep(0)


async def test_a_line_ends_in_order_while_a_device_struck_out_still_waits_for_the_disk(
    tmp_path: Path, room: list[Room]
) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            room[0] = Room.NONE
            await house.until(lambda: house.trouble is not None)
            flash = asyncio.create_task(house.rig.flash(result_line(1)))
            await house.until(lambda: house.line.fleet.board.heard("tester") != Hearing())
            await strike_out_the_tester(house)
            flash.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await flash


async def test_a_flash_in_hand_is_stored_though_its_tester_was_struck_out(tmp_path: Path, room: list[Room]) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            room[0] = Room.NONE
            await house.until(lambda: house.trouble is not None)
            await house.rig.cable.send(result_line(1).encode() + b"\r\n")
            await house.until(lambda: house.line.fleet.board.heard("tester") != Hearing())
            await strike_out_the_tester(house)
            room[0] = Room.AMPLE
            await house.stored(lambda view: bool(view.tray(5)))
            await house.until(lambda: len(house.line.fleet) == 4)
