"""Holds: a panel or pallet that may not move on."""

from typing import Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.parameters import Reason
from daemon.cli.showing import Column, answer, at, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("hold", "Stop a panel or pallet, and let it go again.")

_COLUMNS = (
    Column("Held", "name"),
    Column("Since", at("created_at")),
    Column("Because", "reason", flex=True),
    Column("Hold", "uuid", flex=True),
)


@app.command(name="list")
def list_(*, to: To = HERE) -> None:
    """List what is on hold."""
    rows = ask(to, "hold.list")
    answer(to, rows, lambda: table(rows, _COLUMNS, "Nothing is on hold."))


@app.command(name="raise")
def raise_(
    subject: Annotated[str, Parameter(help="Serial of the panel, or number of the pallet.")],
    *,
    reason: Reason,
    to: To = HERE,
) -> None:
    """Put a panel (serial) or a pallet (number) on hold."""
    row = ask(to, "hold.raise", subject=subject, reason=reason)
    said(to, row, f"{subject} is on hold.")


@app.command
def release(
    subject: Annotated[str, Parameter(help="Serial, pallet number, or id of one hold.")],
    *,
    reason: Reason,
    to: To = HERE,
) -> None:
    """Release every hold on a panel (serial) or pallet (number), or one hold by its id or the last digits of it."""
    row = ask(to, "hold.release", hold=subject, reason=reason)
    said(to, row, f"{subject} is released.")
