"""Two daemons of one line: both are believed, and people are told, once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from daemon.central import Central
from stations.runner import LineRunner
from stations.workflow.turn import Place
from storage.changes import SystemClock
from storage.postgres.lease import Holder, give_up_lease, take_lease
from storage.postgres.link import connect
from storage.records import Alarm, Batch
from storage.records.seeds import seed_records
from storage.sqlite import Readers, Writer
from storage.sync.visit import Books
from tests.daemon.central.test_central import SITE, config, kept
from tests.daemon.control.bench import NoTester, now

ANYBODY = Holder(1, UUID(int=5), "anybody")
WORDS = "Another PC runs this line too: {host}. Call a technician: stop one of the two."


@asynccontextmanager
async def daemon(folder: Path, dsn: str) -> AsyncIterator[tuple[LineRunner, Central]]:
    """Run the exchange of a line, as its daemon does."""
    await asyncio.to_thread(folder.mkdir)
    told = config(folder, dsn_file=kept(folder, dsn))
    assert told.central is not None
    writer = await Writer.open(told.store.path, site=SITE, line_number=1)
    readers = Readers(told.store.path)
    await writer.write(Batch(seed_records(SITE, now())))
    runner = LineRunner(writer, readers, Place(SITE, 1), NoTester(), ids=uuid7, now=now)
    await runner.start()
    central = Central(told, told.central, runner.changed)
    task = asyncio.create_task(central.run(runner, Books(writer, readers, SystemClock())))
    try:
        yield runner, central
    finally:
        task.cancel()
        await asyncio.wait([task])
        await readers.close()
        await writer.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 -- what a line tells has no event
            await asyncio.sleep(0.02)


async def noted(runner: LineRunner) -> tuple[Alarm, ...]:
    """Wait for alarms in a line's store: they are shown before they stand there."""
    async with asyncio.timeout(60):
        while not (alarms := await runner.read(lambda view: view.alarms(10))):  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.02)
    return alarms


async def test_a_second_daemon_that_started_unseen_is_told_on_the_stations_and_noted_and_its_facts_are_taken(
    tmp_path: Path, migrated_dsn: str
) -> None:
    async with daemon(tmp_path / "first", migrated_dsn) as (first, holds):
        await until(lambda: holds.status.connected)
        async with daemon(tmp_path / "second", migrated_dsn) as (second, central):
            await until(lambda: bool(second.notices))
            assert central.status.rival
            words = WORDS.format(host=central.status.rival)
            assert second.notices == (words,)
            alarms = await noted(second)
            assert await central.drained(30)
            assert [(alarm.code, alarm.message) for alarm in alarms] == [("second_daemon", words)]
            assert not first.notices
            async with await connect(migrated_dsn) as link:
                rows = await (await link.execute("SELECT code FROM alarms")).fetchall()
                assert rows == [("second_daemon",)]


async def test_a_rival_is_told_once_and_both_let_the_line_go_when_they_stop(tmp_path: Path, migrated_dsn: str) -> None:
    async with await connect(migrated_dsn) as link:
        async with daemon(tmp_path / "first", migrated_dsn) as (_, holds):
            await until(lambda: holds.status.connected)
            async with daemon(tmp_path / "second", migrated_dsn) as (second, central):
                await until(lambda: bool(second.notices))
                while not await second.read(lambda view: view.alarms(10)):  # noqa: ASYNC110 -- a store has no event
                    await asyncio.sleep(0.02)
                for _ in range(3):
                    second.changed()
                    await asyncio.sleep(0)
                assert await central.drained(30)
                assert len(await second.read(lambda view: view.alarms(10))) == 1
                assert central.status.connected
        assert await take_lease(link, ANYBODY) is None
        await give_up_lease(link, ANYBODY)
