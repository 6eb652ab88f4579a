"""A line's store and its exchange with a real server; afterwards: do both sides hold the same facts, each once?"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

from storage.changes import Clock, SystemClock
from storage.postgres.lease import Holder
from storage.postgres.link import Link, connect
from storage.postgres.tables import OF_KIND, read_rows
from storage.records import EDITABLE, Batch, Record
from storage.records.seeds import seed_records
from storage.sqlite import Readers, View, Writer
from storage.sqlite.ledger import Parked
from storage.sqlite.tables import OF_KIND as LOCAL
from storage.sync.carrier import Carrier
from storage.sync.visit import Books
from tests.storage.sync.shift import SITE, Shift, now

_EDITABLE = frozenset(record.KIND for record in EDITABLE)
_JSON = {"station_result": "electrical_data", "flash_ruling": "findings", "raw_flash": "extra", "stick_visit": "files"}
DRAINED_WITHIN_S = 120.0
Held = dict[str, dict[UUID, Record]]
"""Records by kind and uuid."""


@dataclass(slots=True)
class Line:
    """A line's store, open, and what its shift writes next."""

    path: Path
    number: int
    writer: Writer
    books: Books
    holder: Holder
    shift: Shift
    made: int = 0
    """Panels made so far."""
    received: list[None] = field(default_factory=list)
    """Grows whenever something came down."""

    async def make(self, panels: int) -> None:
        """Let so many more panels pass the line."""
        batches = self.shift.panels(self.made, panels)
        self.made += panels
        for batch in batches:
            await self.writer.write(batch)

    async def write(self, *records: Record) -> None:
        """Store records in one decision."""
        await self.writer.write(Batch(records))

    async def parked(self) -> tuple[Parked, ...]:
        return await self.books.readers.read(lambda view: view.ledger.parked())

    async def waiting(self) -> int:
        """Say how many changes did not go up yet."""
        return (await self.books.readers.read(lambda view: view.ledger.waiting()))[0]

    async def held(self) -> Held:
        """Read everything that stands in the tables."""
        return await self.books.readers.read(_held)

    async def alter(self, statement: str, *values: str | int | bytes) -> None:
        """Alter the store behind its back, as no program does."""
        await self.writer.keep(lambda ledger: ledger._connection.execute(statement, values).fetchall())

    async def _on_received(self) -> None:
        self.received.append(None)


@asynccontextmanager
async def line(
    folder: Path, number: int = 1, *, panels: int = 0, order: str = "", clock: Clock | None = None,
    holder: UUID | None = None,
) -> AsyncGenerator[Line]:  # fmt: skip
    """Open the store of a line, seeded, with its people and order where it is new, and let some panels pass."""
    path = folder / f"line{number}.db"
    new = not path.exists()
    writer = await Writer.open(path, site=SITE, line_number=number, clock=clock)
    readers = Readers(path)
    books = Books(writer, readers, clock or SystemClock())
    it = Line(
        path, number, writer, books, Holder(number, holder or uuid4(), f"pc{number}", "1.2.3"), Shift(number, order)
    )
    try:
        if new:
            await writer.keep(lambda ledger: ledger.seed(seed_records(SITE, now())))
            for batch in it.shift.begin():
                await writer.write(batch)
        await it.make(panels)
        yield it
    finally:
        await readers.close()
        await writer.close()


@asynccontextmanager
async def carrying(it: Line, dsn: str) -> AsyncGenerator[Carrier]:
    """Run the exchange of a line for a block."""
    carrier = Carrier(dsn, SITE, it.holder, it.books, on_received=it._on_received)
    task = asyncio.create_task(carrier.run(), name=f"carrier {it.number}")
    try:
        yield carrier
        assert not task.done(), "the exchange never ends by itself"
    finally:
        task.cancel()
        await asyncio.wait([task])


async def drained(carrier: Carrier, within_s: float = DRAINED_WITHIN_S) -> None:
    """Wait until everything went up and what was there to come down came down."""
    assert await carrier.drained(within_s), carrier.status


async def exchanged(it: Line, dsn: str) -> None:
    """Exchange until everything went up and came down."""
    async with carrying(it, dsn) as carrier:
        await drained(carrier)


async def until(carrier: Carrier, trouble: str, within_s: float = 60.0) -> None:
    """Wait until the exchange is not connected and says why, in these words among others."""
    async with asyncio.timeout(within_s):
        while carrier.status.connected or trouble not in carrier.status.trouble:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def compare(dsn: str, *lines: Line, parked: Collection[UUID] = (), retried: bool = False) -> None:
    """Check that lines and server hold the same facts, each once, and agree on what was edited.

    Nothing is parked but `parked`, which the server does not hold; of an editable thing with an older version there,
    name it all the same. Of one panel the results stand in the order they were made, unless some were `retried`.
    """
    assert {one.uuid for it in lines for one in await it.parked()} == set(parked)
    held = {it.number: await it.held() for it in lines}
    async with await connect(dsn) as connection:
        central = await held_centrally(connection)
        if not retried:
            await _assert_in_order(connection)
    for kind in OF_KIND:
        there = central[kind]
        for number, here in held.items():
            for uuid, record in here[kind].items():
                if uuid not in parked:
                    assert there.get(uuid) == record, f"line {number} and server differ in a {kind}"
        known = {uuid for here in held.values() for uuid in here[kind]}
        assert not there.keys() - known, f"the server holds a {kind} no line made"
        if kind not in _EDITABLE:
            assert not there.keys() & set(parked), f"the server holds a {kind} that is parked"


async def held_centrally(connection: Link) -> Held:
    """Read everything the server holds; nothing is there twice."""
    found: Held = {}
    for kind, table in OF_KIND.items():
        cursor = await connection.execute(f"SELECT uuid FROM {table.name}")
        uuids = [uuid for (uuid,) in await cursor.fetchall()]
        rows = await read_rows(connection, kind, uuids)
        assert not [uuid for uuid, count in Counter(uuids).items() if count > 1]
        found[kind] = _by_uuid(kind, (LOCAL[kind].form.from_body(row.body) for row in rows))
    return found


async def _assert_in_order(connection: Link) -> None:
    """Of one panel, the results of one store came in the order they were made."""
    cursor = await connection.execute(
        "SELECT panel_id, store_id, array_agg(hlc ORDER BY id) FROM station_results GROUP BY panel_id, store_id"
    )
    for panel, _, stamps in await cursor.fetchall():
        assert stamps == sorted(stamps), f"the results of panel {panel} came out of order"


def _held(view: View) -> Held:
    found: Held = {}
    for kind, table in LOCAL.items():
        rows = view._connection.execute(f"SELECT {table.columns} FROM {table.name}").fetchall()
        found[kind] = _by_uuid(kind, map(table.decode, rows))
        assert len(found[kind]) == len(rows)
    return found


def _by_uuid(kind: str, records: Iterable[Record]) -> dict[UUID, Record]:
    return {record.uuid: _plain(kind, record) for record in records}


def _plain(kind: str, record: Record) -> Record:
    """Write JSON text in one form: the server writes it in its own."""
    name = _JSON.get(kind, "")
    text: Any = getattr(record, name) if name else None
    try:
        sorted_text: Any = orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError):
        return record
    return replace(record, **{name: sorted_text})
