from drivers.readings import Answer, FlashSource, IvValues
from stations.workflow.turn import ArmTester, TellLine, TesterMode
from storage.records import Disposition, Hold, Mark, OrderStatus, PalletStatus, PanelStatus, Subject, Verdict
from tests.stations.shift import Shift, serial, values


def test_a_panel_passes_all_four_stations_and_lands_on_a_pallet(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3, 4)
    panel = shift.panel(serial(1))
    assert (panel.status, panel.current_station) == (PanelStatus.COMPLETED, 4)
    assert [row.result for row in shift.results(serial(1))] == [Verdict.PASS] * 4
    pallet = shift.pallet_of(serial(1))
    assert pallet is not None
    assert pallet.pallet_number == "PT-1-2026-000001"


def test_every_result_has_its_criteria_and_the_other_lines_are_n_a(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3, 4)
    last = shift.results(serial(1))[-1]
    marks = [row.result for row in shift.store.view.criteria_results_of(last.uuid)]
    assert marks == [Mark.PASS] * 6 + [Mark.N_A]


def test_nobody_works_unsigned(shift: Shift) -> None:
    shift.scan(1, "SL-OUT")
    assert shift.scan(1, serial(1)) == "not_signed_in"
    assert shift.answer() is Answer.BAD
    assert shift.store.view.panel(serial(1)) is None


