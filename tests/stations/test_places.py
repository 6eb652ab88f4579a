"""One serial at two stations; rules, patterns and clocks that change in mid-panel."""

import pytest

from drivers.readings import Answer
from storage.records import PanelStatus
from tests.stations.shift import Shift, serial, values

A, B = serial(1), serial(2)


def test_a_panel_open_elsewhere_is_plainly_refused(shift: Shift) -> None:
    shift.scan(1, A)
    assert shift.scan(2, A) == "open_elsewhere"
    assert not shift.state(2).warning
    assert not shift.store.view.alarms(9)
    assert shift.scan(2, B) == "wrong_station"


def test_a_panel_scanned_elsewhere_within_two_seconds_is_an_alarm(shift: Shift) -> None:
    shift.scan(1, A)
    assert shift.scan(2, A, after_s=1.9) == "two_places"
    assert shift.answer() is Answer.BAD
    assert len(shift.store.view.alarms(9)) == 1


def test_a_panel_handed_on_quickly_is_no_alarm(shift: Shift) -> None:
    shift.passed(A, 1)
    assert shift.scan(2, A, after_s=0.5) == "opened"


@pytest.mark.parametrize(("key", "value"), [
    ("serial_pattern", r"X(?P<year>[0-9]{2})(?P<frame>W)(?P<backsheet>W)(?P<cells>60)(?P<sequence>[0-9]{5})"),
    ("line_1_panel_types", "36,40,72"),
])  # fmt: skip
def test_no_change_of_rules_strands_a_panel_in_production(shift: Shift, key: str, value: str) -> None:
    shift.passed(A, 1)
    shift.scan(2, A)
    shift.rule(key, value)
    assert shift.scan(2, A) == "already_open"
    assert shift.scan(2, "SL-PASS") == "verdict_pass"
    shift.passed(A, 3, 4)
    assert shift.panel(A).status is PanelStatus.COMPLETED
    assert shift.scan(1, B) in ("not_a_serial", "unknown_type")


def test_a_pattern_with_optional_groups_refuses_what_lacks_one(shift: Shift) -> None:
    shift.rule(
        "serial_pattern",
        r"CRS(?P<year>[0-9]{2})?(?P<frame>[WB])(?P<backsheet>[TWB])(?P<cells>60)(?P<sequence>[0-9]{5})",
    )
    assert shift.scan(1, "CRSWW6000001") == "not_a_serial"
    assert shift.scan(1, A) == "opened_new"


def test_a_clock_set_back_makes_no_false_alarm_and_is_named(shift: Shift) -> None:
    shift.passed(A, 1)
    assert shift.scan(2, A, after_s=-3600) == "opened"
    assert not shift.store.view.alarms(9)
    assert shift.scan(2, "SL-PASS") == "verdict_pass"
    assert shift.scan(1, A, after_s=-60) == "already_done"
    assert "just now" in shift.screen(1)


def test_a_flash_after_the_clock_was_set_back_is_nobodys_and_says_why(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.flash(values(), after_s=-3600)
    assert "clock was set back" in shift.screen(4)
    assert len(shift.store.view.tray(9)) == 1
    assert shift.scan(4, A) == "rearmed"
    shift.flash(values(nudge=0.001))
    assert shift.scan(4, "SL-PASS") == "verdict_pass"


def test_each_scanner_of_a_station_remembers_its_own_bounce(shift: Shift) -> None:
    shift.scan(1, A, device="left")
    assert shift.scan(1, A, after_s=0.3, device="right") == "already_open"
    assert shift.scan(1, A, after_s=0.3, device="left") == "bounce"
    assert shift.scan(1, A, after_s=0.3, device="right") == "bounce"
