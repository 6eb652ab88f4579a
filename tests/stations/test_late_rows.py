import json

import pytest

from drivers.readings import FlashKind, FlashSource, IvValues
from stations.office.flashes import AssignFlash, DiscardFlash, assign_flash, discard_flash
from stations.office.orders import CreateOrder, create_order
from stations.workflow.turn import TellLine, TesterMode
from storage.records import Disposition, PanelStatus, RawFlash, Verdict
from tests.stations.shift import Shift, serial, values

A, B = serial(1), serial(2)
WEAK = values(factor=0.9)
BY_HAND = [TesterMode.LATE, TesterMode.DEAD, TesterMode.NONE]


@pytest.fixture(autouse=True)
def at_station_4(shift: Shift) -> None:
    """Two panels before station 4, an order with a lower limit, values that may come later."""
    shift.order(quantity=4, pmax_min_w=316.0)
    shift.rule("allow_pending_electrical", "true")
    shift.tester = TesterMode.LATE
    for number in (A, B):
        shift.passed(number, 1, 2, 3)


def ruled(shift: Shift, *rows: RawFlash) -> list[Disposition]:
    found = [shift.store.view.ruling_of(row.uuid) for row in rows]
    return [one.disposition for one in found if one]


def passed_without_values(shift: Shift, number: str) -> None:
    shift.scan(4, number)
    shift.scan(4, "SL-LATER")
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert shift.panel(number).electrical_pending


def test_a_row_that_occurs_twice_in_one_batch_counts_once(shift: Shift) -> None:
    rows = [shift.row(A, values()), shift.row(A, values())]
    shift.late(*rows)
    assert ruled(shift, *rows) == [Disposition.ATTACHED, Disposition.REPEAT]
    assert shift.scan(4, A) == "opened"
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_rows_of_one_batch_see_what_the_rows_before_them_did(shift: Shift) -> None:
    passed_without_values(shift, A)
    first, second = shift.row(A, values()), shift.row(A, values(nudge=0.001), "10:01:00")
    twin = shift.row(B, values(), "10:02:00")
    shift.late(first, second, twin)
    assert not shift.panel(A).electrical_pending
    assert ruled(shift, first, second, twin) == [Disposition.ATTACHED, Disposition.ATTACHED, Disposition.TRAY]
    assert [hold.code for hold in shift.holds(B)] == ["stale"]


def test_a_late_row_that_was_measured_live_is_a_repeat(shift: Shift) -> None:
    shift.tester = TesterMode.LIVE
    shift.passed(A, 4)
    row = shift.row(A, values())
    shift.late(row)
    assert ruled(shift, row) == [Disposition.REPEAT]
    assert not shift.holds(A)


def test_a_failing_row_known_before_typed_values_judges_the_panel(shift: Shift) -> None:
    shift.tester = TesterMode.DEAD
    shift.late(shift.row(A, WEAK))
    shift.scan(4, A)
    assert "below 316 W" in shift.screen(4)
    assert shift.enter(values()) == "values_here"
    assert shift.scan(4, "SL-PASS") == "failed_already"
    assert shift.scan(4, "SL-DONE") == "verdict_fail"


@pytest.mark.parametrize("mode", BY_HAND)
@pytest.mark.parametrize("row_values", [WEAK, values(factor=1.1)])
def test_a_row_that_contradicts_typed_values_before_the_verdict_holds_the_panel(
    shift: Shift, mode: TesterMode, row_values: IvValues
) -> None:
    shift.tester = mode
    shift.scan(4, A)
    shift.enter(values())
    shift.late(shift.row(A, row_values))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert [hold.code for hold in shift.holds(A)] == ["late_value"]
    assert "on hold" in shift.screen(4)


def test_a_row_that_contradicts_typed_values_holds_the_panel_though_the_tester_came_back(shift: Shift) -> None:
    shift.tester = TesterMode.DEAD
    shift.scan(4, A)
    shift.enter(values())
    shift.late(shift.row(A, WEAK))
    shift.tester = TesterMode.LIVE
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert [hold.code for hold in shift.holds(A)] == ["late_value"]


