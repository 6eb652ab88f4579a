"""Pallets and their sheets."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.papers import write_pages
from daemon.cli.parameters import After, Limit, OfOrder, PalletNumber, Reason, Source
from daemon.cli.pieces import show_piece
from daemon.cli.showing import Column, Row, answer, at, said, when
from daemon.cli.tables import facts, table
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from rich.console import RenderableType

app = group("pallet", "Pallets: what is on them, their sheets, closing them.")

_NAMES = ("Pmax", "Voc", "Isc", "Vmp", "Imp")


def _value(name: str, unit: str) -> Column:
    return Column(f"{name} {unit}", lambda row: (row.get("values") or {}).get(name), right=True)


def _pmax(row: Row) -> object:
    return row["values"].get("Pmax") if row.get("values") else "LATER"


def _status(pallet: Row) -> str:
    return {"in_progress": "open", "completed": "closed"}.get(str(pallet.get("status")), "")


_LIST = (
    Column("Pallet", "pallet_number"),
    Column("Order", "mo_number"),
    Column("Status", _status, styled=True),
    Column("Panels", "count", right=True),
    Column("Opened", at("created_at")),
    Column("Closed", at("completed_at")),
)
_ROWS = (
    Column("#", "position", right=True),
    Column("Serial", "serial"),
    Column("Pmax W", _pmax, right=True),
    *(_value(name, unit) for name, unit in zip(_NAMES[1:], "VAVA", strict=True)),
    Column("", "result", styled=True),
    Column("By", "operator", flex=True),
    Column("Finished", at("time"), flex=True),
)


@app.command(name="list")
def list_(
    *,
    status: Annotated[
        Literal["open", "closed", "in_progress", "completed"] | None, Parameter(help="Only those that are this.")
    ] = None,
    order: OfOrder = None,
    limit: Limit = 100,
    after: After = None,
    source: Source = "local",
    to: To = HERE,
) -> None:
    """List pallets, newest first."""
    stored = {"open": "in_progress", "closed": "completed"}.get(status or "", status)
    show_piece(
        to, "pallet.list", _LIST, "There are no pallets.", status=stored, order=order, limit=limit, after=after,
        source=source,
    )  # fmt: skip


@app.command
def show(
    number: PalletNumber,
    *,
    pdf: Annotated[Path | None, Parameter(help="Write the pallet sheet to this PDF.")] = None,
    html: Annotated[Path | None, Parameter(help="Write the pallet sheet to this HTML file.")] = None,
    to: To = HERE,
) -> None:
    """Show a pallet with its panels and their values; print its sheet with --pdf or --html."""
    found = ask(to, "pallet.show", number=number)
    if pdf is None and html is None:
        answer(to, found, lambda: _picture(found))
        return
    from daemon.printing import pallet_pages, read_pallet  # noqa: PLC0415 -- only where a sheet is printed

    sheet = read_pallet(found, None, f"printed {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}")
    written = write_pages(pallet_pages(sheet), f"Pallet {number}", pdf, html)
    said(to, {**found, "written": written}, f"Sheet of {number} written to {' and '.join(written)}.")


@app.command
def close(number: PalletNumber, *, to: To = HERE) -> None:
    """Close a pallet with the panels it has."""
    pallet = ask(to, "pallet.close", number=number)
    said(to, pallet, f"Pallet {number} is closed. Print its sheet: sunline pallet show {number} --pdf FILE")


@app.command
def reopen(number: PalletNumber, *, reason: Reason, to: To = HERE) -> None:
    """Open a closed pallet again, to take panels off it or put more on. Only while it has not left the factory."""
    pallet = ask(to, "pallet.reopen", number=number, reason=reason)
    said(to, pallet, f"Pallet {number} is open again. Throw its printed sheet away.")


def _picture(found: Row) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- only where people look

    pallet, rows = found.get("pallet") or {}, found.get("rows") or []
    head = facts(
        [
            ("Pallet", pallet.get("pallet_number")),
            ("Order", (found.get("order") or {}).get("mo_number")),
            ("Status", _status(pallet)),
            ("Panels", found.get("count", len(rows))),
            ("Closed", when(pallet.get("completed_at"))),
            ("ON HOLD", "; ".join(_reasons(found))),
        ]
    )
    return Group(head, "", table(rows, _ROWS, "No panels yet."))


def _reasons(found: Row) -> tuple[str, ...]:
    holds = found.get("holds") or ()
    return tuple(str(one.get("reason") if isinstance(one, Mapping) else one) for one in holds)
