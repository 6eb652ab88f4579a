"""Waivers of plausibility rules."""

from datetime import date, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.parameters import PanelType, Reason
from daemon.cli.showing import Column, answer, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("waiver", "Let a plausibility rule be, for one panel type, until a date.")

_COLUMNS = (
    Column("Rule", "rule"),
    Column("Type", "panel_type"),
    Column("Last day", lambda row: _last_day(row.get("until"))),
    Column("Because", "reason", flex=True),
)


def _last_day(end: object) -> str:
    """Give the last day on which a waiver that ends at a moment still holds, by the plant's clock."""
    try:
        return f"{(datetime.fromisoformat(str(end)).astimezone() - timedelta(microseconds=1)):%Y-%m-%d}"
    except ValueError:
        return str(end)


@app.command(name="list")
def list_(*, to: To = HERE) -> None:
    """List the waivers in force, each with the last day it holds."""
    rows = ask(to, "waiver.list")
    answer(to, rows, lambda: table(rows, _COLUMNS, "There are no waivers."))


@app.command
def grant(
    rule: Annotated[str, Parameter(help="Name of the plausibility rule, like fill_factor_usual.")],
    panel_type: PanelType,
    *,
    until: Annotated[date, Parameter(help="Last day it holds, as 2026-12-31.")],
    reason: Reason,
    to: To = HERE,
) -> None:
    """Waive a plausibility rule for a panel type, for at most a year. A wrong rule name is answered with all names."""
    row = ask(to, "waiver.grant", rule=rule, panel_type=panel_type, until=until.isoformat(), reason=reason)
    said(to, row, f"{rule} is waived for type {panel_type} through {until}.")
