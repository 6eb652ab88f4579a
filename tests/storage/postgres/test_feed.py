import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID, uuid4

import pytest

from storage.changes import FeedPosition
from storage.postgres.feed import CHANNEL, START, feed_after, held_back_s, position_now
from storage.postgres.link import Link, abandon, connect

FULL = 2_000
SMALL = 60
WRITERS = 6


async def hold(conn: Link, uuid: UUID) -> None:
    await conn.execute(
        "INSERT INTO holds (uuid, subject, subject_uuid, code, reason, created_at, store_id, hlc, clock_state) "
        "VALUES (%s, 'panel', %s, 'x', 'x', now(), %s, 1, 'synced')",
        (uuid, uuid4(), uuid4()),
    )


async def holds_after(conn: Link, position: FeedPosition, limit: int = 1_000) -> tuple[list[UUID], FeedPosition]:
    entries = await feed_after(conn, position, limit)
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)
    return [entry.uuid for entry in entries if entry.kind == "hold"], entries[-1].position if entries else position


@asynccontextmanager
async def connections(dsn: str, number: int) -> AsyncIterator[list[Link]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(await connect(dsn)) for _ in range(number)]


async def test_a_late_commit_is_read_though_younger_ones_were_there_first(dsn: str) -> None:
    slow, quick = uuid4(), uuid4()
    async with connections(dsn, 3) as (one, two, reader):
        position = await position_now(reader)
        async with one.transaction():
            await hold(one, slow)
            await hold(two, quick)
            assert await holds_after(reader, position) == ([], position)
            assert await held_back_s(reader) > 0
        found, position = await holds_after(reader, position)
        assert set(found) == {slow, quick}
        assert await holds_after(reader, position) == ([], position)
        assert await held_back_s(reader) == 0.0


async def test_what_is_rolled_back_is_no_news_and_leaves_no_trap(dsn: str) -> None:
    kept = uuid4()
    async with connections(dsn, 2) as (writer, reader):
        position = await position_now(reader)
        async with writer.transaction(force_rollback=True):
            await hold(writer, uuid4())
        async with writer.transaction():
            async with writer.transaction(force_rollback=True):
                await hold(writer, uuid4())
            await hold(writer, kept)
        found, position = await holds_after(reader, position)
    assert found == [kept]


async def test_the_position_of_now_comes_before_what_still_runs(dsn: str) -> None:
    running, later = uuid4(), uuid4()
    async with connections(dsn, 2) as (writer, reader):
        await hold(writer, uuid4())
        async with writer.transaction():
            await hold(writer, running)
            position = await position_now(reader)
        await hold(writer, later)
        assert (await holds_after(reader, position))[0] == [running, later]


async def test_pages_follow_each_other_without_gap_or_repeat(dsn: str) -> None:
    written = [uuid4() for _ in range(7)]
    async with connections(dsn, 2) as (writer, reader):
        position = await position_now(reader)
        for uuid in written:
            await hold(writer, uuid)
        pages = []
        for _ in range(4):
            page, position = await holds_after(reader, position, limit=2)
            pages += page
    assert pages == written


@pytest.mark.parametrize(
    "rounds", [pytest.param(SMALL, id="small"), pytest.param(FULL, id="full", marks=pytest.mark.faults)]
)
async def test_nothing_is_missed_and_nothing_read_twice_beside_busy_writers(dsn: str, rounds: int) -> None:
    """Transactions overlap, take long and roll back; the reader follows with small pages."""
    committed: set[UUID] = set()
    seen: list[UUID] = []
    chance = random.Random(rounds)

    async def transact(conn: Link) -> None:
        for _ in range(rounds // WRITERS):
            uuids = [uuid4() for _ in range(chance.randint(1, 4))]
            async with conn.transaction(force_rollback=chance.random() < 0.3) as transaction:
                for uuid in uuids:
                    await hold(conn, uuid)
                    await asyncio.sleep(chance.choice([0, 0, 0.002, 0.02]))
            if not transaction.force_rollback:
                committed.update(uuids)

    async def follow(reader: Link, done: asyncio.Event) -> None:
        position = begun
        while True:
            last = done.is_set()
            found, position = await holds_after(reader, position, limit=5)
            seen.extend(found)
            if last and not found:
                return
            await asyncio.sleep(0)

    async with connections(dsn, WRITERS + 1) as (reader, *writers):
        begun = await position_now(reader)
        done = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(follow(reader, done))
            async with asyncio.TaskGroup() as writing:
                for conn in writers:
                    writing.create_task(transact(conn))
            done.set()
    assert len(seen) == len(set(seen))
    assert set(seen) == committed


async def test_a_writer_cut_off_holds_nothing_back(dsn: str) -> None:
    kept = uuid4()
    async with connections(dsn, 2) as (writer, reader):
        position = await position_now(reader)
        lost = await connect(dsn)
        await lost.execute("BEGIN")
        await hold(lost, uuid4())
        abandon(lost)
        await hold(writer, kept)
        found: list[UUID] = []
        async with asyncio.timeout(20):
            while not found:
                found, position = await holds_after(reader, position)
    assert found == [kept]


async def test_a_change_rings(dsn: str) -> None:
    async with connections(dsn, 2) as (writer, listener):
        await listener.execute(f"LISTEN {CHANNEL}".encode())
        await hold(writer, uuid4())
        rung = [notice async for notice in listener.notifies(timeout=20, stop_after=1)]
    assert [notice.channel for notice in rung] == [CHANNEL]


async def test_the_start_holds_the_sample_rows(conn: Link) -> None:
    kinds = {entry.kind for entry in await feed_after(conn, START, 1_000)}
    assert kinds == {"config", "criterion"}
