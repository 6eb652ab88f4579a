"""Reads for people from the central server: what `storage.reads` asks, over one connection."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from storage.changes import form_of
from storage.postgres.blocks import blocks
from storage.postgres.failures import our_errors
from storage.postgres.link import Link
from storage.postgres.tables import OF_KIND, central_row
from storage.reads import (
    FailedPanel,
    Found,
    FoundNote,
    FoundOrder,
    FoundPallet,
    FoundPanel,
    FoundResult,
    ListFailed,
    ListOrders,
    ListPallets,
    ListPanels,
    ListResults,
    Noted,
    OrderReport,
    Page,
    PanelsAt,
    Piece,
    Question,
    SearchNotes,
)
from storage.records import Order, OrderCounts, Pallet, Panel, PanelStatus, Verdict

_QUERIES: Final = blocks("reads.sql")

_SELDOM: Final = 1500
_LOOK_UP: Final = "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"
_MEET: Final = "SELECT set_config('enable_bitmapscan', 'off', true)"

Asked = Mapping[str, Any]


async def ask(link: Link, question: Question, piece: Piece) -> Page[Found]:
    """Answer a question with one piece of the list. Raises CentralAway, CentralUnfit or RowsRefused."""
    more = replace(piece, limit=piece.limit + 1)
    with our_errors():
        found = await _found(link, question, more)
    rows = found[: piece.limit]
    return Page(rows, rows[-1].mark if len(found) > len(rows) else None)


async def order_report(link: Link, mo_number: str) -> OrderReport | None:
    """Say how far an order is; None: no such order. Raises as `ask`."""
    asked = {"order": mo_number}
    with our_errors():
        orders = await _things(link, Order, "order_report", asked)
        if not orders:
            return None
        counts = await _rows(link, "panels_at", asked)
        pallets = await _pallets(link, "pallets_of_order", asked)
    panels = tuple(PanelsAt(PanelStatus(status), station, count) for status, station, count in counts)
    return OrderReport(orders[0], panels, pallets)


async def _found(link: Link, question: Question, piece: Piece) -> tuple[Found, ...]:
    asked = _asked(question, piece)
    match question:
        case SearchNotes():
            return tuple(map(_note, await _notes(link, asked))) if question.words else ()
        case ListResults():
            return tuple(map(_result, await _rows(link, "results", asked)))
        case ListPanels():
            return tuple(map(FoundPanel, await _things(link, Panel, "panels", asked)))
        case ListFailed():
            return await _failed(link, asked)
        case ListOrders():
            return await _orders(link, asked)
        case ListPallets():
            return await _pallets(link, "pallets", asked)


def _asked(question: Question, piece: Piece) -> Asked:
    given = {name: getattr(question, name) for name in question.__slots__}
    if isinstance(question, SearchNotes):
        given["query"] = " & ".join(f"'{word}'" for word in question.words)
    return given | {"limit": piece.limit, "at": piece.after.created_at, "uuid": piece.after.uuid}


async def _notes(link: Link, asked: Asked) -> list[Any]:
    """Search on the way that is short for these words. How many notes have them all no statistics tell: look."""
    async with link.pipeline(), link.transaction():
        await link.execute(_LOOK_UP)
        if asked["order"] is None:
            rows = await _rows(link, "notes_looked_up", {**asked, "seldom": _SELDOM}, same_plan=True)
            if not _too_many(rows):
                return rows
        await link.execute(_MEET)
        return await _rows(link, "notes_met" if asked["order"] is None else "notes_of_order", asked, same_plan=True)


def _too_many(rows: list[Any]) -> bool:
    return bool(rows) and rows[0][0] is None


async def _rows(link: Link, name: str, asked: Asked, *, same_plan: bool = False) -> list[Any]:
    """Run a statement: with the plan made once, or one made for what is asked."""
    return await (await link.execute(_QUERIES[name].encode(), asked, prepare=same_plan)).fetchall()


async def _things(link: Link, record: type[Any], name: str, asked: Asked) -> list[Any]:
    """Read records that fit a condition."""
    statement = f"{OF_KIND[record.KIND].select} {_QUERIES[name]}"
    rows = await (await link.execute(statement.encode(), asked, prepare=False)).fetchall()
    from_body = form_of(record).from_body
    return [from_body(central_row(row).body) for row in rows]


async def _failed(link: Link, asked: Asked) -> tuple[FailedPanel, ...]:
    panels: list[Panel] = await _things(link, Panel, "failed", asked)
    rows = await _rows(link, "last_fails", {"panels": [panel.uuid for panel in panels]})
    verdicts = {result.panel_uuid: result for result in map(_result, rows)}
    return tuple(FailedPanel(panel, verdicts.get(panel.uuid)) for panel in panels)


async def _orders(link: Link, asked: Asked) -> tuple[FoundOrder, ...]:
    orders: list[Order] = await _things(link, Order, "orders", asked)
    rows = await _rows(link, "order_counts", {"uuids": [order.uuid for order in orders]})
    counts: dict[UUID, OrderCounts] = {uuid: OrderCounts(*numbers) for uuid, *numbers in rows}
    return tuple(FoundOrder(order, counts[order.uuid]) for order in orders)


async def _pallets(link: Link, name: str, asked: Asked) -> tuple[FoundPallet, ...]:
    pallets: list[Pallet] = await _things(link, Pallet, name, asked)
    rows = await _rows(link, "pallet_counts", {"uuids": [pallet.uuid for pallet in pallets]})
    also = {uuid: (mo_number, count) for uuid, mo_number, count in rows}
    return tuple(FoundPallet(pallet, *also[pallet.uuid]) for pallet in pallets)


def _note(row: tuple[Any, ...]) -> FoundNote:
    uuid, at, noted, notes, panel, serial, order, status, station, result, *rest = row
    verdict = Verdict(result) if result is not None else None
    return FoundNote(
        uuid, at, Noted(noted), notes, panel, serial, order, PanelStatus(status), station, verdict, *rest
    )  # fmt: skip


def _result(row: tuple[Any, ...]) -> FoundResult:
    uuid, at, panel, serial, order, status, station, result, *rest = row
    return FoundResult(uuid, at, panel, serial, order, PanelStatus(status), station, Verdict(result), *rest)
