"""Orders: opened, chosen, resized, cancelled, opened again."""

import math
from dataclasses import dataclass, replace

from stations.office.deciding import decision
from stations.office.finding import order_named, rules_in_force
from stations.office.outcome import Desk, Outcome, done, invalid, refused
from stations.office.wording import NAME, appended, note_of, one_line, reason_of
from stations.rules.orders import OrderProgress
from stations.rules.routing import line_of
from stations.rules.settings import Rules
from stations.workflow.turn import Place
from storage.records import Order, OrderChoice, OrderStatus, Role, thing_uuid
from storage.sqlite.view import View

_MOST_PANELS = 100_000
_MOST_WATT = 2_000
_MOST_CELLS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """Open an order. Without a Pmax window that of the watt class is used; without either, plausibility alone."""

    mo_number: str
    panel_type: str
    quantity: int
    watt_class_w: int | None = None
    pmax_min_w: float | None = None
    pmax_max_w: float | None = None
    cells_in_series: int | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseOrder:
    """Let new panels of a type join this order; None: the oldest with room."""

    panel_type: str
    mo_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Let no more panels join an order."""

    mo_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenOrder:
    """Take up an order again."""

    mo_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeOrder:
    """Change how many panels an order is for."""

    mo_number: str
    quantity: int
    reason: str


def progress_of(view: View, order: Order) -> OrderProgress:
    """Count an order's panels."""
    return OrderProgress(order, view.order_counts(order.uuid))


