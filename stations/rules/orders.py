"""Orders: room, remaining, and which one a new panel joins."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from storage.records import Order, OrderCounts, OrderStatus


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


def choose_order(candidates: Sequence[OrderProgress], chosen: UUID | None) -> OrderProgress | None:
    """Pick the order a new panel joins: the chosen one while it has room, else the oldest active one with room.

    `candidates` are the orders of the panel's type on this line, oldest first.
    """
    with_room = [one for one in candidates if one.order.status is OrderStatus.ACTIVE and one.room > 0]
    preferred = [one for one in with_room if one.order.uuid == chosen]
    return next(iter(preferred or with_room), None)
