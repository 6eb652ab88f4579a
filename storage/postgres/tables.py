"""Which record stands in which central table, and the statements that carry it up and down: built once, at import.

Rows go up as one array a column and are put together by the server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor

from storage.changes import TABLES, form_of
from storage.postgres.arrays import literal, read_bodies
from storage.postgres.columns import Column, columns_of

_ORIGIN: Final = (("hlc", "bigint"), ("store_id", "uuid"), ("clock_state", "text"))
_EDIT: Final = (("edited_at", "timestamptz"), ("was_hlc", "bigint"), ("was_store", "uuid"))


class Fact(Protocol):
    """A change on its way up; `body` is the change body as the store wrote it."""

    @property
    def body(self) -> bytes:
        """The record, as JSON."""

    @property
    def hlc(self) -> int:
        """Its hybrid logical time."""

    @property
    def store_id(self) -> UUID:
        """The store that made it."""

    @property
    def clock_state(self) -> str:
        """How good the clock was."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """A change of an append-only kind."""

    body: bytes
    hlc: int
    store_id: UUID
    clock_state: str


@dataclass(frozen=True, slots=True)
class EditRow:
    """A version of an editable thing on its way up, and the version it replaces there; None: it is not there yet."""

    body: bytes
    hlc: int
    store_id: UUID
    clock_state: str
    edited_at: datetime | None
    was: tuple[int, UUID] | None


@dataclass(frozen=True, slots=True)
class CentralRow:
    """A row as the server has it; `body` is a change body, `edited_at` None for facts and versions of unknown time."""

    uuid: UUID
    store_id: UUID
    hlc: int
    clock_state: str
    edited_at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class CentralTable:
    """One kind and its table. `up` takes an array a column, `down` one array of uuids; `select` lacks its WHERE."""

    kind: str
    name: str
    editable: bool
    columns: tuple[Column, ...]
    up: str
    select: str

    @property
    def down(self) -> str:
        """Read rows by uuid."""
        return f"{self.select} WHERE t.uuid = ANY(%s)"


async def store_facts(conn: AsyncConnection[Any], kind: str, rows: Sequence[Fact]) -> AsyncCursor[Any]:
    """Store facts of one kind; those already there stay as they are. Give the cursor: `rowcount` is how many are new.

    The caller owns transaction and pipeline. In a pipeline, errors come at its next sync.
    """
    return await conn.execute(OF_KIND[kind].up, [*_origin(rows), *_fields(kind, rows)], prepare=True)


async def store_edits(conn: AsyncConnection[Any], kind: str, rows: Sequence[EditRow]) -> AsyncCursor[Any]:
    """Put versions in the place of those they replace. Fetch from the cursor the uuids of the rows that were written.

    A uuid missing there lost a race: the server holds another version than `was`. One row a uuid in one call.
    """
    return await conn.execute(OF_KIND[kind].up, [*_origin(rows), *_edit(rows), *_fields(kind, rows)], prepare=True)


async def read_rows(conn: AsyncConnection[Any], kind: str, uuids: Sequence[UUID]) -> tuple[CentralRow, ...]:
    """Read rows by uuid, in no order; those that are not there are left out."""
    cursor = await conn.execute(OF_KIND[kind].down, (list(uuids),), prepare=True)
    return tuple(map(central_row, await cursor.fetchall()))


def central_row(row: tuple[Any, ...]) -> CentralRow:
    """Make the row of what a table's `select` gave."""
    uuid, store_id, hlc, clock_state, edited_at, body = row
    return CentralRow(uuid, store_id, hlc, clock_state, edited_at, body.encode())


def is_written(table: str, column: str) -> bool:
    """Say whether rows of a table are sent with a value for a column."""
    return column in _WRITTEN.get(table, frozenset())


def _origin(rows: Sequence[Fact]) -> Iterator[str]:
    yield literal([row.hlc for row in rows])
    yield literal([row.store_id for row in rows])
    yield literal([row.clock_state for row in rows])


