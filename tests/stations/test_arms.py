import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from drivers.readings import FlashKind, FlashSource, IvValues
from stations.runner import LineRunner
from stations.workflow.turn import Place, TesterMode
from storage.records import PanelStatus
from storage.sqlite import Readers, Writer
from tests.stations.shift import SITE, Shift, serial, values

A, B = serial(1), serial(2)


@pytest.fixture(autouse=True)
def armed(shift: Shift) -> None:
    """A panel that waits for its flash."""
    for number in (A, B):
        shift.passed(number, 1, 2, 3)
    shift.scan(4, A)


class Rig:
    """A tester that remembers what it was told."""

    mode = TesterMode.LIVE

    def __init__(self) -> None:
        self.told: list[str | None] = []

    def speaks_as(self, device: str) -> bool:
        return device == "tester"

    def arm(self, serial: str | None) -> None:
        self.told.append(serial)


@asynccontextmanager
async def started(shift: Shift, rig: Rig) -> AsyncIterator[LineRunner]:
    """The line over the store that the shift left behind."""
    shift.store.close()
    writer = await Writer.open(shift.path, site=SITE, line_number=1)
    readers = Readers(shift.path)
    runner = LineRunner(writer, readers, Place(SITE, 1), rig, ids=uuid7, now=lambda: shift.now + timedelta(seconds=5))
    try:
        await runner.start()
        yield runner
    finally:
        await asyncio.gather(readers.close(), writer.close())
        shift.restart()


async def test_after_a_restart_the_tester_is_told_again_whom_to_expect(shift: Shift) -> None:
    rig = Rig()
    async with started(shift, rig):
        assert rig.told == [A]


async def test_a_tester_that_comes_back_is_told_again_whom_to_expect(shift: Shift) -> None:
    rig = Rig()
    async with started(shift, rig) as runner:
        runner.rearm()
    assert rig.told == [A, A]


async def test_a_tester_is_told_nothing_when_no_panel_waits(shift: Shift) -> None:
    shift.flash(values())
    rig = Rig()
    async with started(shift, rig) as runner:
        runner.rearm()
    assert not rig.told
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_tester_fault_renews_the_arm(shift: Shift) -> None:
    shift.fault("Sweep broken off.", after_s=100)
    assert "Sweep broken off" in shift.screen(4)
    shift.flash(values(), after_s=100)
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_tester_fault_answers_the_oldest_arm(shift: Shift) -> None:
    shift.scan(4, "SL-UNDO")
    shift.scan(4, B)
    shift.fault()
    shift.flash(values())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert shift.panel(B).status is PanelStatus.COMPLETED


def test_an_implausible_flash_renews_the_arm(shift: Shift) -> None:
    shift.flash(IvValues(659.0, 73.7, 11.2, 61.0, 10.8, 4), after_s=100)
    assert "Flash again" in shift.screen(4)
    shift.flash(values(), after_s=100)
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


@pytest.mark.parametrize(("sn", "kind"), [
    ("GoldenPanel380", FlashKind.PANEL), ("6666666", FlashKind.PANEL), (A, FlashKind.CALIBRATION),
])  # fmt: skip
def test_a_reference_flash_says_so_and_the_panel_still_waits(shift: Shift, sn: str, kind: FlashKind) -> None:
    shift.flash(values(nudge=0.1), sn=sn, kind=kind)
    assert "reference" in shift.screen(4)
    assert A in shift.screen(4)
    shift.flash(values())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_reference_flashes_make_no_live_values_stale(shift: Shift) -> None:
    for number, name in enumerate(("editSPSn", "6666666", "GoldenPanel380")):
        row = shift.reading(values(), source=FlashSource.LATE, sn=name, stamp=f"09:00:0{number}")
        shift.late(row)
    shift.flash(values())
    assert not shift.holds(A)
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
