import pytest

from stations.office.orders import ResizeOrder, resize_order
from stations.office.panels import MovePanel, ScrapPanel, move_panel, scrap_panel
from stations.rules.routing import effective
from stations.workflow.turn import TesterMode
from storage.records import PanelStatus, Verdict
from tests.stations.shift import Shift, serial, values

A, B = serial(1), serial(2)
WEAK = values(factor=0.9)


def test_undo_never_overrules_a_supervisors_move(shift: Shift) -> None:
    shift.passed(A, 1)
    shift.get(move_panel, MovePanel(serial=A, station=3, reason="framed already"))
    assert shift.scan(1, "SL-UNDO") == "undo_too_late"
    assert "supervisor" in shift.screen(1)
    assert shift.panel(A).current_station == 3


def test_undo_never_overrules_a_move_there_and_back(shift: Shift) -> None:
    shift.passed(A, 1)
    for station in (3, 2):
        shift.get(move_panel, MovePanel(serial=A, station=station, reason="let me see"))
    assert shift.scan(1, "SL-UNDO") == "undo_too_late"
    assert shift.panel(A).current_station == 2


def test_undo_never_overrules_a_supervisors_scrap(shift: Shift) -> None:
    shift.passed(A, 1)
    shift.get(scrap_panel, ScrapPanel(serial=A, reason="broken"))
    assert shift.scan(1, "SL-UNDO") == "undo_too_late"
    assert shift.panel(A).status is PanelStatus.FAILED


def test_a_supervisor_who_decided_before_the_verdict_does_not_hinder_undo(shift: Shift) -> None:
    shift.passed(A, 1)
    shift.get(move_panel, MovePanel(serial=A, station=3, reason="framed already"))
    shift.passed(A, 3)
    assert shift.scan(3, "SL-UNDO") == "verdict_undone"


def test_undo_of_a_scrap_never_overfills_the_order(shift: Shift) -> None:
    shift.rule("max_rework_attempts", "0")
    shift.order(quantity=1)
    shift.fail(1, A)
    assert shift.scan(1, B) == "opened_new"
    shift.scan(1, "SL-UNDO")
    assert shift.scan(1, "SL-UNDO") == "undo_too_late"
    assert shift.panel(A).status is PanelStatus.FAILED
    shift.get(resize_order, ResizeOrder(mo_number="MO1", quantity=2, reason="one more"))
    assert shift.scan(1, "SL-UNDO") == "verdict_undone"


def test_an_undone_scrap_takes_its_place_again(shift: Shift) -> None:
    shift.rule("max_rework_attempts", "0")
    shift.fail(1, A)
    assert shift.panel(A).status is PanelStatus.FAILED
    assert shift.scan(1, "SL-UNDO") == "verdict_undone"
    assert shift.panel(A).status is PanelStatus.IN_PRODUCTION


@pytest.fixture
def pending(shift: Shift) -> Shift:
    """A panel passed at station 4 without values."""
    shift.rule("allow_pending_electrical", "true")
    shift.tester = TesterMode.LATE
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.scan(4, "SL-LATER")
    shift.scan(4, "SL-PASS")
    return shift


def test_an_undone_panel_is_no_longer_pending(pending: Shift) -> None:
    assert pending.scan(4, "SL-UNDO") == "verdict_undone"
    assert not pending.panel(A).electrical_pending
    assert pending.scan(4, "SL-PASS") == "waits_for_values"
    assert pending.enter(values()) == "verdict_pass"
    assert not pending.panel(A).electrical_pending


def test_an_undone_panel_takes_the_row_that_came_meanwhile(pending: Shift) -> None:
    pending.late(pending.row(A, values()))
    assert pending.scan(4, "SL-UNDO") == "verdict_undone"
    assert pending.scan(4, "SL-PASS") == "verdict_pass"
    assert not pending.panel(A).electrical_pending


def test_a_row_fills_the_undone_panel(pending: Shift) -> None:
    pending.scan(4, "SL-UNDO")
    pending.late(pending.row(A, values()))
    assert pending.scan(4, "SL-PASS") == "verdict_pass"
    assert not pending.panel(A).electrical_pending


@pytest.fixture
def failed(shift: Shift) -> Shift:
    """A panel at station 4 that its flash failed."""
    shift.order(quantity=4, pmax_min_w=316.0)
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.flash(WEAK)
    return shift


def test_a_judged_fail_cannot_be_put_down(failed: Shift) -> None:
    failed.scan(4, "SL-PASS")
    failed.scan(4, "SL-B")
    for _ in range(3):
        assert failed.scan(4, "SL-UNDO") == "judged_fail"
    assert failed.scan(4, "SL-DONE") == "verdict_fail"


def test_a_judged_fail_stays_one_after_its_verdict_is_undone(failed: Shift) -> None:
    failed.scan(4, "SL-DONE")
    assert failed.scan(4, "SL-UNDO") == "verdict_undone"
    assert failed.scan(4, "SL-PASS") == "failed_already"
    assert failed.scan(4, "SL-UNDO") == "judged_fail"


@pytest.mark.parametrize("mode", list(TesterMode))
def test_a_judged_fail_is_not_overwritten_by_typed_values(failed: Shift, mode: TesterMode) -> None:
    failed.tester = mode
    for text in ("SL-MANUAL", "SL-N-3", "SL-POINT", "SL-ENTER", "SL-CLEAR"):
        assert failed.scan(4, text) in ("values_here", "tester_works")
    assert failed.scan(4, "SL-PASS") == "failed_already"


def test_values_begun_by_hand_end_when_the_tester_measures(shift: Shift) -> None:
    shift.order(quantity=4, pmax_min_w=316.0)
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.tester = TesterMode.DEAD
    shift.scan(4, "SL-N-3")
    shift.tester = TesterMode.LIVE
    shift.flash(WEAK)
    for text in ("SL-N-3", "SL-ENTER"):
        assert shift.scan(4, text) == "tester_works"
    assert shift.scan(4, "SL-DONE") == "verdict_fail"


def test_after_the_next_panel_was_put_down_undo_still_takes_back_the_last_verdict(shift: Shift) -> None:
    shift.passed(A, 1)
    shift.scan(1, B)
    assert shift.scan(1, "SL-UNDO") == "put_down"
    assert shift.scan(1, "SL-UNDO") == "verdict_undone"
    on_table = shift.state(1).open
    assert on_table is not None
    assert on_table.serial == A
    assert not effective(shift.results(A))


def test_after_the_clock_was_set_back_undo_is_refused_in_sensible_words(shift: Shift) -> None:
    shift.passed(A, 1)
    assert shift.scan(1, "SL-UNDO", after_s=-3600) == "undo_too_late"
    assert "clock" in shift.screen(1)
    assert [row.result for row in shift.results(A)] == [Verdict.PASS]