def _edit(rows: Sequence[EditRow]) -> Iterator[str]:
    yield literal([row.edited_at for row in rows])
    yield literal([row.was and row.was[0] for row in rows])
    yield literal([row.was and row.was[1] for row in rows])


def _fields(kind: str, rows: Sequence[Fact]) -> Iterator[str]:
    bodies = read_bodies([row.body for row in rows])
    for column in OF_KIND[kind].columns:
        yield literal([body.get(column.field) for body in bodies])


def _given(columns: tuple[Column, ...], editable: bool) -> str:
    given = (*_ORIGIN, *(_EDIT if editable else ()), *((column.field, column.given) for column in columns))
    arrays = ", ".join(f"%s::{kind}[]" for _, kind in given)
    return f"unnest({arrays}) AS x ({', '.join(name for name, _ in given)})"


def _up_facts(name: str, columns: tuple[Column, ...]) -> str:
    written = [column for column in columns if column.column]
    return (
        f"INSERT INTO {name} (hlc, store_id, clock_state, {', '.join(column.column for column in written)}) "  # noqa: S608
        f"SELECT x.hlc, x.store_id, x.clock_state, {', '.join(column.put for column in written)} "
        f"FROM {_given(columns, editable=False)} ON CONFLICT (uuid) DO NOTHING"
    )


def _up_edits(name: str, columns: tuple[Column, ...]) -> str:
    written = [column for column in columns if column.column]
    targets = f"hlc, store_id, clock_state, edited_at, {', '.join(column.column for column in written)}"
    taken = ", ".join(f"{column.put} AS {column.column}" for column in written)
    renewed = ", ".join(f"{target} = r.{target}" for target in targets.split(", ") if target != "uuid")
    return (  # all names of this module
        "WITH r AS MATERIALIZED ("  # noqa: S608
        f"SELECT x.hlc, x.store_id, x.clock_state, x.edited_at, x.was_hlc, x.was_store, {taken} "
        f"FROM {_given(columns, editable=True)}), "
        f"renewed AS (UPDATE {name} AS t SET {renewed} FROM r "
        "WHERE t.uuid = ANY(ARRAY(SELECT r.uuid FROM r)) "  # or it might read the whole table
        "AND t.uuid = r.uuid AND t.hlc = r.was_hlc AND t.store_id = r.was_store RETURNING t.uuid), "
        f"added AS (INSERT INTO {name} ({targets}) SELECT {targets} FROM r WHERE r.was_hlc IS NULL "
        "ON CONFLICT (uuid) DO NOTHING RETURNING uuid) "
        "SELECT uuid FROM renewed UNION ALL SELECT uuid FROM added"
    )


def _select(name: str, columns: tuple[Column, ...], editable: bool) -> str:
    fields = ", ".join(f"{column.got} AS {column.field}" for column in columns)
    return (
        f"SELECT t.uuid, t.store_id, t.hlc, t.clock_state, {'t.edited_at' if editable else 'NULL::timestamptz'}, "  # noqa: S608
        f"(SELECT row_to_json(b) FROM (SELECT {fields}) AS b)::text FROM {name} AS t"
    )


def _table(record: type[Any]) -> CentralTable:
    name, columns, editable = TABLES[record], columns_of(record), form_of(record).editable
    up = _up_edits(name, columns) if editable else _up_facts(name, columns)
    return CentralTable(record.KIND, name, editable, columns, up, _select(name, columns, editable))


OF_KIND: Final[dict[str, CentralTable]] = {record.KIND: _table(record) for record in TABLES}
"""By kind, parents before children: the order in which a batch goes up."""

_WRITTEN: Final = {
    table.name: frozenset(
        (*(name for name, _ in (*_ORIGIN, *(_EDIT if table.editable else ()))), *(one.column for one in table.columns))
    )
    for table in OF_KIND.values()
}
