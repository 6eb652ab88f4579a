from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from stations.rules.orders import OrderProgress, choose_order
from storage.records import Order, OrderCounts, OrderStatus, thing_uuid

START = datetime(2026, 1, 1, tzinfo=UTC)
COUNTS = st.integers(0, 9)


def progress(
    number: int, quantity: int = 3, joined: int = 0, completed: int = 0, scrapped: int = 0,
    status: OrderStatus = OrderStatus.ACTIVE,
) -> OrderProgress:  # fmt: skip
    order = Order(
        uuid=thing_uuid("T", "order", str(number)), mo_number=str(number), panel_type="60", line_number=1,
        quantity=quantity, status=status, created_at=START + timedelta(days=number),
    )  # fmt: skip
    return OrderProgress(order, OrderCounts(joined, completed, scrapped))


@pytest.mark.parametrize(("joined", "scrapped", "room"), [(0, 0, 3), (3, 0, 0), (3, 1, 1), (5, 2, 0), (4, 3, 2)])
def test_scrap_makes_room(joined: int, scrapped: int, room: int) -> None:
    assert progress(1, joined=joined, scrapped=scrapped).room == room


def test_remaining_counts_what_is_not_completed() -> None:
    assert progress(1, joined=3, completed=1, scrapped=1).remaining == 2


def test_the_chosen_order_comes_first_then_the_oldest() -> None:
    old, new = progress(1), progress(2)
    assert choose_order([old, new], new.order.uuid) is new
    assert choose_order([old, new], None) is old
    assert choose_order([old, new], thing_uuid("T", "order", "another")) is old


def test_a_chosen_order_without_room_gives_way() -> None:
    old, full = progress(1), progress(2, joined=3)
    assert choose_order([old, full], full.order.uuid) is old
    assert choose_order([full], full.order.uuid) is None


@pytest.mark.parametrize("status", [one for one in OrderStatus if one is not OrderStatus.ACTIVE])
def test_only_active_orders_are_joined(status: OrderStatus) -> None:
    closed = progress(1, status=status)
    assert choose_order([closed], closed.order.uuid) is None


@given(st.lists(st.tuples(st.integers(1, 9), COUNTS, COUNTS), max_size=5), st.integers(0, 5))
def test_a_panel_joins_an_order_exactly_when_one_has_room(rows: list[tuple[int, int, int]], chosen: int) -> None:
    orders = [progress(n, quantity, joined, 0, scrapped) for n, (quantity, joined, scrapped) in enumerate(rows)]
    found = choose_order(orders, thing_uuid("T", "order", str(chosen)))
    assert (found is None) == all(one.room <= 0 for one in orders)
    assert found is None or found.room > 0
