"""`SYNC_QUEUE`: a note for everything that waits to be carried to the server. Hints; the change log is the queue."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Never
from uuid import UUID

import orjson
from redis.asyncio import Redis

from storage.redis.client import Client, NoAnswer, mended, raw

QUEUE_KEY: Final = "SYNC_QUEUE"
QUEUE_CAP: Final = 10_000
_PAGE: Final = 500
_BLOCK_S: Final = 5.0
_RETRY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One note: the panel it is about, its station result where it is one, the kind of change, its time (UTC)."""

    panel_id: UUID
    station_result_id: UUID | None
    operation_type: str
    timestamp: datetime

    def encode(self) -> bytes:
        """Write it as JSON: `[panel_id, station_result_id, operation_type, timestamp]`."""
        return orjson.dumps([self.panel_id, self.station_result_id, self.operation_type, self.timestamp])

    @classmethod
    def decode(cls, raw: bytes) -> "Entry":
        """Read it back. Raises ValueError for anything else."""
        match orjson.loads(raw):
            case [str(panel), None | str() as result, str(operation), str(timestamp)]:
                moment = datetime.fromisoformat(timestamp)
                if moment.tzinfo is None:
                    raise ValueError("a time without time zone")
                return cls(UUID(panel), None if result is None else UUID(result), operation, moment)
        raise ValueError("not an entry of the sync queue")


class SyncQueue:
    """The list in Redis. Two lines may share it: an entry wakes whoever takes it, and the others poll."""

    def __init__(self, client: Client, *, cap: int = QUEUE_CAP) -> None:
        self._client = client
        self._cap = cap
        self.discarded = 0

    async def push(self, entries: Sequence[Entry]) -> bool:
        """Append entries, letting the oldest go beyond the cap; False: Redis did not take them."""
        return await self._push([entry.encode() for entry in entries[-self._cap :]])

    async def restore(self, entries: Sequence[Entry]) -> bool:
        """Append those entries that are not there yet; False: Redis did not take them all."""
        try:
            held = await self._held()
        except NoAnswer:
            return False
        wanted = (entry.encode() for entry in entries[-self._cap :])
        return await self._push([note for note in wanted if note not in held])

    async def listen(self, ring: Callable[[], None]) -> Never:
        """Take entries as they come and ring for them, for ever. Without Redis it only waits; wrong ones are counted.

        Cancelled, it may lose the entry just taken: whoever is rung polls as well.
        """
        while True:
            try:
                taken = await self._client.wait(_take, _BLOCK_S)
            except NoAnswer:
                await asyncio.sleep(_RETRY_S)
                continue
            if self._any_sound(taken):
                ring()

    async def _push(self, notes: Sequence[bytes]) -> bool:
        try:
            for begin in range(0, len(notes), _PAGE):
                await self._client.ask(self._append(notes[begin : begin + _PAGE]))
        except NoAnswer:
            return False
        return True

    def _append(self, notes: Sequence[bytes]) -> Callable[[Redis], Awaitable[object]]:
        async def append(redis: Redis) -> object:
            async with redis.pipeline(transaction=True) as both:
                both.rpush(QUEUE_KEY, *notes)
                both.ltrim(QUEUE_KEY, -self._cap, -1)
                return await both.execute()

        return lambda redis: mended(redis, QUEUE_KEY, append)

    async def _held(self) -> set[bytes]:
        held: set[bytes] = set()
        for begin in range(0, self._cap, _PAGE):
            page = await self._client.ask(_page(begin))
            held.update(page)
            if len(page) < _PAGE:
                break
        return held

    def _any_sound(self, taken: Sequence[bytes]) -> bool:
        sound = sum(map(_is_sound, taken))
        self.discarded += len(taken) - sound
        return sound > 0


def _page(begin: int) -> Callable[[Redis], Awaitable[list[bytes]]]:
    async def page(redis: Redis) -> list[bytes]:
        return [raw(held) for held in await redis.lrange(QUEUE_KEY, begin, begin + _PAGE - 1)]

    return lambda redis: mended(redis, QUEUE_KEY, page)


async def _take(redis: Redis) -> list[bytes]:
    """Wait for an entry and take it with those behind it; empty: none came."""
    first = await mended(redis, QUEUE_KEY, _first)
    rest = await redis.lpop(QUEUE_KEY, _PAGE) if first else None
    return [*first, *map(raw, rest)] if isinstance(rest, list) else first


async def _first(redis: Redis) -> list[bytes]:
    found = await redis.blpop([QUEUE_KEY], timeout=_BLOCK_S)
    return [raw(found[1])] if found else []


def _is_sound(note: bytes) -> bool:
    try:
        Entry.decode(note)
    except ValueError:
        return False
    return True