def test_a_row_that_agrees_with_typed_values_raises_nothing(shift: Shift) -> None:
    shift.scan(4, A)
    shift.enter(values())
    shift.late(shift.row(A, values(factor=1.005)))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert not shift.holds(A)


def test_a_row_without_contact_contradicts_nothing(shift: Shift) -> None:
    unknown = serial(3)
    shift.late(shift.row(unknown, IvValues(0, 0, 0, 0, 0)))
    shift.passed(unknown, 1, 2, 3)
    shift.scan(4, unknown)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    assert shift.enter(values()) == "verdict_pass"
    assert not shift.holds(unknown)


def test_a_second_row_that_fails_before_the_verdict_holds_the_panel(shift: Shift) -> None:
    shift.late(shift.row(A, values()))
    shift.scan(4, A)
    shift.wait(5)
    shift.late(shift.row(A, WEAK, "10:05:00"))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert [hold.code for hold in shift.holds(A)] == ["late_value"]


def test_an_adopted_fail_cannot_be_typed_over_nor_put_down_and_is_shown_as_fail(shift: Shift) -> None:
    shift.late(shift.row(A, WEAK))
    shift.scan(4, A)
    assert shift.screen(4).startswith("amber FAIL")
    assert shift.scan(4, "SL-MANUAL") == "values_here"
    assert shift.scan(4, "SL-N-3") == "values_here"
    assert shift.scan(4, "SL-UNDO") == "judged_fail"
    assert shift.scan(4, "SL-LATER") == "values_here"
    assert shift.scan(4, "SL-DONE") == "verdict_fail"


def test_later_takes_a_row_that_is_there(shift: Shift) -> None:
    shift.tester = TesterMode.LIVE
    shift.scan(4, A)
    shift.late(shift.row(A, values()))
    shift.tester = TesterMode.DEAD
    assert shift.scan(4, "SL-LATER") == "values"
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert not shift.panel(A).electrical_pending


def test_later_after_pass_gives_the_verdict_by_the_row_that_is_there(shift: Shift) -> None:
    shift.tester = TesterMode.LIVE
    shift.scan(4, A)
    shift.scan(4, "SL-PASS")
    shift.late(shift.row(A, values()))
    shift.tester = TesterMode.DEAD
    assert shift.scan(4, "SL-LATER") == "verdict_pass"
    assert not shift.panel(A).electrical_pending


def test_later_is_refused_when_values_are_there(shift: Shift) -> None:
    shift.scan(4, A)
    shift.enter(values())
    assert shift.scan(4, "SL-LATER") == "values_here"


def test_an_archive_row_never_fills_an_armed_panel(shift: Shift) -> None:
    shift.tester = TesterMode.LIVE
    shift.scan(4, A)
    shift.scan(4, "SL-PASS")
    shift.late(shift.row(A, values()))
    on_table = shift.state(4).open
    assert on_table is not None
    assert on_table.electrical is None
    shift.flash(values(nudge=0.05))
    assert shift.panel(A).status is PanelStatus.COMPLETED


def test_a_flash_assigned_to_another_panel_is_never_adopted(shift: Shift) -> None:
    unknown = serial(3)
    row = shift.row(unknown, values())
    shift.late(row)
    passed_without_values(shift, B)
    shift.get(assign_flash, AssignFlash(uuid=str(row.uuid), serial=B, reason="wrong label"))
    shift.passed(unknown, 1, 2, 3)
    shift.scan(4, unknown)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"


def test_alerts_of_a_late_row_are_not_lost(shift: Shift) -> None:
    shift.scan(4, A)
    shift.scan(4, "SL-PASS")
    shift.late(shift.row(A, values()))
    assert shift.panel(A).status is PanelStatus.COMPLETED
    said = [one.message for one in shift.actions if isinstance(one, TellLine)]
    assert said == ["Small order MO1: 3 of 4 left. Plan the next one."]


