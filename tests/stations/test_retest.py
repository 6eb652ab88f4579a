from dataclasses import replace

import pytest

from stations.office.holds import RaiseHold, raise_hold
from stations.office.panels import ScrapPanel, scrap_panel
from stations.workflow.turn import TesterMode
from storage.records import PanelStatus, Role
from tests.stations.shift import Shift, serial, values

A, B = serial(1), serial(2)


@pytest.fixture(autouse=True)
def two_panels_past_station_1(shift: Shift) -> None:
    for number in (A, B):
        shift.passed(number, 1)
    shift.badge(1, "boss")


def test_a_retest_ends_what_was_pending(shift: Shift) -> None:
    shift.rule("allow_pending_electrical", "true")
    shift.tester = TesterMode.LATE
    shift.passed(A, 2, 3)
    shift.scan(4, A)
    shift.scan(4, "SL-LATER")
    shift.scan(4, "SL-PASS")
    assert shift.panel(A).electrical_pending
    shift.scan(1, A)
    assert shift.scan(1, "SL-RETEST") == "retest"
    panel = shift.panel(A)
    assert (panel.status, panel.current_station, panel.electrical_pending) == (PanelStatus.IN_PRODUCTION, 1, False)
    assert shift.pallet_of(A) is None


@pytest.mark.parametrize("between", ["SL-PASS", "SL-CLOSE", "garbage", "SL-XX", "SL-U-BOSS", "SL-DONE"])
def test_retest_opens_only_the_panel_scanned_immediately_before(shift: Shift, between: str) -> None:
    shift.scan(1, A)
    shift.scan(1, between)
    assert shift.scan(1, "SL-RETEST") == "nothing_to_retest"


def test_retest_opens_the_panel_scanned_last(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, B)
    assert shift.scan(1, "SL-RETEST") == "retest"
    on_table = shift.state(1).open
    assert on_table is not None
    assert on_table.serial == B


def test_retest_is_given_once(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, "SL-RETEST")
    shift.scan(1, "SL-UNDO")
    assert shift.scan(1, "SL-RETEST") == "nothing_to_retest"


def test_what_was_scrapped_meanwhile_is_not_retested(shift: Shift) -> None:
    shift.scan(1, A)
    shift.get(scrap_panel, ScrapPanel(serial=A, reason="broken"))
    assert shift.scan(1, "SL-RETEST") == "no_retest"
    assert shift.panel(A).status is PanelStatus.FAILED


def test_what_was_held_meanwhile_is_not_retested(shift: Shift) -> None:
    shift.scan(1, A)
    shift.get(raise_hold, RaiseHold(subject=A, reason="look at it"))
    assert shift.scan(1, "SL-RETEST") == "no_retest"


def test_what_is_open_elsewhere_meanwhile_is_not_retested(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(2, A)
    assert shift.scan(1, "SL-RETEST") == "no_retest"
    assert shift.scan(2, "SL-PASS") == "verdict_pass"


def test_retest_looks_at_the_present_role(shift: Shift) -> None:
    boss = shift.store.view.user_by_name("boss")
    assert boss is not None
    shift.write(replace(boss, role=Role.OPERATOR))
    shift.scan(1, A)
    assert shift.scan(1, "SL-RETEST") == "not_allowed"


def test_a_retested_panel_needs_a_new_flash(shift: Shift) -> None:
    shift.passed(B, 2, 3, 4)
    shift.badge(4, "boss")
    shift.scan(4, B)
    assert shift.scan(4, "SL-RETEST") == "retest"
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    shift.flash(values(nudge=0.01))
    assert shift.panel(B).status is PanelStatus.COMPLETED
