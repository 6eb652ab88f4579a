"""Panels."""

from typing import Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, given
from daemon.cli.parameters import Limit, Reason, Serial, Station
from daemon.cli.showing import Column, answer, at, more, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("panel", "Panels: find them, read their history, decide against the rules.")

_COLUMNS = (
    Column("Serial", "serial_number"),
    Column("Order", "mo_number"),
    Column("Type", "panel_type"),
    Column("Status", "status", styled=True),
    Column("Station", "current_station", right=True),
    Column("Since", at("created_at")),
    Column("Notes", "notes", flex=True),
)


@app.command
def show(serial: Serial, *, to: To = HERE) -> None:
    """Show everything that happened to a panel, oldest first."""
    from daemon.cli.timeline import history  # noqa: PLC0415 -- only here

    found = ask(to, "panel.show", serial=serial)
    answer(to, found, lambda: history(found))


@app.command(name="list")
def list_(
    *,
    status: Literal["in_production", "rework", "completed", "scrap", "failed"] | None = None,
    station: Annotated[int | None, Parameter(help="Expected at this station, 1 to 4.")] = None,
    order: Annotated[str | None, Parameter(help="Of this order (MO).")] = None,
    limit: Limit = 100,
    after: Annotated[str | None, Parameter(help="Go on behind this serial.")] = None,
    to: To = HERE,
) -> None:
    """List panels by serial, only those that fit everything given."""
    stored = "failed" if status == "scrap" else status
    panels = ask(to, "panel.list", limit=limit, **given(status=stored, station=station, order=order, after=after))
    answer(to, panels, lambda: table(panels, _COLUMNS, "There are no such panels."))
    if len(panels) == limit:
        more(to, f"Only the first {limit}; go on with --after {panels[-1]['serial_number']}.")


@app.command
def move(serial: Serial, station: Station, *, reason: Reason, to: To = HERE) -> None:
    """Let a panel be worked on at another station than it is expected at."""
    panel = ask(to, "panel.move", serial=serial, station=station, reason=reason)
    said(to, panel, f"{serial} is now expected at station {station}.")


@app.command
def scrap(serial: Serial, *, reason: Reason, to: To = HERE) -> None:
    """Take a panel off the line for good."""
    panel = ask(to, "panel.scrap", serial=serial, reason=reason)
    said(to, panel, f"{serial} is scrap.")


@app.command
def undo(serial: Serial, *, reason: Reason, to: To = HERE) -> None:
    """Take back the last verdict on a panel, however old."""
    panel = ask(to, "panel.undo", serial=serial, reason=reason)
    where = panel.get("current_station") if isinstance(panel, dict) else None
    said(
        to,
        panel,
        f"The last verdict on {serial} is taken back" + (f"; it is expected at station {where}." if where else "."),
    )


@app.command
def note(serial: Serial, text: Annotated[str, Parameter(help="The note, in quotes.")], *, to: To = HERE) -> None:
    """Write a note on a panel."""
    panel = ask(to, "panel.note", serial=serial, text=text)
    said(to, panel, f"Noted on {serial}.")
