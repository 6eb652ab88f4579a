"""Manufacturing orders."""

from typing import Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, given
from daemon.cli.parameters import After, Limit, Order, PanelType, Reason, Source
from daemon.cli.pieces import show_piece, who
from daemon.cli.showing import Column, Row, answer, more, said, when
from daemon.cli.tables import facts, status_word
from daemon.cli.where import HERE, To

app = group("order", "Manufacturing orders: what is to be built, and how far it is.")

_COLUMNS = (
    Column("Order", "mo_number"),
    Column("Line", "line_number", right=True),
    Column("Type", "panel_type"),
    Column("Status", "status", styled=True),
    Column("Quantity", "quantity", right=True),
    Column("Joined", "joined", right=True),
    Column("Completed", "completed", right=True),
    Column("Scrap", "scrapped", right=True),
    Column("Room", "room", right=True),
    Column("Left", "remaining", right=True),
    Column("Notes", "notes", flex=True),
)


@app.command
def create(  # noqa: PLR0913 -- one parameter an option
    mo_number: str,
    panel_type: str,
    quantity: int,
    *,
    watt_class_w: int | None = None,
    pmax_min_w: float | None = None,
    pmax_max_w: float | None = None,
    cells_in_series: int | None = None,
    notes: str | None = None,
    to: To = HERE,
) -> None:
    """Open an order: so many panels of one type. New panels join the oldest order with room, or the chosen one.

    Parameters
    ----------
    mo_number
        The order's number, as on its paper.
    panel_type
        The number of cells in its serial: 36, 40, 60, 72 or 144.
    quantity
        How many panels to complete.
    watt_class_w
        Power on the label, in W. Without a Pmax limit it sets the limits.
    pmax_min_w
        Least Pmax that passes, in W.
    pmax_max_w
        Most Pmax that passes, in W.
    cells_in_series
        Cells in series, where they are not the usual ones of the type.
    notes
        Anything people should know.
    """
    limits = given(
        watt_class_w=watt_class_w, pmax_min_w=pmax_min_w, pmax_max_w=pmax_max_w, cells_in_series=cells_in_series
    )
    also = given(notes=notes)
    order = ask(to, "order.create", mo_number=mo_number, panel_type=panel_type, quantity=quantity, **limits, **also)
    said(to, order, f"Order {mo_number} is open: {quantity} panels of type {panel_type}.")


@app.command(name="list")
def list_(
    *,
    status: Annotated[
        Literal["active", "completed", "cancelled"] | None, Parameter(help="Only those that are this.")
    ] = None,
    limit: Limit = 100,
    after: After = None,
    source: Source = "local",
    to: To = HERE,
) -> None:
    """List orders, newest first, all or those of one status."""
    none = "There are no orders."
    show_piece(to, "order.list", _COLUMNS, none, status=status, limit=limit, after=after, source=source)


@app.command
def show(mo_number: Order, *, source: Source = "local", to: To = HERE) -> None:
    """Show one order: its panels by status, its pallets."""
    order = ask(to, "order.show", mo_number=mo_number, source=source)
    answer(to, order, lambda: facts(_facts(order)))
    if told := who(order):
        more(to, told)


def _facts(order: Row) -> list[tuple[str, object]]:
    counts = [(status_word(status), len(serials)) for status, serials in (order.get("panels") or {}).items()]
    pallets = [f"{one.get('pallet_number')} ({one.get('count', '?')})" for one in order.get("pallets") or ()]
    elsewhere = f"are counted on line {order.get('line_number')}" if order.get("completed") is None else ""
    window = [f"{order[key]:g} W" if order.get(key) else "–" for key in ("pmax_min_w", "pmax_max_w")]
    return [
        ("Order", order.get("mo_number")),
        ("Line", order.get("line_number")),
        ("Type", order.get("panel_type")),
        ("Status", order.get("status")),
        ("Quantity", order.get("quantity")),
        ("Completed", order.get("completed")),
        ("Left", order.get("remaining")),
        ("Room", order.get("room")),
        ("Scrap", order.get("scrapped")),
        ("Pmax window", " to ".join(window) if any(order.get(key) for key in ("pmax_min_w", "pmax_max_w")) else None),
        ("Watt class", f"{order['watt_class_w']} W" if order.get("watt_class_w") else None),
        ("Panels", ", ".join(f"{count} {status}" for status, count in counts if count) or elsewhere),
        ("Pallets", ", ".join(pallets)),
        ("Opened", when(order.get("created_at"))),
        ("Completed at", when(order.get("completed_at"))),
        ("Notes", order.get("notes")),
    ]


@app.command
def choose(
    panel_type: PanelType,
    mo_number: Annotated[str | None, Parameter(help="Number of the order (MO); none: the oldest with room.")] = None,
    *,
    to: To = HERE,
) -> None:
    """Let new panels of a type join this order first; without an order number, the oldest with room."""
    chosen = ask(to, "order.choose", panel_type=panel_type, mo_number=mo_number)
    which = f"order {mo_number}" if mo_number else "the oldest order with room"
    said(to, chosen, f"New panels of type {panel_type} now join {which}.")


@app.command
def resize(
    mo_number: Order,
    quantity: Annotated[int, Parameter(help="How many panels to complete, all in all.")],
    *,
    reason: Reason,
    to: To = HERE,
) -> None:
    """Change how many panels an order has."""
    order = ask(to, "order.resize", mo_number=mo_number, quantity=quantity, reason=reason)
    said(to, order, f"Order {mo_number} now has {quantity} panels.")


@app.command
def cancel(mo_number: Order, *, reason: Reason, to: To = HERE) -> None:
    """Cancel an order: no new panel joins it; those it has go on."""
    order = ask(to, "order.cancel", mo_number=mo_number, reason=reason)
    said(to, order, f"Order {mo_number} is cancelled.")


@app.command
def reopen(mo_number: Order, *, reason: Reason, to: To = HERE) -> None:
    """Take up a cancelled order again. A completed one is made larger instead: sunline order resize."""
    order = ask(to, "order.reopen", mo_number=mo_number, reason=reason)
    said(to, order, f"Order {mo_number} is active again.")
