from dataclasses import replace

import pytest

from storage.records import PanelStatus, Verdict
from tests.stations.shift import Shift, serial, values

A = serial(1)


@pytest.mark.parametrize("hours", [1, 8])
def test_a_session_lasts_as_long_as_the_rule_says(shift: Shift, hours: int) -> None:
    shift.rule("session_h", str(hours))
    shift.badge(1)
    assert shift.scan(1, A, after_s=hours * 3600 - 1) == "opened_new"
    assert shift.scan(1, "SL-PASS", after_s=2) == "not_signed_in"


def test_the_rule_of_the_badge_scan_counts_and_a_new_scan_renews(shift: Shift) -> None:
    shift.rule("session_h", "1")
    for _ in range(3):
        assert shift.badge(1) == "signed_in"
        shift.wait(3000)
    assert shift.scan(1, A) == "opened_new"


def test_no_verdict_is_given_by_a_flash_in_the_name_of_a_session_that_ended(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.wait(10 * 3600 - 40)
    shift.scan(4, A)
    shift.scan(4, "SL-PASS")
    shift.flash(values(), after_s=60)
    assert [row.result for row in shift.results(A)] == [Verdict.PASS] * 3
    assert "badge" in shift.screen(4)
    assert shift.state(4).session is None
    assert shift.scan(4, "SL-DONE") == "not_signed_in"
    shift.badge(4, "op3")
    assert shift.scan(4, "SL-DONE") == "verdict_pass"
    who = shift.store.view.user(shift.results(A)[-1].operator_uuid)
    assert who is not None
    assert who.username == "op3"


def test_nobody_works_on_after_being_locked_out(shift: Shift) -> None:
    shift.passed(A, 1, 2, 3)
    shift.scan(4, A)
    shift.scan(4, "SL-PASS")
    gone = shift.store.view.user_by_name("op4")
    assert gone is not None
    shift.write(replace(gone, active=False))
    shift.flash(values())
    assert shift.panel(A).status is PanelStatus.IN_PRODUCTION
    assert shift.state(4).session is None
    assert shift.badge(4) == "badge_unknown"
