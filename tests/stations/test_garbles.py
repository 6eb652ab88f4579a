"""What a tester says that fits no panel: the station tells, and nothing else changes."""

import asyncio

import pytest

from drivers.readings import Answer, Garbled
from stations.workflow.state import Colour
from stations.workflow.turn import TesterMode
from storage.records import Disposition, PanelStatus
from tests.stations.shift import Shift, serial, values
from tests.stations.test_arms import Rig, started

A = serial(1)
UNREADABLE = "The tester sent a line that could not be read."
TECHNICIAN = "Call a technician: check baud and dialect."


@pytest.fixture(autouse=True)
def framed(shift: Shift) -> None:
    """A panel on its way to the tester."""
    shift.passed(A, 1, 2, 3)


def test_a_line_nobody_can_read_asks_for_another_flash_and_the_panel_stays_armed(shift: Shift) -> None:
    shift.scan(4, A)
    arms = shift.state(4).arms
    shift.garble()
    assert shift.screen(4) == f"amber Flash again | {UNREADABLE} | Flash it again."
    assert shift.answer() is Answer.BAD
    assert shift.state(4).arms == arms
    shift.flash(values())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_after_the_arm_ran_out_the_panel_is_to_be_scanned_again(shift: Shift) -> None:
    shift.scan(4, A)
    shift.garble(after_s=200)
    assert "Scan the panel again, then flash." in shift.screen(4)
    shift.scan(4, A)
    shift.flash(values())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_after_three_unreadable_lines_a_technician_is_called(shift: Shift) -> None:
    shift.scan(4, A)
    for _ in range(2):
        shift.garble()
        assert TECHNICIAN not in shift.screen(4)
    for _ in range(3):
        shift.garble()
        assert TECHNICIAN in shift.screen(4)
    shift.fault("No contact.")
    shift.garble()
    assert TECHNICIAN not in shift.screen(4)


def test_an_unreadable_line_without_a_panel_turns_the_screen_amber_and_keeps_its_words(shift: Shift) -> None:
    before = shift.state(4).banner
    shift.garble()
    assert shift.state(4).banner.headline == before.headline
    assert shift.state(4).banner.colour is Colour.AMBER
    assert shift.aside(4) == f"{UNREADABLE} Scan the panel, then flash it."
    for _ in range(2):
        shift.garble()
    assert shift.aside(4) == f"{UNREADABLE} {TECHNICIAN}"
    shift.scan(4, A)
    assert shift.aside(4) == ""


def test_an_unreadable_line_takes_no_green_light_away(shift: Shift) -> None:
    shift.passed(A, 4)
    before = shift.state(4).banner
    shift.garble()
    assert before.colour is Colour.GREEN
    assert shift.state(4).banner == before
    assert UNREADABLE in shift.aside(4)


def test_an_unreadable_line_takes_no_values_away(shift: Shift) -> None:
    shift.scan(4, A)
    shift.flash(values())
    shift.garble()
    assert shift.state(4).banner.headline == "329.1 W"
    assert shift.aside(4) == f"{UNREADABLE} Go on with {A}."
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_flash_without_a_panel_says_where_it_went(shift: Shift) -> None:
    shift.flash(values())
    assert shift.aside(4) == "Flash without a panel: kept in the tray. Scan the panel, then flash it."
    ((_, ruling),) = shift.store.view.tray(5)
    assert ruling.disposition is Disposition.TRAY


def test_a_second_flash_leaves_the_prompt_of_the_panel(shift: Shift) -> None:
    shift.scan(4, A)
    shift.flash(values())
    shift.flash(values(nudge=0.1))
    assert "329.1 W" in shift.screen(4)
    assert shift.aside(4) == f"A flash nobody waited for: kept in the tray. Go on with {A}."
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert shift.panel(A).status is PanelStatus.COMPLETED


def test_a_fault_without_a_panel_is_said(shift: Shift) -> None:
    shift.fault("No contact.")
    assert shift.aside(4) == "No contact. Scan the panel, then flash it."


@pytest.mark.parametrize(("device", "said"), [("tester", True), ("scanner4", False)])
async def test_only_the_testers_own_lines_ask_for_a_flash(shift: Shift, device: str, said: bool) -> None:
    shift.scan(4, A)
    async with started(shift, Rig()) as runner:
        reading = Garbled(device=device, raw=b"\xff", wall=shift.now, monotonic_ns=0, reason="Not ASCII.")
        assert await asyncio.wait_for(runner.take(4, reading), 60) is Answer.BAD
        assert (runner.state(4).banner.headline == "Flash again") == said
        assert (runner.state(4).aside == "A scan could not be read. Scan it again.") != said
        assert runner.state(4).open is not None
    assert len(shift.store.view.garbles(5)) == 1


async def test_an_unreadable_result_file_disturbs_nobody(shift: Shift) -> None:
    shift.scan(4, A)
    rig = Rig()
    rig.mode = TesterMode.LATE
    before = shift.state(4)
    async with started(shift, rig) as runner:
        reading = Garbled(device="tester", raw=b"", wall=shift.now, monotonic_ns=0, reason="No workbook.")
        assert await runner.take(4, reading) is Answer.BAD
        assert runner.state(4) == before


def test_a_switched_off_tester_asks_for_no_flash(shift: Shift) -> None:
    shift.tester = TesterMode.LIVE
    shift.rule("beijing_delicacy_laser_enabled", "false")
    shift.scan(4, A)
    shift.garble()
    assert "Flash again" not in shift.screen(4)
