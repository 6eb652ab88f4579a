"""A shift made offline carried up to a central server, against COPY of the same rows; scans while a backlog drains.

Carrying up is everything from connecting to the last acknowledgement in the line's store, over TCP. What it is compared
with is the least a server can do: binary rows that lie ready in memory, with the server's own numbers, one COPY a table
in autocommit over the same kind of connection, into an empty copy of the same database. Both flush every commit.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from simulators.servers import PostgresServer
from storage.postgres.link import Link, connect
from storage.postgres.migrate import migrate
from storage.postgres.tables import OF_KIND
from tests.bench.draining import BACKLOG_PANELS, Scans, figures, passing
from tests.bench.figures import Figure, p50, times
from tests.storage.sync.plant import carrying, drained, exchanged, line
from tests.storage.sync.shift import SITE

PANELS: Final = 800
_ROUNDS: Final = 3
_SETTINGS: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB"}
_DERIVED: Final = {"id", "panel_count"}
"""Columns the server fills in by itself; `id` goes along where others refer to it."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """One shift carried up, and the same rows copied; durations in seconds."""

    changes: int
    rows: int
    results: int
    carried_s: float
    copied_s: float


def measure(folder: Path) -> list[Figure]:
    """Measure how fast a shift goes up, and what a scan costs meanwhile."""
    folder.mkdir()
    with flushing_server() as server:
        asyncio.run(_template(server))
        rounds = [asyncio.run(catch_up(server, _made(folder / f"shift{number}"), number)) for number in range(_ROUNDS)]
        scans = [_scans(server, folder, name, panels) for name, panels in (("rest", 0), ("drain", BACKLOG_PANELS))]
    return [*_figures(rounds), *figures(*scans)]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _scans(server: PostgresServer, folder: Path, name: str, panels: int) -> Scans:
    asyncio.run(_fresh(server, name))
    return passing(server, name, folder / name, panels)


@contextmanager
def flushing_server() -> Iterator[PostgresServer]:
    """Run a server that flushes every commit."""
    folder = Path(tempfile.mkdtemp(prefix="sl-"))
    folder.chmod(0o711)
    server = PostgresServer.create(folder / "pg", settings=_SETTINGS)
    try:
        server.start()
        yield server
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def migrated(server: PostgresServer) -> str:
    """Make an empty database as a line expects it, and say where."""
    asyncio.run(_template(server))
    return server.dsn(dbname="fresh")


async def _template(server: PostgresServer) -> None:
    async with await connect(server.dsn()) as admin:
        await admin.execute("CREATE DATABASE fresh")
    await migrate(server.dsn(dbname="fresh"), site=SITE)


async def _fresh(server: PostgresServer, name: str) -> str:
    async with await connect(server.dsn()) as admin:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE fresh".encode())
        await admin.execute("CHECKPOINT")
    return server.dsn(dbname=name)


async def catch_up(server: PostgresServer, folder: Path, number: int, panels: int = PANELS) -> CaughtUp:
    """Make panels offline, carry them up over TCP, then copy what the server holds now into another new database."""
    carried, copied = await _fresh(server, f"carried{number}"), await _fresh(server, f"copied{number}")
    async with line(folder) as it:
        await exchanged(it, carried)
        await it.make(panels)
        waiting = await it.waiting()
        began = perf_counter()
        async with carrying(it, carried) as carrier:
            await drained(carrier)
            carried_s = perf_counter() - began
    async with await connect(carried) as source, await connect(copied) as target:
        tables = [
            (table, columns, await _copied_out(source, table, columns)) for table, columns in await _written(source)
        ]
        rows = [await _count(source, table) for table, _, _ in tables]
        results = await _count(source, OF_KIND["station_result"].name)
        began = perf_counter()
        for table, columns, data in tables:
            await _copy_in(target, table, columns, data)
        copied_s = perf_counter() - began
    return CaughtUp(waiting, sum(rows), results, carried_s, copied_s)


async def _written(source: Link) -> list[tuple[str, str]]:
    """Name the tables a line writes, parents first, with the columns that are copied."""
    found = []
    for table in OF_KIND.values():
        cursor = await source.execute(f"SELECT * FROM {table.name} LIMIT 0".encode())
        assert cursor.description is not None
        columns = [column.name for column in cursor.description if column.name not in _DERIVED - {"id"}]
        found.append((table.name, ", ".join(columns)))
    return found


async def _copied_out(source: Link, table: str, columns: str) -> bytes:
    query = f"COPY (SELECT {columns} FROM {table} WHERE hlc > 0 ORDER BY id) TO STDOUT (FORMAT binary)"
    async with source.cursor() as cursor, cursor.copy(query.encode()) as copy:
        return b"".join([bytes(piece) async for piece in copy])


async def _copy_in(target: Link, table: str, columns: str, data: bytes) -> None:
    query = f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)"
    async with target.cursor() as cursor, cursor.copy(query.encode()) as copy:
        await copy.write(data)


async def _count(link: Link, table: str) -> int:
    row = await (await link.execute(f"SELECT count(*) FROM {table} WHERE hlc > 0".encode())).fetchone()
    return int(row[0]) if row else 0


def _figures(rounds: list[CaughtUp]) -> list[Figure]:
    one = rounds[0]
    took, copied = p50([it.carried_s for it in rounds]), p50([it.copied_s for it in rounds])
    what = f"{PANELS} panels made offline ({one.results} results, {one.changes} changes) caught up"
    every = ", ".join(f"{it.carried_s:.2f}" for it in rounds)
    load = f"load {os.getloadavg()[0]:.1f}"
    return [
        Figure(what, "< 3 s", f"{took:.2f} s ({every}; {load})", f"{one.changes / took:.0f} changes/s"),
        Figure(
            f"the same {one.rows} rows, binary COPY a table into the same tables (indexes, foreign keys, triggers)",
            "≥ 0.5×", f"{copied:.2f} s ({', '.join(f'{it.copied_s:.2f}' for it in rounds)})",
            times(p50([it.copied_s / it.carried_s for it in rounds])),
        ),
    ]  # fmt: skip
