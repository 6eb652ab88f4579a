"""What comes down: everything a new store works with, then what was edited elsewhere."""

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from itertools import groupby, islice
from typing import Any, Final
from uuid import UUID

from storage.changes import KINDS, Arrival, FeedPosition, Stamp
from storage.postgres.feed import feed_after, position_now
from storage.postgres.link import Link
from storage.postgres.tables import read_rows
from storage.postgres.working_set import NEWS, WORKING_SET
from storage.sync.patience import answering

CHUNK: Final = 200
"""Records taken over in one commit: few enough that no scan waits for them noticeably."""
_ENTRIES: Final = 500
_KIN: Final = "SELECT store_id FROM line_stores WHERE line_number = %s"
"""The stores of a line, also those on disks that are lost."""


class Fetcher:
    """Reads from the server what one line takes over."""

    def __init__(self, connection: Link, line_number: int) -> None:
        self._connection = connection
        self._line_number = line_number

    async def working_set(self) -> AsyncGenerator[tuple[Sequence[Arrival], FeedPosition | None]]:
        """Give everything the line works with, in chunks; with the last one, where the feed goes on from."""
        async with answering():
            begun = await position_now(self._connection)
        kin = [row[0] for row in await self._rows(_KIN, (self._line_number,))]
        async with aclosing(self._arrivals(WORKING_SET, kin, ())) as found:
            async for chunk in found:
                yield chunk, None
        yield (), begun

    async def news(
        self, after: FeedPosition, own: Collection[UUID]
    ) -> tuple[list[Sequence[Arrival]], FeedPosition | None]:
        """Give what other stores than `own` edited, in chunks, and where the feed stands then; None: nothing new."""
        async with answering():
            entries = await feed_after(self._connection, after, _ENTRIES)
        if not entries:
            return [], None
        chunks = [chunk async for chunk in self._arrivals(NEWS, own, {entry.uuid for entry in entries})]
        return chunks, entries[-1].position

    async def _arrivals(
        self, queries: Sequence[tuple[str, str]], kin: Collection[UUID], among: Collection[UUID]
    ) -> AsyncGenerator[Sequence[Arrival]]:
        values = {"line": self._line_number, "kin": list(kin), "uuids": list(among)}
        for kind, query in queries:
            uuids = iter([row[0] for row in await self._rows(query, values)])
            while some := list(islice(uuids, CHUNK)):
                yield await self._bodies(kind, some)

    async def named(self, things: Iterable[tuple[str, UUID]]) -> AsyncGenerator[Sequence[Arrival]]:
        """Give things by kind and uuid as they stand on the server, in chunks, parents before children."""
        wanted = sorted(set(things), key=lambda thing: KINDS.index(thing[0]))
        for kind, some in groupby(wanted, key=lambda thing: thing[0]):
            uuids = (uuid for _, uuid in some)
            while chunk := list(islice(uuids, CHUNK)):
                yield await self._bodies(kind, chunk)

    async def _bodies(self, kind: str, uuids: list[UUID]) -> Sequence[Arrival]:
        async with answering():
            rows = await read_rows(self._connection, kind, uuids)
        place = {uuid: number for number, uuid in enumerate(uuids)}
        return [
            Arrival(kind, row.body, Stamp(row.hlc, row.store_id), row.clock_state, row.edited_at)
            for row in sorted(rows, key=lambda row: place[row.uuid])
        ]

    async def _rows(self, query: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        async with answering():
            rows: list[tuple[Any, ...]] = await (await self._connection.execute(query, values)).fetchall()
        return rows
