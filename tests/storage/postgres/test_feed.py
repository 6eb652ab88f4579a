import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID, uuid4

import pytest

from storage.changes import FeedPosition
from storage.postgres.feed import CHANNEL, START, clear_feed, feed_after, held_back_s, position_now
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
        async with asyncio.timeout(60):
            while not found:
                found, position = await holds_after(reader, position)
    assert found == [kept]


async def test_a_change_rings(dsn: str) -> None:
    async with connections(dsn, 2) as (writer, listener):
        await listener.execute(f"LISTEN {CHANNEL}".encode())
        await hold(writer, uuid4())
        rung = [notice async for notice in listener.notifies(timeout=60, stop_after=1)]
    assert [notice.channel for notice in rung] == [CHANNEL]


async def test_the_start_holds_the_sample_rows(conn: Link) -> None:
    kinds = {entry.kind for entry in await feed_after(conn, START, 1_000)}
    assert kinds == {"config", "criterion"}


async def make(conn: Link, key: str) -> UUID:
    uuid = uuid4()
    await conn.execute(
        "INSERT INTO system_config (uuid, config_key, config_value) VALUES (%s, %s, '0')", (uuid, f"{key} {uuid}")
    )
    return uuid


async def edit(conn: Link, uuid: UUID, value: int) -> None:
    await conn.execute("UPDATE system_config SET config_value = %s WHERE uuid = %s", (str(value), uuid))


async def values(conn: Link, uuids: list[UUID]) -> dict[UUID, str]:
    cursor = await conn.execute("SELECT uuid, config_value FROM system_config WHERE uuid = ANY(%s)", (uuids,))
    return dict(await cursor.fetchall())


async def entries(conn: Link, uuid: UUID) -> int:
    row = await (await conn.execute("SELECT count(*) FROM feed WHERE uuid = %s", (uuid,))).fetchone()
    assert row
    return int(row[0])


async def cleared(conn: Link, most: int = 1_000) -> None:
    while await clear_feed(conn, most) == most:
        pass


async def test_of_each_thing_the_newest_entry_stays(dsn: str) -> None:
    async with connections(dsn, 2) as (writer, reader):
        begun = await position_now(reader)
        one, other = await make(writer, "one"), await make(writer, "other")
        for value in range(5):
            await edit(writer, one, value)
        before = await feed_after(reader, begun, 1_000)
        await cleared(writer, most=2)
        after = await feed_after(reader, begun, 1_000)
        assert [entry.uuid for entry in after] == [other, one]
        assert set(after) == {before[1], before[-1]}
        assert await clear_feed(writer) == 0
        await edit(writer, other, 1)
        await cleared(writer)
        assert [await entries(writer, uuid) for uuid in (one, other)] == [1, 1]


async def test_what_a_reader_may_not_read_yet_makes_nothing_needless(dsn: str) -> None:
    async with connections(dsn, 3) as (slow, writer, reader):
        begun = await position_now(reader)
        thing = await make(writer, "thing")
        async with slow.transaction():
            await hold(slow, uuid4())
            await edit(writer, thing, 1)
            await cleared(writer)
            assert await entries(writer, thing) == 2
            found = await feed_after(reader, begun, 1_000)
            assert [entry.uuid for entry in found] == [thing]
        await cleared(writer)
        assert await entries(writer, thing) == 1
        assert thing in {entry.uuid for entry in await feed_after(reader, found[-1].position, 1_000)}


async def test_two_that_clear_at_once_do_not_wait_for_each_other(dsn: str) -> None:
    async with connections(dsn, 2) as (one, two):
        thing = await make(one, "thing")
        await edit(one, thing, 1)
        async with one.transaction():
            assert await clear_feed(one)
            assert await clear_feed(two) == 0


async def test_a_feed_from_another_server_is_cleared_from_its_beginning(dsn: str) -> None:
    """Numbers of transactions begin anew in a server made from a dump."""
    async with connections(dsn, 1) as (conn,):
        await conn.execute("UPDATE feed_cleared SET xid = '123456789012'")
        thing = await make(conn, "thing")
        await edit(conn, thing, 1)
        await cleared(conn)
        assert await entries(conn, thing) == 1


@pytest.mark.parametrize(
    "rounds", [pytest.param(4, id="small"), pytest.param(120, id="full", marks=pytest.mark.faults)]
)
async def test_whoever_follows_knows_every_commit_while_the_feed_is_cleared(dsn: str, rounds: int) -> None:
    """Some things are edited over and over by transactions that overlap, take long and roll back."""
    chance = random.Random(rounds)
    known: dict[UUID, str] = {}
    position = START
    numbers = iter(range(1, 1_000_000))

    async def transact(conn: Link, things: list[UUID]) -> None:
        for _ in range(5):
            async with conn.transaction(force_rollback=chance.random() < 0.3):
                await hold(conn, uuid4())  # numbered before it edits: a later number may be committed before
                await asyncio.sleep(chance.choice([0, 0, 0.01]))
                for thing in sorted(chance.sample(things, 2)):
                    await edit(conn, thing, next(numbers))
                    await asyncio.sleep(chance.choice([0, 0.002]))

    async def follow(reader: Link, limit: int) -> bool:
        nonlocal position
        found = await feed_after(reader, position, limit)
        known.update(await values(reader, [entry.uuid for entry in found]))
        position = found[-1].position if found else position
        return bool(found)

    async def forever(work: Callable[[], Awaitable[object]]) -> None:
        while not done.is_set():
            await work()
            await asyncio.sleep(0.001)

    async with connections(dsn, WRITERS + 3) as (reader, broom, other, *writers):
        things = [await make(other, str(number)) for number in range(6)]
        for _ in range(rounds):
            done = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(forever(lambda: follow(reader, 3)))
                group.create_task(forever(lambda: clear_feed(broom, 4)))
                group.create_task(forever(lambda: clear_feed(other, 7)))
                async with asyncio.TaskGroup() as writing:
                    for conn in writers:
                        writing.create_task(transact(conn, things))
                done.set()
            while await follow(reader, 3):
                pass
            assert {uuid: known[uuid] for uuid in things} == await values(other, things)
        await cleared(broom)
        assert [await entries(other, thing) for thing in things] == [1] * len(things)
