"""An export of every line from the central server, its text built there: byte for byte what a line's store gives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import orjson
from psycopg import Connection
from psycopg.rows import TupleRow

from storage.export.lists import ExportList
from storage.export.pieces import Piece
from storage.export.rendering import LOOKS, MOST_CHARACTERS, ROWS, SHEETS, Dialect, Form, Made, rendered
from storage.export.scope import Scope
from storage.postgres.blocks import blocks
from storage.postgres.failures import our_errors
from storage.postgres.link import conninfo

_DIALECT: Final = Dialect(
    "to_json({0})::text", "{0} <> '' AND strpos(E'=+-@\\t\\r', left({0}, 1)) > 0", " ORDER BY place"
)
_QUERIES: Final = blocks("export.sql")
_ONE_MOMENT: Final = """
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL jit = off
"""
"""A piece is some hundred rows, each looked up: one plan serves all pieces, whatever the statistics say of a table."""
_FIRST_UUID: Final = "00000000-0000-0000-0000-000000000000"
_LAST_UUID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def _statement(of: Form) -> bytes:
    find, rows = _QUERIES[f"find_{of}"], _QUERIES[f"rows_{of}"]
    if isinstance(of, ExportList):
        rows = f"{rendered(of, _DIALECT, f'({rows}) AS found')}"
    return f"WITH picked AS MATERIALIZED ({find}) {rows}".encode()


_WALK: Final[Mapping[Form, bytes]] = {of: _statement(of) for of in (*ExportList, SHEETS)}


@dataclass(frozen=True, slots=True)
class CentralStanding:
    """Which server this is, the rules of the factory, and times between which everything was recorded."""

    site: str
    central_id: str
    epoch: str
    config: Mapping[str, str]
    ends: tuple[datetime, ...]


class CentralRows:
    """The server as it was at one moment, however long reading takes. A reader's rights are enough."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, dsn: str) -> Iterator[Self]:
        """Connect, and hang up at the end. Raises CentralAway, or CentralUnfit."""
        with our_errors():
            connection = Connection.connect(conninfo(dsn), autocommit=True)
        try:
            with our_errors():
                connection.execute(_ONE_MOMENT)
            yield cls(connection)
        finally:
            connection.close()

    def standing(self) -> CentralStanding:
        """Say which server this is and what it holds."""
        ((site, central_id, epoch),) = self._rows("SELECT site, central_id::text, epoch::text FROM central_meta")
        config = dict(self._rows("SELECT config_key, config_value FROM system_config"))
        return CentralStanding(site, central_id, epoch, config, tuple(at for (at,) in self._rows(_QUERIES["ends"])))

    def counts(self, scope: Scope) -> dict[ExportList, int]:
        """Say about how many rows the lists have."""
        ((*found,),) = self._rows(_QUERIES["count"], {"since": scope.since, "until": scope.until})
        return dict(zip(ExportList, found, strict=True))

    def pieces(self, of: ExportList, scope: Scope, after: str = "") -> Iterator[Piece]:
        """Give a list in short reads, oldest row first. Raises CentralAway, or CentralUnfit."""
        return self._pieces(of, scope, after)

    def sheets(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        """Give the sheet of every pallet in scope, as `pallet.show` does. Raises as `pieces`."""
        for piece in self._pieces(SHEETS, scope, ""):
            yield from orjson.loads(f"[{piece.json}]")

    def _pieces(self, of: Form, scope: Scope, after: str) -> Iterator[Piece]:
        going: str | None = after
        while going is not None:
            piece = self._piece(of, scope, going, ROWS[of])
            going = piece.after
            if piece.count or going is None:
                yield piece

    def _piece(self, of: Form, scope: Scope, after: str, limit: int) -> Piece:
        at, _, uuid = (after or f"-infinity {_FIRST_UUID}").partition(" ")
        reach = self._reach(of, at)
        asked = {
            "at": at, "uuid": uuid, "since": scope.since, "until": scope.until, "limit": limit,
            "reach": reach or "infinity",
        }  # fmt: skip
        made = Made(*self._rows(_WALK[of], asked)[0])
        if made.is_longer_than(MOST_CHARACTERS):
            return self._piece(of, scope, after, made.count // 2)
        if made.count == limit:
            return made.piece(made.place)
        return made.piece(f"{reach} {_LAST_UUID}" if reach else None)

    def _reach(self, of: Form, at: str) -> str | None:
        """Say up to which time a piece looks; None: to the end."""
        query = _QUERIES.get(f"reach_{of}")
        rows = self._rows(query, {"at": at, "looks": LOOKS[of]}) if query is not None else []
        return rows[0][0].isoformat() if rows else None

    def _rows(self, statement: str | bytes, asked: Mapping[str, object] | None = None) -> list[Any]:
        query = statement if isinstance(statement, bytes) else statement.encode()
        with our_errors():
            return self._connection.execute(query, asked, prepare=True).fetchall()
