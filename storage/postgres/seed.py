"""What a new central database begins with: the sample criteria and rules, in versions that lose to every other."""

from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from storage.changes import NOBODY, ClockState, form_of
from storage.postgres.tables import OF_KIND, EditRow, store_edits
from storage.records import Record
from storage.records.seeds import seed_records


async def plant_seeds(conn: AsyncConnection[Any], site: str) -> None:
    """Add the sample rows that are not there; rows that are stay as they are."""
    records = seed_records(site, datetime.now(UTC))
    for kind in OF_KIND:
        if rows := [_row(record) for record in records if kind == record.KIND]:
            await store_edits(conn, kind, rows)


def _row(record: Record) -> EditRow:
    _, body = form_of(type(record)).encode(record)
    return EditRow(body, hlc=0, store_id=NOBODY, clock_state=ClockState.UNKNOWN, edited_at=None, was=None)
