"""A station's view: what it says is true for the devices as they are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.control.face import DeviceStanding, Standing
from daemon.control.views.plain import Json
from daemon.control.views.station import station_facts, station_view
from drivers.readings import DeviceState
from stations.workflow.turn import TesterMode
from tests.stations.shift import Shift, serial, values

A = serial(1)
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    """A line with a panel armed at station 4."""
    one = Shift(tmp_path / "line.db")
    one.order(quantity=4)
    one.badges()
    one.passed(A, 1, 2, 3)
    one.scan(4, A)
    yield one
    one.store.close()


def view_of(shift: Shift, tester: DeviceState) -> Json:
    device = DeviceStanding(name="tester", kind="tester", station=4, state=tester, since=NOW)
    standing = Standing(at=NOW, version="0", started_at=NOW, devices=(device,))
    state = shift.state(4)
    return station_view(state, shift.around, station_facts(shift.store.view, state), standing, ())


def test_an_armed_panel_says_until_when_its_flash_counts(shift: Shift) -> None:
    view = view_of(shift, DeviceState.ONLINE)
    since, until = (datetime.fromisoformat(str(view[key])) for key in ("armed_since", "armed_until"))
    assert (until - since).total_seconds() == shift.around.rules.arm_timeout_s
    assert view["headline"] == "Flash"


@pytest.mark.parametrize("gone", [DeviceState.SEARCHING, DeviceState.SILENT, DeviceState.WAITING])
def test_without_a_tester_nobody_is_asked_to_flash(shift: Shift, gone: DeviceState) -> None:
    for happened in (lambda: None, shift.fault, shift.garble, lambda: shift.scan(4, "SL-PASS")):
        happened()
        view = view_of(shift, gone)
        assert (view["colour"], view["headline"]) == ("amber", "Tester gone")
        assert view["todo"] == "Check its cable and power. Or scan the five values."
        assert view["armed_since"] is None


def test_a_tester_that_went_takes_no_other_words_away(shift: Shift) -> None:
    shift.scan(4, serial(2))
    assert view_of(shift, DeviceState.SEARCHING)["headline"] == "One panel at a time"
    shift.tester = TesterMode.DEAD
    shift.enter(values())
    assert str(view_of(shift, DeviceState.SEARCHING)["headline"]).startswith("329")


def test_a_verdict_taken_back_is_not_listed_beside_its_undoing(shift: Shift) -> None:
    shift.flash(values())
    shift.scan(4, "SL-PASS")
    shift.scan(4, "SL-UNDO")
    shift.scan(4, "SL-PASS")
    listed = view_of(shift, DeviceState.ONLINE)["last_results"]
    assert isinstance(listed, list)
    assert [row["result"] for row in listed] == ["PASS", "VOID"]