@decision(Role.SUPERVISOR)
def create_order(view: View, desk: Desk, request: CreateOrder) -> Outcome[Order]:
    """Open an order on the line of its panel type; refused for unknown types, other lines' types, known numbers."""
    number = one_line("The order number", request.mo_number, NAME)
    if view.order_by_number(number) is not None:
        raise refused(f"Order {number} exists already.", "Use another number, or resize that order.")
    panel_type = _type_of_this_line(request.panel_type, rules_in_force(view), desk.place)
    _check_limits(request)
    order = Order(
        uuid=thing_uuid(desk.place.site, Order.KIND, number), mo_number=number, panel_type=panel_type,
        line_number=desk.place.line_number, quantity=_quantity(request.quantity), watt_class_w=request.watt_class_w,
        pmax_min_w=request.pmax_min_w, pmax_max_w=request.pmax_max_w, cells_in_series=request.cells_in_series,
        notes=note_of("The note", request.notes) if request.notes else None,
        created_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    return done(order, order)


@decision(Role.SUPERVISOR)
def choose_order(view: View, desk: Desk, request: ChooseOrder) -> Outcome[OrderChoice]:
    """Choose the order new panels of a type join; refused for one that is not active, of another type or full."""
    panel_type = _type_of_this_line(request.panel_type, rules_in_force(view), desk.place)
    order = order_named(view, request.mo_number) if request.mo_number is not None else None
    if order is not None:
        _assert_choosable(view, order, panel_type)
    line = desk.place.line_number
    choice = OrderChoice(
        uuid=thing_uuid(desk.place.site, OrderChoice.KIND, f"{line}:{panel_type}"), line_number=line,
        panel_type=panel_type, order_uuid=order.uuid if order else None, updated_at=desk.at,
    )  # fmt: skip
    return done(choice, choice)


@decision(Role.SUPERVISOR)
def cancel_order(view: View, desk: Desk, request: CancelOrder) -> Outcome[Order]:
    """Cancel an active order: its panels go on, no more join."""
    order = order_named(view, request.mo_number)
    if order.status is not OrderStatus.ACTIVE:
        raise refused(f"Order {order.mo_number} is {order.status} already.")
    changed = replace(order, status=OrderStatus.CANCELLED, notes=noted(desk, order, "cancelled", request.reason))
    return done(changed, changed)


@decision(Role.SUPERVISOR)
def reopen_order(view: View, desk: Desk, request: ReopenOrder) -> Outcome[Order]:
    """Make a cancelled order active again; refused for a complete one, which has to be made larger instead."""
    order = order_named(view, request.mo_number)
    if order.status is OrderStatus.ACTIVE:
        raise refused(f"Order {order.mo_number} is active already.")
    if progress_of(view, order).remaining <= 0:
        raise refused(f"All {order.quantity} panels of order {order.mo_number} are complete.", _LARGER)
    notes = noted(desk, order, "opened again", request.reason)
    changed = replace(order, status=OrderStatus.ACTIVE, completed_at=None, notes=notes)
    return done(changed, changed)


@decision(Role.SUPERVISOR)
def resize_order(view: View, desk: Desk, request: ResizeOrder) -> Outcome[Order]:
    """Change the quantity, never below the panels that joined; the order becomes complete, or active."""
    order, quantity = order_named(view, request.mo_number), _quantity(request.quantity)
    if order.status is OrderStatus.CANCELLED:
        raise refused(f"Order {order.mo_number} is cancelled.", "Open it again first: sunline order reopen.")
    progress = progress_of(view, replace(order, quantity=quantity))
    if progress.room < 0:
        least = quantity - progress.room
        raise refused(f"{least} panels joined order {order.mo_number} already.", f"Give {least} or more.")
    complete = progress.remaining <= 0
    changed = replace(
        order, quantity=quantity, status=OrderStatus.COMPLETED if complete else OrderStatus.ACTIVE,
        completed_at=(order.completed_at or desk.at) if complete else None,
        notes=noted(desk, order, f"{order.quantity} became {quantity}", request.reason),
    )  # fmt: skip
    return done(changed, changed)


_LARGER = "Make it larger: sunline order resize."


def _type_of_this_line(panel_type: str, rules: Rules, place: Place) -> str:
    kept = one_line("The panel type", panel_type, 10).upper()
    line = line_of(kept, rules.line_types)
    if line is None:
        known = ", ".join(name for name, at in rules.line_types.items() if at == place.line_number)
        raise refused(f"No line builds panel type {kept}.", f"This line builds {known}.")
    if line != place.line_number:
        raise refused(f"Panel type {kept} is built on line {line}.", f"Do this on line {line}.")
    return kept


def _quantity(quantity: int) -> int:
    if not 1 <= quantity <= _MOST_PANELS:
        raise invalid(f"An order cannot be for {quantity} panels.", f"Give 1 to {_MOST_PANELS}.")
    return quantity


def _check_limits(request: CreateOrder) -> None:
    low, high = request.pmax_min_w, request.pmax_max_w
    watts, cells = f"Give watts, above 0 and up to {_MOST_WATT} W.", f"Give 1 to {_MOST_CELLS} cells."
    for name, value, most, todo in (
        ("The watt class", request.watt_class_w, _MOST_WATT, watts), ("The lower Pmax limit", low, _MOST_WATT, watts),
        ("The upper Pmax limit", high, _MOST_WATT, watts),
        ("The number of cells in series", request.cells_in_series, _MOST_CELLS, cells),
    ):  # fmt: skip
        if value is not None and not (math.isfinite(value) and 0 < value <= most):
            raise invalid(f"{name} cannot be {value}.", todo)
    if low is not None and high is not None and low >= high:
        raise invalid(f"No Pmax lies between {low:g} W and {high:g} W.", "Give the lower limit as the smaller one.")


def _assert_choosable(view: View, order: Order, panel_type: str) -> None:
    if order.panel_type != panel_type:
        raise refused(f"Order {order.mo_number} is for panel type {order.panel_type}.", "Choose one of the same type.")
    if order.status is not OrderStatus.ACTIVE:
        raise refused(f"Order {order.mo_number} is {order.status}.", "Choose an active order.")
    if progress_of(view, order).room <= 0:
        raise refused(f"Order {order.mo_number} has no room left.", _LARGER)


def noted(desk: Desk, order: Order, what: str, reason: str) -> str:
    """Give an order's notes with one more line: when, who, what, why."""
    said = f"{desk.at:%Y-%m-%d %H:%M} UTC {desk.who.username}: {what}. {reason_of(reason)}"
    return appended(order.notes, said)
