"""What operators read is said once, makes sense, and names what to do."""

import pytest

from stations.office.holds import RaiseHold, raise_hold
from stations.rules.commands import TEST_CODES
from stations.workflow.state import MarkKind
from stations.workflow.turn import TesterMode
from tests.stations.shift import Shift, serial, values

A, B = serial(1), serial(2)


def test_values_entered_by_hand_ask_for_the_inspection(shift: Shift) -> None:
    shift.tester = TesterMode.DEAD
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.enter(values())
    assert shift.screen(4).startswith("white 329")
    assert shift.screen(4).endswith("PASS, FAIL or B.")
    shift.scan(4, "SL-D-101")
    assert shift.screen(4).endswith("FAIL n or B, then DONE.")


def test_other_is_noted_once(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, "SL-OTHER")
    assert shift.screen(1) == "amber FAIL | Other | Scan a defect code, then DONE."
    shift.scan(1, "SL-D-101")
    assert "| Other; Cracked cell |" in shift.screen(1)
    shift.scan(1, "SL-F-1")
    on_table = shift.state(1).open
    assert on_table is not None
    (failed,) = [mark.text for mark in on_table.marks if mark.kind is MarkKind.FAIL]
    assert f"| {failed}; Other; Cracked cell |" in shift.screen(1)
    shift.scan(1, "SL-DONE")
    assert shift.results(A)[-1].notes == "Other; Cracked cell"


def test_a_pallet_of_one_panel_has_no_panels(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3, 4)
    shift.scan(4, "SL-CLOSE")
    assert "with 1 panel." in shift.screen(4)


@pytest.mark.parametrize(("after_s", "said"), [
    (20, "just now"), (60, "1 min ago"), (3600, "60 min ago"), (3 * 3600, "3 h ago"), (4 * 86400, "4 days ago"),
])  # fmt: skip
def test_how_long_ago_is_said_in_words(shift: Shift, after_s: float, said: str) -> None:
    shift.passed(A, 1)
    shift.wait(after_s)
    shift.badge(1, "op1")
    assert shift.scan(1, A) == "already_done"
    assert f"Already PASS | {A}: by op1, {said}." in shift.screen(1)


@pytest.fixture
def on_closed_pallet(shift: Shift) -> Shift:
    shift.rule("default_pallet_size", "1")
    shift.passed(A, 1, 2, 3, 4)
    return shift


def test_a_panel_on_a_closed_pallet_says_where_it_is_and_how_to_stop_it(on_closed_pallet: Shift) -> None:
    shift = on_closed_pallet
    how = f"Broken? A supervisor stops it: sunline hold raise {A}"
    assert shift.scan(4, "SL-UNDO") == "undo_too_late"
    assert how in shift.screen(4)
    shift.scan(4, A)
    assert "closed pallet PT-1-2026-000001" in shift.screen(4)
    assert how in shift.screen(4)
    shift.badge(4, "boss")
    shift.scan(4, A)
    assert shift.scan(4, "SL-RETEST") == "pallet_closed"
    assert how in shift.screen(4)


def test_what_the_screen_says_stops_a_panel_on_a_closed_pallet(on_closed_pallet: Shift) -> None:
    shift = on_closed_pallet
    shift.get(raise_hold, RaiseHold(subject=A, reason="broken glass"))
    assert shift.scan(4, A) == "on_hold"
    assert "broken glass" in shift.screen(4)


def test_an_undo_too_late_names_the_command_that_is_not(shift: Shift) -> None:
    shift.passed(A, 1)
    assert shift.scan(1, "SL-UNDO", after_s=61) == "undo_too_late"
    assert f"A supervisor can: sunline panel undo {A}" in shift.screen(1)


def test_a_fail_that_stands_is_named(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, "SL-OTHER")
    for text in ("SL-PASS", "SL-B"):
        assert shift.scan(1, text) == "failed_already"
        assert shift.screen(1) == "red FAIL is marked | Marked: Other. | UNDO it, or DONE to send to rework."


