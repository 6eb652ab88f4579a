import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.redis.queue import Entry, SyncQueue
from tests.storage.redis.conftest import Judge, Open
from tests.storage.redis.server import Server
from tests.storage.redis.waiting import until

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def entry(number: int = 0) -> Entry:
    return Entry(uuid4(), uuid4(), "station_result", NOW + timedelta(seconds=number))


@asynccontextmanager
async def listening(queue: SyncQueue) -> AsyncIterator[asyncio.Event]:
    rung = asyncio.Event()
    task = asyncio.create_task(queue.listen(rung.set))
    try:
        yield rung
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@given(
    st.uuids(), st.none() | st.uuids(), st.text(st.characters(exclude_categories=["Cs"])),
    st.datetimes(timezones=st.just(UTC) | st.integers(-14, 14).map(lambda h: timezone(timedelta(hours=h)))),
)  # fmt: skip
def test_an_entry_comes_back_as_it_was(panel: object, result: object, operation: str, moment: datetime) -> None:
    made = Entry(panel, result, operation, moment)  # type: ignore[arg-type]
    assert Entry.decode(made.encode()) == made


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- any ValueError is the promise
        Entry.decode(raw)


async def test_an_entry_stands_in_the_list_as_json_of_four(open_client: Open, judge: Judge) -> None:
    made = entry()
    assert await SyncQueue(open_client()).push([made])
    (raw,) = judge.lrange("SYNC_QUEUE", 0, -1)
    assert json.loads(raw) == [
        str(made.panel_id), str(made.station_result_id), "station_result", "2026-03-01T12:00:00.123456+00:00",
    ]  # fmt: skip


async def test_the_oldest_go_beyond_the_cap(open_client: Open, judge: Judge) -> None:
    queue = SyncQueue(open_client(), cap=5)
    made = [entry(number) for number in range(12)]
    await queue.push(made[:4])
    await queue.push(made[4:])
    assert judge.lrange("SYNC_QUEUE", 0, -1) == [one.encode() for one in made[-5:]]


async def test_restoring_twice_leaves_each_entry_once(open_client: Open, judge: Judge) -> None:
    queue = SyncQueue(open_client())
    made = [entry(number) for number in range(1200)]
    await queue.push(made[300:500])
    assert await queue.restore(made)
    assert await queue.restore(made)
    assert sorted(judge.lrange("SYNC_QUEUE", 0, -1)) == sorted(one.encode() for one in made)


@pytest.mark.parametrize("write", ["push", "restore"])
async def test_a_foreign_type_under_the_key_is_replaced(open_client: Open, judge: Judge, write: str) -> None:
    judge.hset("SYNC_QUEUE", "a", "b")
    made = entry()
    assert await getattr(SyncQueue(open_client()), write)([made])
    assert judge.lrange("SYNC_QUEUE", 0, -1) == [made.encode()]


async def test_a_pushed_entry_rings_and_is_taken(open_client: Open, judge: Judge) -> None:
    client = open_client()
    queue = SyncQueue(client)
    async with listening(queue) as rung:
        for number in range(3):
            await queue.push([entry(number), entry(number)])
            async with asyncio.timeout(60):
                await rung.wait()
            rung.clear()
            await until(lambda: not judge.exists("SYNC_QUEUE"))


async def test_wrong_content_is_counted_and_rings_for_nobody(open_client: Open, judge: Judge) -> None:
    queue = SyncQueue(open_client())
    async with listening(queue) as rung:
        judge.rpush("SYNC_QUEUE", "nonsense", b"\xff\x00", "[1,2,3,4]", "null", "[" * 5000)
        await until(lambda: queue.discarded == 5)
        assert not rung.is_set()
        judge.rpush("SYNC_QUEUE", "nonsense", entry().encode())
        async with asyncio.timeout(60):
            await rung.wait()
        assert queue.discarded == 6


async def test_the_listener_survives_a_foreign_type(open_client: Open, judge: Judge) -> None:
    queue = SyncQueue(open_client())
    judge.set("SYNC_QUEUE", "text")
    async with listening(queue) as rung:
        await until(lambda: not judge.exists("SYNC_QUEUE"))
        await queue.push([entry()])
        async with asyncio.timeout(60):
            await rung.wait()


async def test_the_listener_survives_a_restart(server: Server, open_client: Open, judge: Judge) -> None:
    queue = SyncQueue(open_client())
    async with listening(queue) as rung:
        await until(lambda: any(one["cmd"] == "blpop" for one in judge.client_list()))
        await asyncio.to_thread(server.restart)
        await until(lambda: any(one["cmd"] == "blpop" for one in judge.client_list()))
        judge.rpush("SYNC_QUEUE", entry().encode())
        async with asyncio.timeout(60):
            await rung.wait()
