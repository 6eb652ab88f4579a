"""Reads for people from what a line holds: what `storage.reads` asks, over one connection."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

import apsw
import orjson

from storage.changes.codec import time_text
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
from storage.sqlite.queries import QUERIES
from storage.sqlite.tables import table_of

R = TypeVar("R", Panel, Order, Pallet)
Binding = str | int | None

_STATIONS: Final = (1, 2, 3, 4)
_COUNTED: Final = 2000
_FEW: Final = frozenset({PanelStatus.IN_PRODUCTION, PanelStatus.REWORK, PanelStatus.FAILED})
_ALL_OF_AN_ORDER: Final = 1 << 30


class Reads:
    """Answers people's questions from one moment of the store."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def ask(self, question: Question, piece: Piece) -> Page[Found]:
        """Answer a question with one piece of the list."""
        found = tuple(self._found(question, replace(piece, limit=piece.limit + 1)))
        rows = found[: piece.limit]
        return Page(rows, rows[-1].mark if len(found) > len(rows) else None)

    def order_report(self, mo_number: str) -> OrderReport | None:
        """Say how far an order is; None: no such order."""
        orders = self._records(Order, "order_by_number", mo_number)
        if not orders:
            return None
        (order,) = orders
        panels = tuple(
            PanelsAt(PanelStatus(status), station, count)
            for status, station, count in self._rows("panels_at", str(order.uuid))
        )
        asked = (mo_number, *_behind(Piece()), None, _ALL_OF_AN_ORDER)
        pallets = tuple(map(self._pallet, self._records(Pallet, "pallets_of_order", *asked)))
        return OrderReport(order, panels, pallets[::-1])

    def _found(self, question: Question, piece: Piece) -> Iterable[Found]:
        match question:
            case SearchNotes():
                return self._notes(question, piece)
            case ListResults():
                return self._results(question, piece)
            case ListPanels():
                return map(FoundPanel, self._panels(question, piece))
            case ListFailed():
                failed = ListPanels(status=PanelStatus.FAILED, order=question.order)
                return map(self._failed, self._panels(failed, piece))
            case ListOrders():
                asked = (*_behind(piece), question.status, piece.limit)
                return map(self._order, self._records(Order, "orders_newest", *asked))
            case ListPallets():
                return map(self._pallet, self._pallets(question, piece))

    def _notes(self, question: SearchNotes, piece: Piece) -> Iterable[FoundNote]:
        """Go through the notes with the rarest word, and look for the other words in each."""
        if not question.words:
            return ()
        rarest, *others = sorted(question.words, key=self._how_many)
        rows = self._rows(
            "notes_with", rarest, *_behind(piece), time_text(question.since), time_text(question.until),
            orjson.dumps(others).decode(), question.status, question.order, question.station, piece.limit,
        )  # fmt: skip
        return map(_note, rows)

    def _how_many(self, word: str) -> int:
        return int(self._rows("how_many_notes", word, _COUNTED)[0][0])

    def _results(self, question: ListResults, piece: Piece) -> Iterable[FoundResult]:
        behind = (*_behind(piece), time_text(question.since), time_text(question.until))
        result, station, end = question.result, question.station, (question.standing, piece.limit)
        if question.order is not None:
            return map(_result, self._rows("results_of_order", question.order, *behind, result, station, *end))
        if result not in (None, Verdict.PASS):
            return map(_result, self._rows("results_no_pass", result, *behind, station, *end))
        stations = _STATIONS if station is None else (station,)
        found = [self._rows("results_at_station", one, *behind, result, *end) for one in stations]
        newest = sorted((row for rows in found for row in rows), key=lambda row: (row[1], row[0]), reverse=True)
        return map(_result, islice(newest, piece.limit))

    def _panels(self, question: ListPanels, piece: Piece) -> tuple[Panel, ...]:
        """Go through the orders where few panels fit, else back through time."""
        behind, status, station = _behind(piece), question.status, question.station
        if question.order is None and status not in _FEW:
            return self._records(Panel, "panels_newest", *behind, status, station, piece.limit)
        statuses = orjson.dumps(list(PanelStatus) if status is None else [status]).decode()
        return self._records(Panel, "panels_of_orders", question.order, statuses, *behind, station, piece.limit)

    def _failed(self, panel: Panel) -> FailedPanel:
        rows = self._rows("last_fail", str(panel.uuid))
        return FailedPanel(panel, _result(rows[0]) if rows else None)

    def _order(self, order: Order) -> FoundOrder:
        return FoundOrder(order, OrderCounts(*self._rows("order_counts", str(order.uuid))[0]))

    def _pallets(self, question: ListPallets, piece: Piece) -> tuple[Pallet, ...]:
        asked = (*_behind(piece), question.status, piece.limit)
        if question.order is None:
            return self._records(Pallet, "pallets_newest", *asked)
        return self._records(Pallet, "pallets_of_order", question.order, *asked)

    def _pallet(self, pallet: Pallet) -> FoundPallet:
        return FoundPallet(pallet, *self._rows("pallet_count", str(pallet.uuid))[0])

    def _rows(self, query: str, *bindings: Binding) -> list[Any]:
        return self._connection.execute(QUERIES[query], bindings).fetchall()

    def _records(self, record: type[R], query: str, *bindings: Binding) -> tuple[R, ...]:
        return tuple(map(table_of(record).decode, self._rows(query, *bindings)))


def _behind(piece: Piece) -> tuple[str, str]:
    return time_text(piece.after.created_at), str(piece.after.uuid)


def _note(row: tuple[Any, ...]) -> FoundNote:
    uuid, at, noted, notes, panel, serial, order, status, station, result, criterion, operator, voided = row
    return FoundNote(
        UUID(uuid), datetime.fromisoformat(at), Noted(noted), notes, UUID(panel), serial, order, PanelStatus(status),
        station, Verdict(result) if result is not None else None, criterion, operator, bool(voided),
    )  # fmt: skip


def _result(row: tuple[Any, ...]) -> FoundResult:
    uuid, at, panel, serial, order, status, station, result, attempt, notes, operator, voided = row
    return FoundResult(
        UUID(uuid), datetime.fromisoformat(at), UUID(panel), serial, order, PanelStatus(status), station,
        Verdict(result), attempt, notes, operator, bool(voided),
    )  # fmt: skip
