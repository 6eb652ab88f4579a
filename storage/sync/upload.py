"""A batch on its way into the server: one transaction, a few statements."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from storage.changes import KINDS, Change, Clock, Moment, Stamp
from storage.errors import CentralAway
from storage.postgres.lease import Holder
from storage.postgres.link import Link, our_errors
from storage.postgres.tables import OF_KIND, EditRow, read_rows, store_edits, store_facts
from storage.sync.contact import Contact
from storage.sync.outgoing import Outgoing
from storage.sync.plan import Conflict, Edit, Plan, Server, Standing, plan
from storage.sync.units import body_of, is_editable, key_of
from storage.sync.verdict import Version

_TRIES: Final = 5
_STORES: Final = "SELECT store_id, acked_hlc FROM line_stores"
_OVERRIDES: Final = "SELECT panel_uuid, hlc, store_id FROM overrides WHERE panel_uuid = ANY(%s)"
_SEEN: Final = """
INSERT INTO line_stores
    (store_id, line_number, host, version, acked_seq, acked_hlc, acked_at, clock_offset_ms, last_seen_at)
VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp(), %s, clock_timestamp())
ON CONFLICT (store_id) DO UPDATE SET
    host = excluded.host, version = excluded.version, acked_seq = greatest(line_stores.acked_seq, excluded.acked_seq),
    acked_hlc = greatest(line_stores.acked_hlc, excluded.acked_hlc), acked_at = excluded.acked_at,
    clock_offset_ms = excluded.clock_offset_ms, last_seen_at = excluded.last_seen_at
"""
_CONFLICT: Final = """
INSERT INTO sync_conflicts (uuid, kind, thing_uuid, key_text, rule, winner_store, winner_hlc, winner_edited_at,
    winner_body, loser_store, loser_hlc, loser_edited_at, loser_body)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s::jsonb) ON CONFLICT (uuid) DO NOTHING
"""


class _LostRace(Exception):
    """Somebody else wrote the same thing meanwhile."""


async def contact_of(connection: Link, clock: Clock) -> Contact:
    """Read the clocks of both sides, the line's half-way between asking and answer."""
    with our_errors():
        before = clock()
        row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
        after = clock()
    half = (after.monotonic_ns - before.monotonic_ns) // 2
    there: datetime = row[0] if row else before.wall
    here = Moment(
        before.wall + (after.wall - before.wall) / 2, before.boot_id, before.monotonic_ns + half, before.state
    )
    return Contact(there.astimezone(UTC), here)


