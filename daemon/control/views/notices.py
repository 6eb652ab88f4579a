"""What every screen of the line says of its orders, for as long as it holds: which run out, which was completed."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from stations.gather import Surroundings
from stations.office.orders import progress_of
from stations.rules.orders import LOW, completed_text, low_text
from storage.records import Order, OrderStatus
from storage.sqlite.view import View


def order_notices(view: View, around: Surroundings, completed_last: UUID | None) -> tuple[str, ...]:
    """Say which active orders run out, with what is left now, the newest alert first.

    `completed_last` is the order of the panel completed last; that it is complete is said until the next one's panels
    are. Nothing is said of an order for whose panel type another one was chosen since.
    """
    low = sorted(_running_low(view, around), reverse=True)
    order = view.order(completed_last) if completed_last is not None else None
    done = _completed(view, order) if order is not None else ()
    return (*done, *(text for _, text in low))


def _completed(view: View, order: Order) -> tuple[str, ...]:
    if order.status is not OrderStatus.COMPLETED or order.completed_at is None:
        return ()
    return () if _settled(view, order, order.completed_at) else (completed_text(order),)


def _running_low(view: View, around: Surroundings) -> Iterator[tuple[datetime, str]]:
    for order in view.orders(OrderStatus.ACTIVE):
        said_at = [alert.created_at for alert in view.alerts_of(order.uuid) if alert.alert == LOW]
        if said_at and not _settled(view, order, said_at[0]):
            remaining = progress_of(view, order).remaining
            if 0 < remaining <= around.rules.alert_threshold:
                yield said_at[0], low_text(order, remaining, around.rules.alert_threshold)


def _settled(view: View, order: Order, since: datetime) -> bool:
    """Tell whether somebody chose another order for the panel type since."""
    choice = view.order_choice(order.line_number, order.panel_type)
    return choice is not None and choice.order_uuid not in (None, order.uuid) and choice.updated_at >= since
