"""A line with a change log in memory, and what Redis shows of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from storage.errors import StorageError
from storage.records import Order, Record, SignIn, SignOut
from storage.redis.client import Client
from storage.redis.mirror import Change, Mirror
from storage.redis.updates import UPDATES_KEY
from tests.storage.redis.conftest import Judge

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Logged:
    seq: int
    kind: str
    wall: datetime
    made: Record

    def record(self) -> Record:
        if isinstance(self.made, Order):
            raise ValueError("not a record")
        return self.made


class Line:
    """A change log in memory."""

    def __init__(self) -> None:
        self.log: list[Logged] = []
        self.sign_ins: dict[UUID, SignIn] = {}
        self.waiting: list[Logged] = []
        self.backlog_reads = 0
        self.broken = False
        self.before_backlog: Callable[[], object] | None = None

    def write(self, *records: Record) -> None:
        for record in records:
            change = Logged(len(self.log) + 1, record.KIND, NOW + timedelta(seconds=len(self.log)), record)
            self.log.append(change)
            self.waiting.append(change)
            if isinstance(record, SignIn):
                self.sign_ins[record.uuid] = record
            elif isinstance(record, SignOut):
                del self.sign_ins[record.sign_in_uuid]

    async def newest_seq(self) -> int:
        if self.broken:
            raise StorageError("no store")
        return len(self.log)

    async def changes_after(self, seq: int, limit: int) -> Sequence[Change]:
        if self.broken:
            raise StorageError("no store")
        return self.log[seq : seq + limit]

    async def open_sign_ins(self) -> Sequence[SignIn]:
        return list(self.sign_ins.values())

    async def backlog(self, limit: int) -> Sequence[Change]:
        self.backlog_reads += 1
        if self.before_backlog is not None:
            self.before_backlog()
        return self.waiting[-limit:]


def sign_in(user: UUID | None = None) -> SignIn:
    begun = datetime.now(UTC)
    return SignIn(
        uuid=uuid4(), user_uuid=user or uuid4(), station_number=2, created_at=begun,
        expires_at=begun + timedelta(hours=10),
    )  # fmt: skip


def sign_out(begun: SignIn) -> SignOut:
    return SignOut(uuid=uuid4(), sign_in_uuid=begun.uuid, reason="sign-out", created_at=datetime.now(UTC))


def queued(judge: Judge) -> list[list[str | None]]:
    return [json.loads(raw) for raw in judge.lrange("SYNC_QUEUE", 0, -1)]


def told(judge: Judge) -> list[tuple[str, str]]:
    rows = judge.xrange(UPDATES_KEY)
    return [(fields[b"station_id"].decode(), fields[b"status"].decode()) for _, fields in rows]


@asynccontextmanager
async def running(client: Client, line: Line, number: int = 1) -> AsyncIterator[Mirror]:
    mirror = Mirror(client, line, number, poll_s=0.02)
    task = asyncio.create_task(mirror.run())
    try:
        yield mirror
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