class Uploader:
    """Stores one batch of a line on the server, whole or in pieces. `kin` are the ids the line's file ever had."""

    def __init__(self, connection: Link, mine: Holder, contact: Contact, store_id: UUID, kin: frozenset[UUID]) -> None:
        self._connection = connection
        self._mine = mine
        self._contact = contact
        self._store_id = store_id
        self._kin = kin
        self._seen_before: dict[UUID, int] | None = None
        self.contested: set[tuple[str, UUID]] = set()

    async def upload(self, changes: Sequence[Change], known: Outgoing, *, again: bool = False) -> None:
        """Store changes of a batch in one transaction; doing it again is harmless.

        Raises RowsRefused where one of them can never be stored, CentralAway and CentralUnfit as they come.
        """
        for _ in range(_TRIES):
            try:
                with our_errors():
                    async with self._connection.transaction():
                        await self._store(changes, known, again)
                return
            except _LostRace:
                continue
        raise CentralAway("Somebody else edits the same things at the same moment; trying again.")

    async def acknowledge(self, seq: int) -> None:
        """Note on the server how far the line came: further than its last upload, where nothing behind that went up.

        What a line believes acknowledged is never more than what the server says of it, unless that was set back.
        """
        with our_errors():
            await self._connection.execute(_SEEN, self._seen(self._store_id, seq, 0))

    async def _store(self, changes: Sequence[Change], known: Outgoing, again: bool) -> None:
        server = await self._server(changes)
        made = plan(changes, known, server, self._contact, again=again)
        if made.conflicts:
            server = await self._looked_into(server, made.conflicts)
            made = plan(changes, known, server, self._contact, again=again)
        await self._write(made, changes[-1].seq if not again else 0)
        self.contested |= {(conflict.kind, conflict.thing_uuid) for conflict in made.conflicts}

    async def _server(self, changes: Sequence[Change]) -> Server:
        wanted: dict[str, list[UUID]] = {}
        for change in changes:
            if is_editable(change.kind):
                wanted.setdefault(change.kind, []).append(change.uuid)
        async with self._connection.pipeline():
            stores = await self._connection.execute(_STORES)
            cursors = [
                await self._connection.execute(
                    f"SELECT uuid, hlc, store_id, edited_at FROM {OF_KIND[kind].name} WHERE uuid = ANY(%s)",  # noqa: S608
                    (uuids,),
                )
                for kind, uuids in wanted.items()
            ]
            seen: dict[UUID, int] = dict(await stores.fetchall())
            rows = [row for cursor in cursors for row in await cursor.fetchall()]
        standing = {uuid: Standing(Version(Stamp(hlc, store_id), at)) for uuid, hlc, store_id, at in rows}
        # A piece of the batch that is stored already tells nothing of the rest: a panel follows on its override.
        self._seen_before = seen if self._seen_before is None else self._seen_before
        return Server(standing, self._seen_before, self._kin)

    async def _looked_into(self, server: Server, conflicts: Iterable[Conflict]) -> Server:
        """Fetch what the contested things say, and the overrides of contested panels."""
        standing = dict(server.standing)
        contested = {conflict.uuid: conflict for conflict in conflicts}.values()
        for conflict in contested:
            rows = await read_rows(self._connection, conflict.kind, [conflict.thing_uuid])
            for row in rows:
                if row.uuid in standing:
                    standing[row.uuid] = replace(standing[row.uuid], body=row.body)
        cursor = await self._connection.execute(_OVERRIDES, ([conflict.thing_uuid for conflict in contested],))
        overrides: dict[UUID, tuple[Stamp, ...]] = {}
        for panel, hlc, store_id in await cursor.fetchall():
            overrides[panel] = (*overrides.get(panel, ()), Stamp(hlc, store_id))
        return replace(server, standing=standing, overrides=overrides)

    async def _write(self, made: Plan, last: int) -> None:
        """Write everything in two round trips. An edit that met a version it was not planned upon lost a race."""
        edits: list[tuple[int, Any]] = []
        async with self._connection.pipeline():
            for kind in KINDS:
                await asyncio.sleep(0)  # making the rows of one kind is long enough to keep a scan waiting
                if facts := made.facts.get(kind):
                    await store_facts(self._connection, kind, facts)
                if versions := made.edits.get(kind):
                    rows = [_version(edit) for edit in versions]
                    edits.append((len(rows), await store_edits(self._connection, kind, rows)))
            for conflict in made.conflicts:
                await self._connection.execute(_CONFLICT, _conflict_row(conflict))
        written = [(wanted, len(await cursor.fetchall())) for wanted, cursor in edits]
        if any(wanted != count for wanted, count in written):
            raise _LostRace
        # Behind the pipeline: it ends with a Flush, which makes PostgreSQL forget to end a transaction for its silence,
        # and a COMMIT lost on its way would hold everything back for hours. An ordinary statement reminds it.
        for store_id, hlc in {self._store_id: 0, **made.seen}.items():
            await self._connection.execute(_SEEN, self._seen(store_id, last, hlc))

    def _seen(self, store_id: UUID, seq: int, hlc: int) -> tuple[Any, ...]:
        """Give the values of `_SEEN`; numbers are those of this very store, stamps of all its line ever had."""
        offset_ms = self._contact.offset.total_seconds() * 1000
        mine, acked = self._mine, seq if store_id == self._store_id else 0
        return store_id, mine.line_number, mine.host, mine.version, acked, hlc, offset_ms


def _version(edit: Edit) -> EditRow:
    change, was = edit.change, edit.was
    return EditRow(
        change.body, change.hlc, change.store_id, change.clock_state, edit.edited_at,
        None if was is None else (was.hlc, was.store_id),
    )  # fmt: skip


def _conflict_row(conflict: Conflict) -> tuple[Any, ...]:
    body = body_of(conflict.winner.body or conflict.loser.body)
    key = key_of(body) or str(conflict.thing_uuid)
    sides = (conflict.winner, conflict.loser)
    told = [
        (it.version.stamp.store_id, it.version.stamp.hlc, it.version.edited_at, (it.body or b"{}").decode())
        for it in sides
    ]
    return (conflict.uuid, conflict.kind, conflict.thing_uuid, key, conflict.rule, *told[0], *told[1])
