"""The two that answer: a line's store, and a central server that was sent what the line recorded."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Protocol
from uuid import UUID

from storage.changes import Change
from storage.postgres.history import panel_history
from storage.postgres.link import Link, connect
from storage.postgres.reads import ask, order_report
from storage.postgres.tables import OF_KIND, EditRow, FactRow, store_edits, store_facts
from storage.reads import Found, History, OrderReport, Page, Piece, Question
from storage.records import Batch, Record
from storage.sqlite import Store
from tests.storage.samples import open_store


class Side(Protocol):
    """Whoever answers."""

    def write(self, *records: Record) -> None: ...

    def ask(self, question: Question, piece: Piece) -> Page[Found]: ...

    def report(self, mo_number: str) -> OrderReport | None: ...

    def history(self, serial: str) -> History | None: ...

    def close(self) -> None: ...


class LineSide:
    """A line's store."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder / "line.db")

    def write(self, *records: Record) -> None:
        self.store.write(Batch(records))

    def ask(self, question: Question, piece: Piece) -> Page[Found]:
        return self.store.view.reads.ask(question, piece)

    def report(self, mo_number: str) -> OrderReport | None:
        return self.store.view.reads.order_report(mo_number)

    def history(self, serial: str) -> History | None:
        panel = self.store.view.panel(serial)
        return self.store.view.history(panel.uuid) if panel else None

    def close(self) -> None:
        self.store.close()


class CentralSide:
    """A central server; its rows come from a line's log, as they do in the factory."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self._line = LineSide(folder)
        self._runner = asyncio.Runner()
        self._link: Link = self._runner.run(connect(dsn))
        self._seen = 0
        self._held: dict[UUID, tuple[int, UUID]] = {}

    def write(self, *records: Record) -> None:
        self._line.write(*records)
        changes = self._line.store.view.changes_after(self._seen, 1_000_000)
        self._seen = changes[-1].seq
        self._runner.run(self._send(changes))

    def ask(self, question: Question, piece: Piece) -> Page[Found]:
        return self._runner.run(ask(self._link, question, piece))

    def report(self, mo_number: str) -> OrderReport | None:
        return self._runner.run(order_report(self._link, mo_number))

    def history(self, serial: str) -> History | None:
        return self._runner.run(panel_history(self._link, serial))

    def close(self) -> None:
        self._runner.run(self._link.close())
        self._runner.close()
        self._line.close()

    async def _send(self, changes: tuple[Change, ...]) -> None:
        of_kind: defaultdict[str, list[Change]] = defaultdict(list)
        for change in changes:
            of_kind[change.kind].append(change)
        for kind in (kind for kind in OF_KIND if kind in of_kind):
            if OF_KIND[kind].editable:
                for change in of_kind[kind]:
                    await self._edit(change)
            else:
                rows = [FactRow(one.body, one.hlc, one.store_id, one.clock_state) for one in of_kind[kind]]
                await store_facts(self._link, kind, rows)

    async def _edit(self, change: Change) -> None:
        was = self._held.get(change.uuid)
        self._held[change.uuid] = (change.hlc, change.store_id)
        row = EditRow(change.body, change.hlc, change.store_id, change.clock_state, change.wall, was)
        cursor = await store_edits(self._link, change.kind, [row])
        assert await cursor.fetchall() == [(change.uuid,)]
