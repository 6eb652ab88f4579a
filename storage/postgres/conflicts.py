"""Conflicts between versions of a thing, and what was decided about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from storage.postgres.failures import our_errors
from storage.postgres.link import Link

_COLUMNS: Final = """
SELECT uuid, kind, thing_uuid, key_text, rule, winner_store, winner_hlc, winner_edited_at, winner_body, loser_store,
    loser_hlc, loser_edited_at, loser_body, found_at, ruling.keep, winner.line_number, loser.line_number
FROM sync_conflicts
LEFT JOIN LATERAL (SELECT keep FROM conflict_rulings WHERE conflict_uuid = sync_conflicts.uuid
    ORDER BY created_at DESC LIMIT 1) AS ruling ON true
LEFT JOIN line_stores AS winner ON winner.store_id = winner_store
LEFT JOIN line_stores AS loser ON loser.store_id = loser_store
"""
_LIST: Final = _COLUMNS + "WHERE (%(all)s OR ruling.keep IS NULL) ORDER BY found_at DESC, uuid LIMIT %(limit)s"
_NAMED: Final = _COLUMNS + "WHERE replace(uuid::text, '-', '') LIKE %s || '%%' ORDER BY found_at LIMIT 2"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions. `line_number` is None for an edit made on the server itself."""

    store_id: UUID
    hlc: int
    edited_at: datetime | None
    body: dict[str, Any]
    line_number: int | None


@dataclass(frozen=True, slots=True)
class FoundConflict:
    """Two versions made without knowing each other. `ruling` is what a supervisor kept."""

    uuid: UUID
    kind: str
    thing_uuid: UUID
    key: str
    rule: str
    winner: Side
    loser: Side
    found_at: datetime
    ruling: str | None

    @property
    def differing(self) -> tuple[str, ...]:
        """Name the fields in which the versions differ."""
        mine, theirs = self.winner.body, self.loser.body
        return tuple(name for name in sorted({*mine, *theirs}) if mine.get(name) != theirs.get(name))


async def list_conflicts(connection: Link, *, settled: bool = False, limit: int = 100) -> tuple[FoundConflict, ...]:
    """Give the conflicts nobody ruled on, newest first; with `settled` also the others."""
    with our_errors():
        rows = await (await connection.execute(_LIST, {"all": settled, "limit": limit})).fetchall()
    return tuple(map(_conflict, rows))


async def conflicts_named(connection: Link, digits: str) -> tuple[FoundConflict, ...]:
    """Find conflicts by the first hex digits of their uuid, at most two."""
    with our_errors():
        rows = await (await connection.execute(_NAMED, (digits,))).fetchall()
    return tuple(map(_conflict, rows))


def body_of(side: Side) -> bytes:
    """Write a version's body again as a store writes it."""
    return orjson.dumps(side.body)


def _conflict(row: tuple[Any, ...]) -> FoundConflict:
    uuid, kind, thing, key, rule = row[:5]
    winner = Side(row[5], row[6], row[7], row[8], row[15])
    loser = Side(row[9], row[10], row[11], row[12], row[16])
    return FoundConflict(uuid, kind, thing, key, rule, winner, loser, row[13], row[14])