def test_a_measured_fail_that_stands_is_not_to_be_undone(shift: Shift) -> None:
    shift.order("MO1", quantity=4, pmax_min_w=400.0)
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.flash(values())
    assert shift.scan(4, "SL-PASS") == "failed_already"
    assert "is below 400 W." in shift.screen(4)
    assert shift.screen(4).endswith("Scan DONE: it goes to rework.")


def test_a_hold_names_the_panel_it_is_about(shift: Shift) -> None:
    shift.passed(A, 1)
    shift.get(raise_hold, RaiseHold(subject=A, reason="broken glass"))
    shift.scan(2, A)
    assert shift.screen(2) == f"red On hold | {A}: broken glass | Put it aside and call a supervisor."


def test_an_old_flash_sent_again_says_so_and_the_panel_still_waits(shift: Shift) -> None:
    for number in (A, B):
        shift.passed(number, 1, 2, 3)
    shift.scan(4, A)
    shift.flash(values(), stamp="10:00:00")
    shift.scan(4, "SL-PASS")
    shift.scan(4, B)
    shift.flash(values(), stamp="10:00:00")
    assert shift.screen(4) == f"amber Flash | The tester sent an old flash again. | {B} still waits for its flash."
    shift.flash(values(nudge=0.1), stamp="10:00:30")
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


@pytest.mark.parametrize(("after_s", "said"), [(61, "61 s old; UNDO works for 60 s."), (3600, "60 min old")])
def test_an_undo_too_late_says_how_late(shift: Shift, after_s: float, said: str) -> None:
    shift.passed(A, 1)
    shift.scan(1, "SL-UNDO", after_s=after_s)
    assert said in shift.screen(1)


def test_a_panel_scanned_again_is_not_greeted_with_old_words(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.flash(values(), after_s=200)
    assert "Flash not used" in shift.screen(4)
    assert shift.scan(4, A) == "rearmed"
    assert shift.screen(4) == f"white Flash | {A} | Flash it, then PASS, FAIL or B."


@pytest.mark.parametrize("badge", [False, True])
def test_a_scanner_that_is_bound_says_whose_it_is_and_leaves_the_screen(shift: Shift, badge: bool) -> None:
    if not badge:
        shift.scan(2, "SL-OUT")
    before = shift.state(2).banner.headline
    assert shift.scan(2, "SL-BIND-1-2") == "bound"
    assert shift.state(2).aside == "This scanner works for station 2."
    assert shift.scan(2, "SL-BIND-1-3") == "bound_elsewhere"
    assert "scanner of station 2" in shift.state(2).aside
    assert shift.state(2).banner.headline == before
    assert (shift.state(2).session is not None) == badge


def test_asking_whose_a_scanner_is_keeps_the_open_panel(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, "SL-BIND-1-1")
    assert shift.scan(1, "SL-PASS") == "verdict_pass"


@pytest.mark.parametrize("text", TEST_CODES)
def test_a_code_of_the_test_sheet_is_recorded_and_changes_nothing(shift: Shift, text: str) -> None:
    shift.scan(1, A)
    before = shift.state(1)
    assert shift.scan(1, text) == "test_code"
    after = shift.state(1)
    assert after.aside == "This is a test code: it was read well and does nothing here."
    assert (after.open, after.session, after.banner.headline) == (before.open, before.session, before.banner.headline)
    assert shift.scan(1, "SL-PASS") == "verdict_pass"


def test_a_test_code_is_answered_while_nobody_is_signed_in_and_keeps_what_retest_would_open(shift: Shift) -> None:
    shift.passed(A, 1)
    shift.scan(1, A)
    waiting = shift.state(1).retest_uuid
    assert waiting is not None
    shift.scan(1, TEST_CODES[0])
    assert shift.state(1).retest_uuid == waiting
    shift.scan(1, "SL-OUT")
    assert shift.scan(1, TEST_CODES[2]) == "test_code"
    assert shift.state(1).session is None
