"""What screens say of orders holds: newest first, and gone when it is no longer so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.control.views.notices import order_notices
from stations.office.orders import (
    CancelOrder,
    ChooseOrder,
    ReopenOrder,
    ResizeOrder,
    cancel_order,
    choose_order,
    reopen_order,
    resize_order,
)
from tests.stations.shift import Shift, serial


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    """A line that says an order runs out at two panels."""
    one = Shift(tmp_path / "line.db")
    one.rule("mo_alert_threshold", "2")
    one.order(quantity=4)
    one.badges()
    yield one
    one.store.close()


def built(shift: Shift, *numbers: int) -> None:
    for number in numbers:
        shift.passed(serial(number), 1, 2, 3, 4, nudge=number / 1000)


def said(shift: Shift) -> tuple[str, ...]:
    return order_notices(shift.store.view, shift.around, shift.state(4).last_order_uuid)


def test_an_order_that_runs_out_is_counted_down_then_complete_then_forgotten(shift: Shift) -> None:
    built(shift, 1)
    assert said(shift) == ()
    built(shift, 2)
    assert said(shift) == ("Order MO1: 2 of 4 left. Plan the next one.",)
    built(shift, 3)
    assert said(shift) == ("Order MO1: 1 of 4 left. Plan the next one.",)
    shift.restart()
    assert said(shift) == ("Order MO1: 1 of 4 left. Plan the next one.",)
    built(shift, 4)
    assert said(shift) == ("Order MO1 is complete.",)
    shift.order("MO2", quantity=9)
    built(shift, 5)
    assert said(shift) == ()


def test_the_newest_alert_is_said_first(shift: Shift) -> None:
    built(shift, 1, 2)
    shift.order("MO2", quantity=3)
    shift.get(choose_order, ChooseOrder(panel_type="60", mo_number="MO2"))
    built(shift, 3)
    shift.get(choose_order, ChooseOrder(panel_type="60", mo_number=None))
    assert said(shift) == ("Order MO2: 2 of 3 left. Plan the next one.", "Order MO1: 2 of 4 left. Plan the next one.")


def test_a_cancelled_order_is_said_no_more(shift: Shift) -> None:
    built(shift, 1, 2)
    shift.get(cancel_order, CancelOrder(mo_number="MO1", reason="customer left"))
    assert said(shift) == ()
    shift.get(reopen_order, ReopenOrder(mo_number="MO1", reason="customer came back"))
    assert said(shift) == ("Order MO1: 2 of 4 left. Plan the next one.",)


def test_once_another_order_is_chosen_nobody_is_told_to_plan_one(shift: Shift) -> None:
    built(shift, 1, 2)
    shift.order("MO2", quantity=9)
    shift.get(choose_order, ChooseOrder(panel_type="60", mo_number="MO2"))
    assert said(shift) == ()


def test_a_completed_order_is_said_no_more_once_another_is_chosen(shift: Shift) -> None:
    built(shift, 1, 2, 3, 4)
    shift.order("MO2", quantity=9)
    shift.get(choose_order, ChooseOrder(panel_type="60", mo_number="MO2"))
    assert said(shift) == ()


def test_an_order_made_larger_runs_out_no_more(shift: Shift) -> None:
    built(shift, 1, 2)
    shift.get(resize_order, ResizeOrder(mo_number="MO1", quantity=40, reason="more"))
    assert said(shift) == ()


def test_an_order_that_never_was_above_the_threshold_is_called_small(shift: Shift) -> None:
    shift.rule("mo_alert_threshold", "50")
    built(shift, 1)
    assert said(shift) == ("Small order MO1: 3 of 4 left. Plan the next one.",)
