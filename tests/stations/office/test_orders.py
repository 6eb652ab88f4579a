import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.office.orders import (
    CancelOrder,
    ChooseOrder,
    CreateOrder,
    ReopenOrder,
    ResizeOrder,
    cancel_order,
    choose_order,
    create_order,
    progress_of,
    reopen_order,
    resize_order,
)
from stations.office.outcome import Refused
from stations.office.panels import ScrapPanel, scrap_panel
from stations.office.wording import one_line
from storage.records import OrderStatus
from tests.stations.office.shop import OTHER, SERIAL, Shop, order


def test_an_order_is_opened_on_the_line_of_its_type(shop: Shop) -> None:
    made = shop.get(create_order, CreateOrder(mo_number=" MO-7 ", panel_type="72", quantity=10, watt_class_w=385))
    assert (made.mo_number, made.line_number, made.status) == ("MO-7", 1, OrderStatus.ACTIVE)
    assert shop.view.order_by_number("MO-7") == made
    assert made.created_by == shop.view.user_by_name("sam").uuid  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"panel_type": "144"}, "refused", "built on line 2"),
        ({"panel_type": "61"}, "refused", "No line builds"),
        ({"mo_number": "MO-1"}, "refused", "exists already"),
        ({"mo_number": "  "}, "invalid", "empty"),
        ({"mo_number": "MO\x007"}, "invalid", "do not print"),
        ({"mo_number": "MO\ud800"}, "invalid", "do not print"),
        ({"mo_number": "M" * 51}, "invalid", "51 characters"),
        ({"quantity": 0}, "invalid", "cannot be for 0 panels"),
        ({"quantity": 10**9}, "invalid", "cannot be for 1000000000 panels"),
        ({"pmax_min_w": 330.0, "pmax_max_w": 320.0}, "invalid", "between 330 W and 320 W"),
        ({"pmax_min_w": -5.0}, "invalid", "lower Pmax limit cannot be -5.0"),
        ({"pmax_max_w": float("inf")}, "invalid", "upper Pmax limit cannot be inf"),
        ({"pmax_min_w": float("nan")}, "invalid", "lower Pmax"),
        ({"watt_class_w": -1}, "invalid", "watt class"),
        ({"cells_in_series": 0}, "invalid", "cells in series"),
        ({"notes": "a\x00b"}, "invalid", "do not print"),
    ],
)
def test_an_order_that_cannot_be_is_refused_in_plain_words(
    shop: Shop, change: dict[str, object], code: str, word: str
) -> None:
    asked: dict[str, object] = {"mo_number": "MO-9", "panel_type": "60", "quantity": 5} | change
    no = shop.no(create_order, CreateOrder(**asked))  # type: ignore[arg-type]
    assert no.code == code
    assert word in no.message


@pytest.mark.parametrize("who", ["otto", "nobody", "gone", "root"])
def test_only_supervisors_open_orders(shop: Shop, who: str) -> None:
    no = shop.no(create_order, CreateOrder(mo_number="MO-9", panel_type="60", quantity=5), who)
    assert no.code == "forbidden"
    assert no.todo


def test_a_chosen_order_takes_the_next_new_panel(shop: Shop) -> None:
    shop.write(order("MO-2"))
    chosen = shop.get(choose_order, ChooseOrder(panel_type="60", mo_number="MO-2"))
    assert shop.work(SERIAL, 1).mo_number == "MO-2"
    again = shop.get(choose_order, ChooseOrder(panel_type="60", mo_number=None))
    assert (again.uuid, again.order_uuid) == (chosen.uuid, None)
    assert shop.work(OTHER, 1).mo_number == "MO-1"


def test_an_order_is_not_chosen_for_another_type_nor_cancelled_nor_full(shop: Shop) -> None:
    shop.write(order("MO-36", panel_type="36"), order("MO-2", quantity=1))
    assert "36" in shop.no(choose_order, ChooseOrder(panel_type="60", mo_number="MO-36")).message
    assert shop.no(choose_order, ChooseOrder(panel_type="60", mo_number="MO-0")).code == "not_found"
    shop.get(choose_order, ChooseOrder(panel_type="60", mo_number="MO-2"))
    shop.work(SERIAL, 1)
    assert "no room" in shop.no(choose_order, ChooseOrder(panel_type="60", mo_number="MO-2")).message
    shop.get(cancel_order, CancelOrder(mo_number="MO-1", reason="customer left"))
    assert "cancelled" in shop.no(choose_order, ChooseOrder(panel_type="60", mo_number="MO-1")).message


def test_a_cancelled_order_takes_no_panel_until_it_is_opened_again(shop: Shop) -> None:
    cancelled = shop.get(cancel_order, CancelOrder(mo_number="MO-1", reason="customer left"))
    assert cancelled.status is OrderStatus.CANCELLED
    assert "sam: cancelled. customer left" in (cancelled.notes or "")
    assert shop.scan(1, "SL-U-otto", SERIAL).banner.headline == "No order"
    assert shop.no(cancel_order, CancelOrder(mo_number="MO-1", reason="again")).code == "refused"
    assert shop.no(resize_order, ResizeOrder(mo_number="MO-1", quantity=9, reason="more")).code == "refused"
    assert shop.get(reopen_order, ReopenOrder(mo_number="MO-1", reason="back")).status is OrderStatus.ACTIVE
    assert shop.no(reopen_order, ReopenOrder(mo_number="MO-1", reason="back")).code == "refused"
    assert shop.work(SERIAL, 1).mo_number == "MO-1"


def test_deciding_against_the_rules_needs_a_reason(shop: Shop) -> None:
    assert shop.no(cancel_order, CancelOrder(mo_number="MO-1", reason=" ")).code == "invalid"


def test_an_order_never_shrinks_below_its_panels_and_ends_when_they_are_all(shop: Shop) -> None:
    shop.work(SERIAL, 1, 2, 3, 4)
    shop.work(OTHER, 1)
    no = shop.no(resize_order, ResizeOrder(mo_number="MO-1", quantity=1, reason="less"))
    assert no.todo == "Give 2 or more."
    shop.get(scrap_panel, ScrapPanel(serial=OTHER, reason="dropped"))
    done = shop.get(resize_order, ResizeOrder(mo_number="MO-1", quantity=1, reason="less"))
    assert done.status is OrderStatus.COMPLETED
    assert done.completed_at == shop.at
    assert "complete" in shop.no(reopen_order, ReopenOrder(mo_number="MO-1", reason="more")).message
    more = shop.get(resize_order, ResizeOrder(mo_number="MO-1", quantity=2, reason="more"))
    assert (more.status, more.completed_at) == (OrderStatus.ACTIVE, None)
    assert progress_of(shop.view, more).room == 1


@given(st.text())
def test_a_name_is_kept_storable_or_refused(text: str) -> None:
    try:
        kept = one_line("The name", text)
    except Refused:
        assert not text.strip() or len(text) > 50 or not text.strip().isprintable()
    else:
        assert kept.encode()
        assert kept == kept.strip()
        assert one_line("The name", kept) == kept
        assert "\x00" not in kept
        assert 0 < len(kept) <= 50
