"""A cursor over the change log that shows in Redis what happens on the line, and shows it again after Redis lost it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Never, Protocol
from uuid import uuid4

from redis.asyncio import Redis

from storage.errors import StorageError
from storage.records import Panel, Record, ScanOutcome, SignIn, SignOut, StationResult
from storage.redis.client import Client, NoAnswer
from storage.redis.queue import QUEUE_CAP, Entry, SyncQueue
from storage.redis.sessions import Sessions
from storage.redis.updates import Update, Updates

CHUNK: Final = 200
POLL_S: Final = 5.0
MARK_KEY: Final = "MIRROR_MARK"
_KINDS: Final = frozenset(kind.KIND for kind in (StationResult, Panel, ScanOutcome, SignIn, SignOut))

Look = tuple[object, object]


class Change(Protocol):
    """One row of a change log."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """What it is a record of."""

    @property
    def wall(self) -> datetime:
        """When it was committed."""

    def record(self) -> Record:
        """Make the record again."""


class Source(Protocol):
    """What the mirror reads of the line. Each may raise StorageError: then it is tried again later."""

    async def newest_seq(self) -> int:
        """Give the number of the newest change, 0 before the first."""

    async def changes_after(self, seq: int, limit: int) -> Sequence[Change]:
        """Give the next changes in order."""

    async def open_sign_ins(self) -> Sequence[SignIn]:
        """Give the sign-ins that nobody ended."""

    async def backlog(self, limit: int) -> Sequence[Change]:
        """Give the newest changes the server has not acknowledged, oldest first."""


class Mirror:
    """Shows the changes of one line in Redis, beginning at the newest; its place is not kept anywhere.

    `rebuilt` counts how often everything was shown anew, the first time included; `unread` counts changes nobody
    could make a record of.
    """

    def __init__(self, client: Client, source: Source, line_number: int, *, poll_s: float = POLL_S) -> None:
        self._client = client
        self._source = source
        self._line = line_number
        self._poll_s = poll_s
        self._queue = SyncQueue(client)
        self._updates = Updates(client)
        self._sessions = Sessions(client)
        self._rung = asyncio.Event()
        self._mark_key = f"{MARK_KEY}:{line_number}"
        self._mark = uuid4().hex.encode()
        self._whole: Look | None = None
        self._not_before_s = 0.0
        self._seq = 0
        self.rebuilt = 0
        self.unread = 0

    def ring(self) -> None:
        """Say that something was committed. Never waits."""
        self._rung.set()

    async def run(self) -> Never:
        """Follow the change log for ever, woken by `ring` or every `poll_s`. Redis and the store may fail meanwhile."""
        while True:
            self._rung.clear()
            with suppress(StorageError):
                await self.catch_up()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._rung.wait()

    async def catch_up(self) -> None:
        """Show what is new, or everything where Redis lost it; give up quietly where Redis does not take it.

        Raises StorageError of the source.
        """
        if not await self._is_whole() and not await self._rebuild():
            return
        while changes := await self._source.changes_after(self._seq, CHUNK):
            self._seq = changes[-1].seq
            if not await self.mirror(changes):
                self._whole = None
                return

    async def mirror(self, changes: Sequence[Change]) -> bool:
        """Show changes: queue entries, updates, sessions. False: Redis did not take all of them."""
        told = self._records(changes)
        entries = [entry for change, record in told if (entry := entry_of(change, record))]
        updates = [update for change, record in told if (update := update_of(self._line, change, record))]
        if not (await self._queue.push(entries) and await self._updates.publish(updates)):
            return False
        for _, record in told:
            if not await self._signed(record):
                return False
        return True

    def _records(self, changes: Sequence[Change]) -> list[tuple[Change, Record]]:
        told: list[tuple[Change, Record]] = []
        for change in changes:
            if change.kind in _KINDS:
                try:
                    told.append((change, change.record()))
                except (ValueError, KeyError, TypeError):
                    self.unread += 1
        return told

    async def _signed(self, record: Record) -> bool:
        match record:
            case SignIn():
                return await self._sessions.signed_in(record)
            case SignOut():
                return await self._sessions.signed_out(record.sign_in_uuid)
        return True

    async def _is_whole(self) -> bool:
        """Whether Redis is the one that was filled, and was not emptied since."""
        if self._whole is None:
            return False
        filled, self._whole = self._whole, None
        with suppress(NoAnswer):
            if await self._client.ask(self._look) == filled:
                self._whole = filled
        return self._whole is not None

    async def _rebuild(self) -> bool:
        """Show everything that counts anew, at most once in `poll_s`: Redis may stay full for days."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._not_before_s:
            return False
        self._not_before_s = now_s + self._poll_s
        try:
            began = await self._client.ask(self._set_mark)
            if await self._show_all() and await self._client.ask(self._look) == began:
                self._whole = began
                self._not_before_s = 0.0
                self.rebuilt += 1
        except NoAnswer:
            return False
        return self._whole is not None

    async def _show_all(self) -> bool:
        self._seq = await self._source.newest_seq()
        sign_ins = await self._source.open_sign_ins()
        waiting = self._records(await self._source.backlog(QUEUE_CAP))
        entries = [entry for change, record in waiting if (entry := entry_of(change, record))]
        return await self._sessions.rebuild(sign_ins) and await self._queue.restore(entries)

    async def _set_mark(self, redis: Redis) -> Look:
        await redis.set(self._mark_key, self._mark)
        return await self._look(redis)

    async def _look(self, redis: Redis) -> Look:
        """Give the mark and which run of the server it is; what is refused stands as None."""
        async with redis.pipeline(transaction=False) as both:
            both.get(self._mark_key)
            both.info("server")
            mark, server = await both.execute(raise_on_error=False)
        run_id = server.get("run_id") if isinstance(server, dict) else None
        return (mark if isinstance(mark, bytes) else None), run_id


def entry_of(change: Change, record: Record) -> Entry | None:
    """Make the note for the sync queue of a change; None: this kind has none."""
    match record:
        case StationResult():
            return Entry(record.panel_uuid, record.uuid, change.kind, change.wall)
        case Panel():
            return Entry(record.uuid, None, change.kind, change.wall)
    return None


def update_of(line_number: int, change: Change, record: Record) -> Update | None:
    """Make the update for watchers of a change; None: this kind has none.

    The status is a result's verdict, a panel's status, or the code of what a scan led to.
    """
    match record:
        case StationResult():
            station, panel, status = record.station_number, record.panel_uuid, record.result.value
        case Panel():
            station, panel, status = record.current_station, record.uuid, record.status.value
        case ScanOutcome(panel_uuid=about):
            return Update(f"{line_number}-{record.station_number}", about, record.code, change.wall)
        case _:
            return None
    return Update(f"{line_number}-{station}", panel, status, change.wall)
