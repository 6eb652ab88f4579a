from stations.office.panels import MovePanel, move_panel
from stations.workflow.turn import TesterMode
from storage.records import Disposition, PanelStatus
from tests.stations.shift import Shift, serial, values

A = serial(1)
WEAK = values(factor=0.9)


def test_a_reworked_panel_is_not_judged_by_the_row_that_failed_it(shift: Shift) -> None:
    shift.order(quantity=4, pmax_min_w=316.0)
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.late(shift.row(A, WEAK))
    shift.scan(4, A)
    assert shift.scan(4, "SL-DONE") == "verdict_fail"
    assert shift.scan(4, A) == "opened"
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    shift.late(shift.row(A, values(), "11:00:00"))
    assert shift.panel(A).status is PanelStatus.COMPLETED


def test_typed_values_of_a_reworked_panel_are_not_compared_with_the_row_that_failed_it(shift: Shift) -> None:
    shift.order(quantity=4, pmax_min_w=316.0)
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.late(shift.row(A, WEAK))
    shift.scan(4, A)
    shift.scan(4, "SL-DONE")
    shift.scan(4, A)
    shift.enter(values())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert not shift.holds(A)


def test_after_a_failed_high_pot_test_a_row_needs_a_newer_one(shift: Shift) -> None:
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.late(shift.row(A, values()))
    shift.fail(4, A, "SL-F-6")
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    again = shift.row(A, values(), "10:00:00")
    shift.late(again)
    ruling = shift.store.view.ruling_of(again.uuid)
    assert ruling is not None
    assert ruling.disposition is Disposition.REPEAT
    assert shift.panel(A).status is PanelStatus.REWORK


def test_after_a_failed_high_pot_test_the_tester_flashes_again(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.flash(values())
    for text in ("SL-F-6", "SL-D-402"):
        shift.scan(4, text)
    assert shift.scan(4, "SL-DONE") == "verdict_fail"
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    shift.flash(values(nudge=0.001))
    assert shift.panel(A).status is PanelStatus.COMPLETED


def test_a_row_from_before_a_fail_does_not_judge_the_rework_though_it_judged_nothing_yet(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.late(shift.row(A, values()))
    for text in ("SL-F-6", "SL-D-402"):
        shift.scan(4, text)
    assert shift.scan(4, "SL-DONE") == "verdict_fail"
    shift.tester = TesterMode.DEAD
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"


def test_a_retested_panel_is_not_judged_by_the_row_that_came_after_it_passed(shift: Shift) -> None:
    shift.rule("allow_pending_electrical", "true")
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.scan(4, "SL-LATER")
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    shift.late(shift.row(A, values()))
    shift.badge(4, "boss")
    shift.scan(4, A)
    assert shift.scan(4, "SL-RETEST") == "retest"
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    shift.scan(4, "SL-UNDO")
    shift.scan(4, "SL-UNDO")
    assert shift.scan(4, A) == "opened"
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    assert shift.scan(4, "SL-LATER") == "verdict_pass"
    assert shift.panel(A).electrical_pending


def test_a_retested_panel_is_not_judged_by_the_row_that_passed_it(shift: Shift) -> None:
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.late(shift.row(A, values()))
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    shift.badge(4, "boss")
    shift.scan(4, A)
    assert shift.scan(4, "SL-RETEST") == "retest"
    assert shift.scan(4, "SL-PASS") == "waits_for_values"


def test_a_panel_that_a_supervisor_sends_back_is_not_judged_by_the_row_that_passed_it(shift: Shift) -> None:
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.late(shift.row(A, values()))
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    shift.get(move_panel, MovePanel(serial=A, station=3, reason="new junction box"))
    shift.passed(A, 3)
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
