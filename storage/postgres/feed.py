"""What changed on the server since a position: exact, also under transactions that overlap, roll back or take long."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from storage.changes import FeedPosition

CHANNEL: Final = "sunline_feed"
"""NOTIFY rings here whenever something was written; a hint only."""

_AFTER: Final = """
SELECT xid::text::bigint, seq, kind, uuid FROM feed
WHERE (xid, seq) > (%s::text::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, seq LIMIT %s
"""
_NOW: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_HELD_BACK: Final = """
SELECT extract(epoch FROM clock_timestamp() - min(at))::float8 FROM feed
WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())
"""
CLEAR_AT_ONCE: Final = 5_000
_CLEAR: Final = "SELECT clear_feed(%s)"

START: Final = FeedPosition(0, 0)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A thing has a new version; read it by its uuid."""

    position: FeedPosition
    kind: str
    uuid: UUID


async def feed_after(conn: AsyncConnection[Any], position: FeedPosition, limit: int) -> tuple[FeedEntry, ...]:
    """Read the entries behind a position, oldest first.

    Entries of transactions younger than the oldest one still running wait: nothing can appear before a position
    already read. The newest entry's `position` is where to go on.
    """
    cursor = await conn.execute(_AFTER, (str(position.xid), position.seq, limit), prepare=True)
    return tuple(FeedEntry(FeedPosition(xid, seq), kind, uuid) for xid, seq, kind, uuid in await cursor.fetchall())


async def position_now(conn: AsyncConnection[Any]) -> FeedPosition:
    """Give the position before all that a statement started after this one may not see.

    Ask first, then read everything, then follow the feed from here: nothing is missed, little is read twice.
    """
    row = await (await conn.execute(_NOW)).fetchone()
    assert row is not None  # noqa: S101 -- one row, always
    return FeedPosition(int(row[0]), 0)


async def held_back_s(conn: AsyncConnection[Any]) -> float:
    """Say for how long the oldest change has waited for a transaction still running; 0.0 when none waits."""
    row = await (await conn.execute(_HELD_BACK)).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


async def clear_feed(conn: AsyncConnection[Any], most: int = CLEAR_AT_ONCE) -> int:
    """Delete entries that a newer one of the same thing makes needless; give how many were looked at.

    Each entry is looked at once, when every reader may read it; fewer than `most` means that all were. Readers miss
    nothing, wherever they stand. Two that clear at once do not wait for each other.
    """
    row = await (await conn.execute(_CLEAR, (most,))).fetchone()
    return int(row[0]) if row else 0
