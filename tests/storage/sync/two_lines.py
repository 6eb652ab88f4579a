"""Two lines and a real server whose clocks all stand still until the test moves them; lines come and go."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, LiteralString, TypeVar
from uuid import UUID, uuid5

import psycopg

from storage.changes import Change, Clock, ClockState, Moment, Stamp, form_of
from storage.errors import CentralAway
from storage.postgres.handshake import handshake
from storage.postgres.lease import Holder
from storage.postgres.link import Link, connect
from storage.postgres.tables import OF_KIND as CENTRAL
from storage.records import Batch, Editable, Record, thing_uuid
from storage.records.seeds import seed_records
from storage.sqlite import Readers, View, Writer
from storage.sqlite.ledger import Ledger
from storage.sqlite.tables import table_of
from storage.sync.visit import Books, Visit

T = TypeVar("T")

SITE: Final = "TEST"
START: Final = datetime(2026, 3, 1, 6, tzinfo=UTC)

_STILL: Final = """
CREATE TABLE still (one boolean PRIMARY KEY DEFAULT true, at timestamptz NOT NULL);
INSERT INTO still (at) VALUES (pg_catalog.clock_timestamp());
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM sunline.still';
ALTER FUNCTION stamp_edit() SET search_path = sunline, pg_catalog, pg_temp;
"""
_HERS: Final = "-c search_path=sunline,pg_catalog"


@dataclass
class Time:
    """What time it really is."""

    now: datetime = START

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class PcClock(Clock):
    """The clock of a PC: ahead or behind, set at will, its monotonic time since the last boot."""

    time: Time
    ahead: timedelta = timedelta(0)
    boots: int = 1
    name: str = "pc"
    booted: datetime = START - timedelta(days=1)

    def __call__(self) -> Moment:
        up_ns = int((self.time.now - self.booted).total_seconds() * 1e9)
        return Moment(self.time.now + self.ahead, f"{self.name}-{self.boots}", up_ns, ClockState.UNKNOWN)

    def reboot(self) -> None:
        self.boots += 1
        self.booted = self.time.now - timedelta(seconds=30)


@dataclass
class Wire:
    """The way from the exchange to the line's books; it can end before the line noted what the server took."""

    writer: Writer
    broken: bool = False

    @property
    def store_id(self) -> UUID:
        return self.writer.store_id

    async def keep(self, work: Callable[[Ledger], T]) -> T:
        if self.broken:
            raise CentralAway("The connection ended.")
        return await self.writer.keep(work)


@dataclass
class LinePc:
    """A line's PC with its store, which meets the server only in `meet`."""

    number: int
    path: Path
    dsn: str
    clock: PcClock
    holder: Holder
    writer: Writer
    readers: Readers
    link: Link | None = None
    rivals: list[str | None] = field(default_factory=list)

    @classmethod
    async def open(cls, number: int, folder: Path, dsn: str, time: Time, name: str = "") -> "LinePc":
        name = name or f"line{number}"
        path, clock = folder / f"{name}.db", PcClock(time, name=name)
        writer, readers = await _opened(path, number, clock)
        return cls(number, path, dsn, clock, Holder(number, uuid5(UUID(int=0), name), name), writer, readers)

    async def write(self, *records: Record) -> None:
        await self.writer.write(Batch(records))

    async def meet(self, *, up_only: bool = False, unheard: bool = False) -> None:
        """Meet the server until both sides are done; or only up, or without hearing that it took everything."""
        link = await self._linked()
        central = await handshake(link, site=SITE)
        wire = Wire(self.writer)
        visit = await Visit.begin(link, self.holder, Books(wire, self.readers, self.clock), central)  # type: ignore[arg-type]
        self.rivals.append(visit.rival)
        wire.broken = unheard
        with suppress(CentralAway):
            await (visit.up(_nothing) if up_only or unheard else visit.exchange(_nothing))

    async def rebuild(self) -> None:
        """Have the store copied to a new file, as after a failed flush."""
        await self.writer._run(self.writer._store.rebuild)

    async def forget_the_server(self) -> None:
        """Lose what the file knows of the exchange, as a salvage may."""
        await self.writer.keep(lambda ledger: ledger._connection.execute("DELETE FROM central; DELETE FROM cursors"))

    async def restart(self) -> None:
        """Stop and start the daemon."""
        await self._closed()
        self.writer, self.readers = await _opened(self.path, self.number, self.clock)

    async def changes(self) -> tuple[Change, ...]:
        return await self.readers.read(lambda view: view.changes_after(0, 1_000_000))

    async def thing(self, record: type[Editable], uuid: UUID) -> Editable | None:
        """Give the version of a thing that stands here."""
        table = table_of(record)
        query = f"SELECT {table.columns} FROM {table.name} WHERE uuid = ?"
        rows = await self.readers.read(lambda view: view._connection.execute(query, (str(uuid),)).fetchall())
        return table.decode(rows[0]) if rows else None

    async def close(self) -> None:
        if self.link is not None:
            await self.link.close()
        await self._closed()

    async def _closed(self) -> None:
        await self.readers.close()
        await self.writer.close()

    async def _linked(self) -> Link:
        if self.link is None or self.link.closed:
            self.link = await connect(self.dsn)
        return self.link


