"""Orders: room, remaining, and which one a new panel joins."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from storage.records import Order, OrderCounts, OrderStatus

LOW, COMPLETED = "low_remaining", "completed"
"""What is said of an order, once each."""


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """An order with what its panels add up to."""

    order: Order
    counts: OrderCounts

    @property
    def room(self) -> int:
        """Panels that may still join: quantity − joined + scrapped."""
        return self.order.quantity - self.counts.joined + self.counts.scrapped

    @property
    def remaining(self) -> int:
        """Panels still to be completed."""
        return self.order.quantity - self.counts.completed


def due_alert(remaining: int, threshold: int, said: frozenset[str]) -> str | None:
    """Give the alert that is due now and was not said before; None without one."""
    due = COMPLETED if remaining <= 0 else LOW if remaining <= threshold else None
    return due if due not in said else None


def low_text(order: Order, remaining: int, threshold: int) -> str:
    """Say that an order runs out; of one that never was above the threshold, that it is a small one."""
    which = "Order" if order.quantity > threshold else "Small order"
    return f"{which} {order.mo_number}: {remaining} of {order.quantity} left. Plan the next one."


def completed_text(order: Order) -> str:
    """Say that an order is complete."""
    return f"Order {order.mo_number} is complete."


def choose_order(candidates: Sequence[OrderProgress], chosen: UUID | None) -> OrderProgress | None:
    """Pick the order a new panel joins: the chosen one while it has room, else the oldest active one with room.

    `candidates` are the orders of the panel's type on this line, oldest first.
    """
    with_room = [one for one in candidates if one.order.status is OrderStatus.ACTIVE and one.room > 0]
    preferred = [one for one in with_room if one.order.uuid == chosen]
    return next(iter(preferred or with_room), None)
