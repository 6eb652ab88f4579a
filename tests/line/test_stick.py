"""A stick at a whole line: everybody hears and sees what became of it, and no scan is disturbed."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.control.client import ControlClient
from daemon.line import stickboard
from storage.records import StickOutcome
from tests.line.cable import Told
from tests.line.house import House, at_work
from tests.line.premises import BADGES, premises

GOOD, BAD = re.compile(rb"(?:\x16\x07\r){3}"), re.compile(rb"(?:\x16\x07\r){2}")


async def ask(house: House, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON
    """Ask as the program that serves the stick."""
    return await asyncio.to_thread(ControlClient(house.line.config.control.socket).call, op, **args)


async def test_the_end_of_a_visit_is_heard_at_every_station_and_scans_go_on(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await ask(house, "usb.progress", device="sdb", state="writing", share=0.5)
            await house.passed(1, 1)
            await ask(house, "usb.report", device="sdb", outcome="nothing_new", message="Safe to remove.")
            for gun in house.guns.values():
                await gun.cable.next_word(GOOD)
            await house.passed(1, 2)
            await ask(house, "usb.report", device="sdc", outcome="not_enrolled", message="Who is that?")
            for gun in house.guns.values():
                await gun.cable.next_word(BAD)
            await house.passed(1, 3, 4)
            assert {one.text.strip() for one in house.line.standing().sticks} == {"Safe to remove.", "Who is that?"}


async def test_a_scanner_that_waits_for_its_answer_hears_that_first(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            gun, came, unanswered = house.guns[1], asyncio.Event(), asyncio.Event()
            take = house.line.take

            async def slowly(station: int, reading: Any) -> Any:  # noqa: ANN401 -- as it was
                came.set()
                await unanswered.wait()
                return await take(station, reading)

            house.line.take = slowly  # type: ignore[method-assign]
            await gun.cable.send(BADGES[1].encode() + b"\r")
            await came.wait()
            house.line.sticks.ended("sdb", "BLUE", good=True, text="Safe to remove.")
            await house.guns[2].cable.next_word(GOOD)
            assert not gun.cable.heard
            unanswered.set()
            assert await gun.answer() is Told.GOOD
            await gun.cable.next_word(GOOD)


async def test_a_visit_that_nobody_ends_is_kept_by_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stickboard, "SILENT", timedelta(seconds=0.1))
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await ask(house, "usb.progress", device="sdb", state="writing", share=0.5)
            await house.stored(lambda view: bool(view.sticks.visits(1)))
            (visit,) = await house.read(lambda view: view.sticks.visits(9))
            assert (visit.outcome, visit.stick_uuid) == (StickOutcome.INTERNAL, None)
            await house.guns[1].cable.next_word(BAD)