@dataclass
class Server:
    """The server, as a person with SQL sees it."""

    dsn: str
    time: Time
    sql: psycopg.Connection[Any]

    @classmethod
    def open(cls, dsn: str, time: Time) -> "Server":
        """Connect; afterwards the server's clock shows the test's time."""
        sql = psycopg.connect(dsn, autocommit=True, options=_HERS)
        sql.execute(_STILL)
        server = cls(dsn, time, sql)
        server.look()
        return server

    @property
    def line_dsn(self) -> str:
        """How lines reach it: they find its clock before the real one."""
        return f"{self.dsn} options='{_HERS}'"

    def look(self) -> None:
        """Let its clock show what time it is."""
        self.sql.execute("UPDATE still SET at = %s", (self.time.now,))

    def run(self, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        self.look()
        cursor = self.sql.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def things(self, record: type[Editable], uuids: Sequence[UUID]) -> dict[UUID, tuple[Editable, Stamp]]:
        """Give the versions that stand, as records."""
        rows = self.sql.execute(CENTRAL[record.KIND].down.encode(), (list(uuids),)).fetchall()
        from_body = form_of(record).from_body
        return {uuid: (from_body(body.encode()), Stamp(hlc, store)) for uuid, store, hlc, _, _, body in rows}

    def written(self) -> tuple[int, ...]:
        """Count everything the exchange may write."""
        (row,) = self.run("SELECT (SELECT max(seq) FROM feed), (SELECT count(*) FROM sync_conflicts)")
        return row

    def close(self) -> None:
        self.sql.close()


@dataclass
class TwoLines:
    """Everybody."""

    time: Time
    server: Server
    lines: dict[int, LinePc]

    async def meet(self, number: int, **how: bool) -> None:
        self.server.look()
        await self.lines[number].meet(**how)

    async def settle(self, most: int = 6) -> None:
        """Let both lines meet the server in turn until nothing is written anywhere; it has to end."""
        before: object = None
        for _ in range(most):
            for number in self.lines:
                await self.meet(number)
            after = (self.server.written(), [await pc.readers.read(_last_seq) for pc in self.lines.values()])
            if after == before:
                return
            before = after
        raise AssertionError(f"the exchange never ends: {before}")


@asynccontextmanager
async def two_lines(folder: Path, dsn: str) -> AsyncIterator[TwoLines]:
    """Give a server and two lines that never met it."""
    time = Time()
    server = Server.open(dsn, time)
    lines: dict[int, LinePc] = {}
    try:
        for number in (1, 2):
            lines[number] = await LinePc.open(number, folder, server.line_dsn, time)
        yield TwoLines(time, server, lines)
    finally:
        for pc in lines.values():
            await pc.close()
        server.close()


def of(record: type[Editable], key: str) -> UUID:
    """Name a thing."""
    return thing_uuid(SITE, record.KIND, key)


async def _opened(path: Path, number: int, clock: Clock) -> tuple[Writer, Readers]:
    writer = await Writer.open(path, site=SITE, line_number=number, clock=clock)
    if not await writer.read(lambda view: view.config()):
        await writer.keep(lambda ledger: ledger.seed(seed_records(SITE, START)))
    return writer, Readers(path)


async def _nothing() -> None:
    return


def _last_seq(view: View) -> int:
    return view.last_seq()
