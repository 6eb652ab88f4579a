"""The tray: flashes that could not be given to a panel."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.parameters import Limit, Reason, Serial
from daemon.cli.showing import Column, Row, answer, at, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from rich.console import RenderableType

app = group("flash", "Flashes nobody could assign for sure: list, assign, discard.")

FlashId = Annotated[str, Parameter(help="Its id in the tray: all of it, or 6 or more digits of its end.")]

_NAMES = (("Pmax", "W"), ("Voc", "V"), ("Isc", "A"), ("Vmp", "V"), ("Imp", "A"))


def _value(name: str, unit: str) -> Column:
    return Column(f"{name} {unit}", lambda row: (row.get("values") or {}).get(name), right=True)


def _last_reason(row: Row) -> str:
    rulings = [row["ruling"]] if row.get("ruling") else row.get("rulings") or []
    return str(rulings[-1].get("reason") or "") if rulings else ""


_FLASH = (
    Column("Seen", at("seen_at")),
    Column("Tester said", "serial_text"),
    *(_value(*name) for name in _NAMES),
)
_UUID = Column("Flash", "uuid", flex=True)
_TRAY = (*_FLASH, Column("Because", _last_reason, flex=True), _UUID)
_RULINGS = (
    Column("When", at("created_at")),
    Column("Went", "disposition"),
    Column("To", "serial"),
    Column("By", "decided_by_name"),
    Column("Because", "reason", flex=True),
    Column("Findings", lambda row: "; ".join(one["detail"] for one in row.get("findings") or ()), flex=True),
)


@app.command
def tray(*, limit: Limit = 100, to: To = HERE) -> None:
    """List the flashes that wait for a person."""
    rows = ask(to, "flash.tray", limit=limit)
    answer(to, rows, lambda: table(rows, _TRAY, "The tray is empty."))


@app.command
def show(flash: FlashId, *, to: To = HERE) -> None:
    """Show one flash and every ruling on it."""
    found = ask(to, "flash.show", uuid=flash)
    answer(to, found, lambda: _picture(found))


def _picture(found: Row) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- only where people look

    return Group(table([found], (*_FLASH, _UUID)), "", table(found.get("rulings") or [], _RULINGS, "No ruling yet."))


@app.command
def assign(flash: FlashId, serial: Serial, *, reason: Reason, to: To = HERE) -> None:
    """Give a flash to a panel. A result already given is never rewritten."""
    ruling = ask(to, "flash.assign", uuid=flash, serial=serial, reason=reason)
    said(to, ruling, f"The flash now belongs to {serial}.")


@app.command
def discard(flash: FlashId, *, reason: Reason, to: To = HERE) -> None:
    """Say that a flash belongs to no panel; it stays in the records."""
    ruling = ask(to, "flash.discard", uuid=flash, reason=reason)
    said(to, ruling, "The flash is discarded; it stays in the records.")