def test_a_session_ends_after_ten_hours_and_an_open_panel_waits(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(1, "SL-PASS", after_s=10 * 3600 + 1) == "not_signed_in"
    assert shift.badge(1, "op2") == "signed_in"
    assert shift.scan(1, "SL-PASS") == "verdict_pass"


def test_a_panel_is_refused_where_it_does_not_belong(shift: Shift) -> None:
    assert shift.scan(2, serial(1)) == "wrong_station"
    shift.passed(serial(1), 1)
    assert shift.scan(3, serial(1)) == "wrong_station"
    assert "Station 2" in shift.screen(3)


def test_types_of_the_other_line_and_unknown_types_are_refused(shift: Shift) -> None:
    assert shift.scan(1, serial(1, "144")) == "wrong_line"
    shift.rule("line_1_panel_types", "36,40,72")
    assert shift.scan(1, serial(1, "60")) == "unknown_type"


def test_without_room_in_any_order_a_panel_is_refused_and_scrap_makes_room(shift: Shift) -> None:
    for number in range(4):
        shift.passed(serial(number), 1)
    assert shift.scan(1, serial(9)) == "no_order"
    shift.rule("max_rework_attempts", "0")
    shift.scan(2, serial(0))
    shift.scan(2, "SL-F-1")
    shift.scan(2, "SL-D-101")
    assert shift.scan(2, "SL-DONE") == "verdict_fail"
    assert shift.panel(serial(0)).status is PanelStatus.FAILED
    assert shift.scan(1, serial(9)) == "opened_new"


def test_fail_needs_a_note_and_comes_back_to_the_station_that_failed_it(shift: Shift) -> None:
    shift.passed(serial(1), 1)
    shift.scan(2, serial(1))
    assert shift.scan(2, "SL-F-3") == "fail_marked"
    assert shift.scan(2, "SL-DONE") == "note_needed"
    assert shift.scan(2, "SL-D-201") == "fail_marked"
    assert shift.scan(2, "SL-DONE") == "verdict_fail"
    panel = shift.panel(serial(1))
    assert (panel.status, panel.current_station) == (PanelStatus.REWORK, 2)
    result = shift.results(serial(1))[-1]
    assert result.notes == "Frame gap or scratch"
    marks = {row.result for row in shift.store.view.criteria_results_of(result.uuid)}
    assert marks == {Mark.FAIL, Mark.N_A}
    shift.passed(serial(1), 2)
    assert shift.results(serial(1))[-1].attempt == 2


def test_a_defect_code_scanned_first_counts_as_the_note(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(1, "SL-D-101") == "noted"
    assert shift.scan(1, "SL-OTHER") == "fail_marked"
    assert shift.scan(1, "SL-DONE") == "verdict_fail"


def test_b_grade_goes_on_with_a_note(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(1, "SL-B") == "note_needed"
    assert shift.scan(1, "SL-PASS") == "note_needed"
    assert shift.scan(1, "SL-D-202") == "verdict_b"
    assert shift.panel(serial(1)).current_station == 2
    assert shift.results(serial(1))[-1].notes == "Glass scratch"


def test_pass_all_is_refused_while_something_is_marked_fail(shift: Shift) -> None:
    shift.scan(1, serial(1))
    shift.scan(1, "SL-F-1")
    assert shift.scan(1, "SL-PASS") == "failed_already"
    assert shift.scan(1, "SL-UNDO") == "mark_undone"
    assert shift.scan(1, "SL-PASS") == "verdict_pass"


def test_one_panel_at_a_time(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(1, serial(2)) == "other_open"
    assert shift.store.view.panel(serial(2)) is None
    assert shift.scan(1, serial(1)) == "already_open"


def test_a_bounce_is_ignored_and_logged(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(1, serial(1), after_s=0.4) == "bounce"
    assert shift.answer() is Answer.SEEN
    assert shift.scan(1, serial(1), after_s=0.8) == "already_open"


def test_the_other_scanner_of_a_station_does_not_bounce(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(1, "SL-PASS", after_s=0.1, device="second") == "verdict_pass"


def test_undo_takes_a_verdict_back_within_a_minute(shift: Shift) -> None:
    shift.passed(serial(1), 1)
    assert shift.scan(1, "SL-UNDO", after_s=59) == "verdict_undone"
    assert [row.result for row in shift.results(serial(1))] == [Verdict.PASS, Verdict.VOID]
    assert shift.panel(serial(1)).current_station == 1
    assert shift.scan(1, "SL-PASS") == "verdict_pass"
    assert shift.results(serial(1))[-1].attempt == 1


def test_undo_is_refused_later_for_others_and_once_seen_elsewhere(shift: Shift) -> None:
    shift.passed(serial(1), 1)
    assert shift.scan(1, "SL-UNDO", after_s=61) == "undo_too_late"
    shift.passed(serial(2), 1)
    shift.scan(2, serial(2))
    assert shift.scan(1, "SL-UNDO") == "undo_too_late"
    shift.passed(serial(3), 1)
    shift.badge(1, "op2")
    assert shift.scan(1, "SL-UNDO") == "nothing_to_undo"


def test_undo_at_station_4_takes_the_panel_off_its_pallet_and_reopens_the_order(shift: Shift) -> None:
    for number in range(4):
        shift.passed(serial(number), 1, 2, 3, 4, nudge=number / 1000)
    order = shift.store.view.order_by_number("MO1")
    assert order is not None
    assert order.status is OrderStatus.COMPLETED
    assert shift.scan(4, "SL-UNDO") == "verdict_undone"
    reopened = shift.store.view.order_by_number("MO1")
    assert reopened is not None
    assert reopened.status is OrderStatus.ACTIVE
    assert shift.pallet_of(serial(3)) is None
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert len(shift.store.view.pallet_panels(shift.pallet_of(serial(3)).uuid)) == 4  # type: ignore[union-attr]


def test_a_voided_fail_is_no_rework(shift: Shift) -> None:
    shift.rule("max_rework_attempts", "1")
    for _ in range(3):
        shift.scan(1, serial(1))
        shift.scan(1, "SL-OTHER")
        shift.scan(1, "SL-D-101")
        assert shift.scan(1, "SL-DONE") == "verdict_fail"
        assert shift.panel(serial(1)).status is PanelStatus.REWORK
        assert shift.scan(1, "SL-UNDO") == "verdict_undone"
        for _ in range(3):
            shift.scan(1, "SL-UNDO")


def test_a_full_pallet_closes_and_the_next_gets_a_new_number(shift: Shift) -> None:
    shift.rule("default_pallet_size", "2")
    for number in range(3):
        shift.passed(serial(number), 1, 2, 3, 4, nudge=number / 1000)
    first, last = shift.pallet_of(serial(0)), shift.pallet_of(serial(2))
    assert first is not None
    assert last is not None
    assert first.status is PalletStatus.COMPLETED
    assert last.pallet_number == "PT-1-2026-000002"
    assert shift.scan(4, "SL-CLOSE") == "pallet_closed"
    assert shift.scan(4, "SL-UNDO") == "undo_too_late"


def test_the_alert_goes_out_once_and_completion_once(shift: Shift) -> None:
    shift.rule("mo_alert_threshold", "2")
    for number in range(4):
        shift.passed(serial(number), 1, 2, 3, 4, nudge=number / 1000)
    said = [action.message for action in shift.actions if isinstance(action, TellLine)]
    assert said == ["Order MO1: 2 of 4 left. Plan the next one.", "Order MO1 is complete."]


def test_a_held_panel_is_refused(shift: Shift) -> None:
    shift.passed(serial(1), 1)
    uuid = shift.panel(serial(1)).uuid
    shift.write(
        Hold(uuid=uuid, subject=Subject.PANEL, subject_uuid=uuid, code="x", reason="look", created_at=shift.now)
    )
    assert shift.scan(2, serial(1)) == "on_hold"


def test_the_same_serial_at_two_stations_at_one_moment_is_an_alarm_that_must_be_read(shift: Shift) -> None:
    shift.passed(serial(1), 1)
    shift.scan(2, serial(1))
    assert shift.scan(3, serial(1), after_s=1.0) == "two_places"
    assert shift.scan(3, serial(2)) == "warning_unread"
    assert shift.scan(3, "SL-DONE") == "warning_read"
    assert [alarm.code for alarm in shift.store.view.alarms(5)] == ["two_places"]


def test_a_panel_left_open_is_to_be_finished_where_it_lies(shift: Shift) -> None:
    shift.scan(1, serial(1))
    assert shift.scan(2, serial(1), after_s=600) == "open_elsewhere"
    assert shift.state(2).banner.expected_station == 1
    assert not shift.store.view.alarms(5)


def test_a_finished_panel_shows_its_result_and_a_supervisor_may_retest(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2)
    assert shift.scan(1, serial(1)) == "already_done"
    assert f"Already PASS | {serial(1)}: by op1" in shift.screen(1)
    assert shift.scan(1, "SL-RETEST") == "not_allowed"
    shift.badge(1, "boss")
    shift.scan(1, serial(1))
    assert shift.scan(1, "SL-RETEST") == "retest"
    assert shift.panel(serial(1)).current_station == 1


def test_station_4_arms_the_tester_and_one_flash_completes_the_panel(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    assert shift.actions[-1] == ArmTester(serial(1))
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    shift.flash(values())
    assert shift.panel(serial(1)).status is PanelStatus.COMPLETED


def test_no_contact_asks_for_another_flash(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    shift.flash(IvValues(0, 0, 0, 0, 0))
    assert "Flash again" in shift.screen(4)
    shift.flash(values())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_judged_fail_sends_the_panel_to_rework_with_its_reason(shift: Shift) -> None:
    shift.order("MO2", "36", watt_class_w=200)
    shift.passed(serial(1, "36"), 1, 2, 3)
    shift.scan(4, serial(1, "36"))
    shift.flash(values("36", 0.9))
    assert shift.scan(4, "SL-PASS") == "failed_already"
    assert shift.scan(4, "SL-DONE") == "verdict_fail"
    result = shift.results(serial(1, "36"))[-1]
    assert result.notes is not None
    assert "below 195 W" in result.notes


def test_a_flash_nobody_waits_for_goes_to_the_tray(shift: Shift) -> None:
    shift.flash(values())
    rows = shift.store.view.tray(10)
    assert [ruling.disposition for _, ruling in rows] == [Disposition.TRAY]


def test_with_an_earlier_arm_unanswered_a_flash_is_nobodys_and_the_next_is_certain(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3)
    shift.passed(serial(2), 1, 2, 3)
    shift.scan(4, serial(1))
    shift.scan(4, "SL-UNDO")
    shift.scan(4, serial(2))
    shift.flash(values())
    assert len(shift.store.view.tray(10)) == 1
    assert "Flash again" in shift.screen(4)
    shift.flash(values(nudge=0.001))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_flash_after_the_arm_timeout_goes_to_the_tray(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    shift.flash(values(), after_s=121)
    assert len(shift.store.view.tray(10)) == 1
    assert "Scan the panel again" in shift.screen(4)
    assert shift.scan(4, serial(1)) == "rearmed"
    shift.flash(values(nudge=0.001))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_serial_from_the_tester_must_agree(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    shift.flash(values(), sn=serial(7))
    assert len(shift.store.view.tray(10)) == 1
    shift.flash(values(nudge=0.001), sn=serial(1).lower())
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_the_same_five_values_under_another_serial_hold_the_panel(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3, 4)
    shift.passed(serial(2), 1, 2, 3)
    shift.scan(4, serial(2))
    shift.flash(values())
    assert [hold.code for hold in shift.holds(serial(2))] == ["stale"]
    assert shift.scan(4, serial(2)) == "warning_unread"
    shift.scan(4, "SL-DONE")
    assert shift.scan(4, serial(2)) == "on_hold"


def test_values_by_scanner_when_the_tester_is_dead(shift: Shift) -> None:
    shift.tester = TesterMode.DEAD
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    for text in ("329.1", "41.01", "10.19", "33.92", "9.703"):
        for character in text:
            assert shift.scan(4, "SL-POINT" if character == "." else f"SL-N-{character}") == "typed"
        code = shift.scan(4, "SL-ENTER")
    assert code == "verdict_pass"
    result = shift.results(serial(1))[-1]
    assert result.electrical_data is not None
    assert '"source": "manual"' in result.electrical_data


def test_impossible_values_by_hand_are_asked_for_again(shift: Shift) -> None:
    shift.tester = TesterMode.NONE
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    for _ in range(5):
        shift.scan(4, "SL-N-9")
        code = shift.scan(4, "SL-ENTER")
    assert code == "values_impossible"
    assert shift.scan(4, "SL-PASS") == "waits_for_values"


def test_values_may_come_later_where_allowed(shift: Shift) -> None:
    shift.tester = TesterMode.LATE
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    assert shift.scan(4, "SL-LATER") == "pending_not_allowed"
    shift.rule("allow_pending_electrical", "true")
    assert shift.scan(4, "SL-LATER") == "pending"
    assert shift.scan(4, "SL-PASS") == "verdict_pass"
    assert shift.panel(serial(1)).electrical_pending
    shift.late(shift.reading(values(), source=FlashSource.LATE, sn=serial(1), stamp="10:00:00"))
    assert not shift.panel(serial(1)).electrical_pending
    assert not shift.holds(serial(1))


def test_a_late_value_that_fails_holds_panel_and_pallet_and_rewrites_nothing(shift: Shift) -> None:
    shift.tester = TesterMode.LATE
    shift.rule("allow_pending_electrical", "true")
    shift.order("MO2", "36", watt_class_w=200)
    shift.passed(serial(1, "36"), 1, 2, 3)
    shift.scan(4, serial(1, "36"))
    shift.scan(4, "SL-LATER")
    shift.scan(4, "SL-PASS")
    before = shift.results(serial(1, "36"))
    row = shift.reading(values("36", 0.9), source=FlashSource.LATE, sn=serial(1, "36"), stamp="10:00:00")
    shift.late(row)
    assert len(shift.holds(serial(1, "36"))) == 1
    pallet = shift.pallet_of(serial(1, "36"))
    assert pallet is not None
    assert len(shift.store.view.open_holds(pallet.uuid)) == 1
    assert shift.results(serial(1, "36")) == before


def test_late_rows_wait_for_their_panel_at_station_4(shift: Shift) -> None:
    shift.tester = TesterMode.LATE
    shift.passed(serial(1), 1, 2, 3)
    shift.late(shift.reading(values(), source=FlashSource.LATE, sn=serial(1), stamp="10:00:00"))
    shift.scan(4, serial(1))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_a_late_row_seen_twice_is_the_same_flash(shift: Shift) -> None:
    first = shift.reading(values(), source=FlashSource.LATE, sn=serial(1), stamp="10:00:00")
    again = shift.reading(values(), source=FlashSource.LATE, sn=serial(1), stamp="10:00:00")
    shift.late(first, again)
    rulings = [shift.store.view.ruling_of(row.uuid) for row in (first, again)]
    assert [one.disposition for one in rulings if one] == [Disposition.TRAY, Disposition.REPEAT]


def test_every_station_resumes_with_the_panel_it_had_open(shift: Shift) -> None:
    shift.passed(serial(1), 1, 2, 3)
    shift.scan(4, serial(1))
    shift.scan(4, "SL-PASS")
    shift.restart()
    shift.flash(values())
    assert shift.panel(serial(1)).status is PanelStatus.COMPLETED
