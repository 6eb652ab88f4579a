"""Waivers of plausibility rules."""

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.showing import Column, answer, at, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("waiver", "Let a plausibility rule be, for one panel type, until a date.")

_COLUMNS = (
    Column("Rule", "rule"),
    Column("Type", "panel_type"),
    Column("Until", at("until")),
    Column("Because", "reason", flex=True),
)


@app.command(name="list")
def list_(*, to: To = HERE) -> None:
    """List the waivers."""
    rows = ask(to, "waiver.list")
    answer(to, rows, lambda: table(rows, _COLUMNS, "There are no waivers."))


@app.command
def grant(
    rule: str,
    panel_type: str,
    *,
    until: Annotated[date, Parameter(help="Last day, as 2026-12-31.")],
    reason: Annotated[str, Parameter(help="Why; it is kept with your name.")],
    to: To = HERE,
) -> None:
    """Waive a rule for a panel type until a date."""
    row = ask(to, "waiver.grant", rule=rule, panel_type=panel_type, until=until.isoformat(), reason=reason)
    said(to, row, f"{rule} is waived for type {panel_type} until {until}.")