def test_one_absurd_row_does_not_sink_its_batch(shift: Shift) -> None:
    tiny = IvValues(1e-200, 1e-200, 1e-200, 1e-200, 1e-200, 6)
    absurd = [shift.row(A, tiny), shift.row("CRS\ud800\x00", values(), "10:01:00")]
    huge = shift.row(A, IvValues(1e308, 1e308, 1e308, 1e308, 1e308, 6), "10:03:00")
    good = shift.row(B, values(nudge=0.001), "10:02:00")
    shift.late(*absurd, huge, good)
    assert ruled(shift, *absurd, huge, good) == [
        Disposition.ERROR, Disposition.TRAY, Disposition.ERROR, Disposition.ATTACHED,
    ]  # fmt: skip


def test_two_failing_rows_make_one_hold_a_subject(shift: Shift) -> None:
    passed_without_values(shift, A)
    shift.late(shift.row(A, WEAK), shift.row(A, values(factor=0.8), "10:01:00"))
    shift.late(shift.row(A, values(factor=0.85), "10:02:00"))
    pallet = shift.pallet_of(A)
    assert pallet is not None
    assert len(shift.holds(A)) == 1
    assert len(shift.store.view.open_holds(pallet.uuid)) == 1


def test_no_verdict_is_given_by_a_row_in_the_name_of_a_session_that_ended(shift: Shift) -> None:
    shift.scan(4, A)
    shift.scan(4, "SL-PASS")
    shift.wait(11 * 3600)
    shift.late(shift.row(A, values()))
    assert [row.result for row in shift.results(A)] == [Verdict.PASS] * 3
    assert "badge" in shift.screen(4)
    shift.badge(4, "op2")
    assert shift.scan(4, "SL-DONE") == "verdict_pass"
    who = shift.store.view.user(shift.results(A)[-1].operator_uuid)
    assert who is not None
    assert who.username == "op2"


def test_other_peoples_flashes_make_no_values_stale(shift: Shift) -> None:
    stamps = iter(f"10:00:{second:02}" for second in range(60))
    for name in ("editSPSn", "6666666", "GoldenPanel380"):
        shift.late(shift.row(name, values(), next(stamps)))
    calibration = shift.reading(
        values(), source=FlashSource.LATE, sn=serial(3), stamp=next(stamps), kind=FlashKind.CALIBRATION
    )
    shift.late(calibration, shift.row(A, values(), next(stamps)))
    assert not shift.holds(A)
    assert shift.scan(4, A) == "opened"
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_discarded_flash_makes_no_values_stale(shift: Shift) -> None:
    wrong = shift.row(serial(3), values())
    shift.late(wrong)
    shift.get(discard_flash, DiscardFlash(uuid=str(wrong.uuid), reason="never built"))
    shift.late(shift.row(A, values(), "10:01:00"))
    assert not shift.holds(A)


def test_values_by_hand_without_a_window_are_judged_by_plausibility_and_say_so(shift: Shift) -> None:
    shift.get(create_order, CreateOrder(mo_number="MO36", panel_type="36", quantity=1))
    number = serial(5, "36")
    shift.passed(number, 1, 2, 3)
    for name in (A, number):
        shift.scan(4, name)
        shift.enter(values("60" if name == A else "36"))
        shift.scan(4, "SL-PASS")
    told = [json.loads(shift.results(name)[-1].electrical_data or "{}").get("judged_by") for name in (A, number)]
    assert told == [None, "plausibility"]


def test_a_row_from_before_rework_does_not_come_back_when_the_clock_is_set_back(shift: Shift) -> None:
    shift.late(shift.row(A, values(nudge=0.001), "10:00:00"), shift.row(A, values(nudge=0.002), "10:01:00"))
    assert shift.scan(4, A) == "opened"
    shift.wait(-3600)
    for text in ("SL-OTHER", "SL-D-101"):
        shift.scan(4, text)
    assert shift.scan(4, "SL-DONE") == "verdict_fail"
    assert shift.scan(4, A) == "opened"
    on_table = shift.state(4).open
    assert on_table is not None
    assert on_table.electrical is None
