from dataclasses import replace

from drivers.readings import Answer
from stations.office.panels import ScrapPanel, scrap_panel
from storage.records import Mark, PanelStatus, Verdict
from tests.stations.shift import Shift, serial, values

A = serial(1)


def test_a_note_alone_is_no_verdict(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, "SL-D-101")
    for text in ("SL-DONE", "SL-PASS"):
        assert shift.scan(1, text) == "fail_or_b"
        assert shift.answer() is Answer.BAD
        assert "FAIL or B?" in shift.screen(1)
    assert not shift.results(A)
    assert shift.scan(1, "SL-UNDO") == "mark_undone"
    assert shift.scan(1, "SL-PASS") == "verdict_pass"


def test_a_defect_takes_back_a_pass_that_waits_for_values(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    assert shift.scan(4, "SL-PASS") == "waits_for_values"
    assert shift.scan(4, "SL-D-101") == "noted"
    shift.flash(values())
    assert shift.panel(A).status is PanelStatus.IN_PRODUCTION
    assert shift.scan(4, "SL-DONE") == "fail_or_b"
    shift.scan(4, "SL-B")
    assert shift.scan(4, "SL-DONE") == "verdict_b"


def test_an_undone_b_leaves_a_pass(shift: Shift) -> None:
    shift.scan(1, A)
    assert shift.scan(1, "SL-B") == "note_needed"
    assert shift.scan(1, "SL-UNDO") == "mark_undone"
    assert shift.scan(1, "SL-PASS") == "verdict_pass"
    assert shift.results(A)[-1].result is Verdict.PASS


def test_an_undone_b_with_its_defect_leaves_a_pass(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    for text in ("SL-PASS", "SL-B", "SL-D-202"):
        shift.scan(4, text)
    for _ in range(2):
        assert shift.scan(4, "SL-UNDO") == "mark_undone"
    shift.flash(values())
    assert shift.results(A)[-1].result is Verdict.PASS


def test_a_scrapped_panel_that_lies_open_is_called_scrap(shift: Shift) -> None:
    shift.scan(1, A)
    shift.get(scrap_panel, ScrapPanel(serial=A, reason="broken"))
    assert shift.scan(1, "SL-PASS") == "scrapped"
    assert "Take it off the line" in shift.screen(1)
    assert shift.state(1).open is None
    assert not shift.results(A)


def test_a_failed_criterion_that_is_switched_off_meanwhile_still_shows_as_fail(shift: Shift) -> None:
    shift.scan(1, A)
    shift.scan(1, "SL-F-3")
    failed = next(one for one in shift.store.view.criteria() if one.code == "solder_joints")
    other = next(one for one in shift.store.view.criteria() if one.code == "polarity_check")
    shift.write(replace(failed, active=False), replace(other, active=False))
    shift.reload()
    assert shift.scan(1, "SL-F-5") == "no_such_criterion"
    shift.scan(1, "SL-D-102")
    assert shift.scan(1, "SL-DONE") == "verdict_fail"
    rows = shift.store.view.criteria_results_of(shift.results(A)[-1].uuid)
    marks = {row.criterion_uuid: row.result for row in rows}
    assert marks[failed.uuid] is Mark.FAIL
    assert other.uuid not in marks


def test_every_number_on_the_sheet_marks_its_own_criterion(shift: Shift) -> None:
    shift.scan(1, A)
    names = [one.criterion_name for one in shift.store.view.criteria() if one.station_number == 1]
    for number, name in enumerate(names, 1):
        assert shift.scan(1, f"SL-F-{number}") == "fail_marked"
        assert name in shift.screen(1)
