"""The writer and the readers: cancelled, closed, side by side."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import apsw
import pytest

from storage.errors import DecisionFailed, StoreBusy, StoreClosed, StoreForeign
from storage.records import Batch, PanelStatus
from storage.sqlite import Readers, View, Writer
from tests.storage.samples import ADMIN, CRITERION, ORDER, Decided, panel, scan, step


def decided(batch: Batch, _: View) -> Decided:
    return Decided(batch)


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    writer = await Writer.open(tmp_path / "line.db", site="TEST", line_number=1)
    await writer.write(Batch((ADMIN, ORDER, CRITERION)))
    yield writer
    await writer.close()


@pytest.fixture
async def readers(writer: Writer, tmp_path: Path) -> AsyncIterator[Readers]:
    readers = Readers(tmp_path / "line.db")
    yield readers
    await readers.close()


async def test_every_call_runs_in_one_thread_that_is_not_the_loops(writer: Writer) -> None:
    threads = {await writer.read(lambda _: threading.get_ident()) for _ in range(10)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_a_cancelled_wait_does_not_cancel_the_transaction(writer: Writer) -> None:
    deciding, go_on = threading.Event(), threading.Event()
    seen, batch = step("CRS25WT6000001")

    def decide(view: View) -> Decided:
        deciding.set()
        go_on.wait(10)
        return Decided(batch)

    task = asyncio.create_task(writer.transact((seen,), decide))
    await asyncio.to_thread(deciding.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert await writer.read(lambda view: view.panel("CRS25WT6000001")) == batch.records[0]


async def test_a_call_cancelled_while_it_waits_its_turn_runs_all_the_same(writer: Writer) -> None:
    go_on = threading.Event()
    first = asyncio.create_task(writer.read(lambda _: go_on.wait(10)))
    second = asyncio.create_task(writer.write(Batch((panel(),))))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    await first
    assert await writer.read(lambda view: view.panel("CRS25WT6000001"))


async def test_a_call_does_not_wait_for_all_of_many_decisions(writer: Writer) -> None:
    deciding, go_on = threading.Event(), threading.Event()

    def first(view: View) -> Decided:
        deciding.set()
        go_on.wait(10)
        return Decided(Batch())

    others = [partial(decided, Batch((panel(name),))) for name in "ABC"]
    many: list[Callable[[View], Decided]] = [first, *others]
    all_of_them = asyncio.create_task(writer.transact_each((), many))
    await asyncio.to_thread(deciding.wait, 60)
    meanwhile = asyncio.create_task(writer.read(lambda view: view.panels()))
    await asyncio.sleep(0)
    go_on.set()
    assert await meanwhile == ()
    assert len(await all_of_them) == 1
    assert len(await writer.transact_each((), many)) == len(many)


async def test_an_error_nobody_waits_for_any_more_is_heard(writer: Writer) -> None:
    go_on = threading.Event()

    def decide(view: View) -> Decided:
        go_on.wait(10)
        raise KeyError("late")

    task = asyncio.create_task(writer.transact((scan(),), decide))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert len(await writer.read(lambda view: view.intake_errors(5))) == 1


async def test_a_call_that_takes_the_next_of_nothing_is_answered_like_any_error(writer: Writer) -> None:
    with pytest.raises(RuntimeError, match="next of nothing"):
        await writer.read(lambda _: next(iter(())))


async def test_a_failed_decision_is_told_to_the_caller(writer: Writer) -> None:
    def decide(view: View) -> Decided:
        raise KeyError("no such station")

    with pytest.raises(DecisionFailed):
        await writer.transact((scan(),), decide)


async def test_a_closed_writer_says_so(tmp_path: Path) -> None:
    writer = await Writer.open(tmp_path / "line.db", site="TEST", line_number=1)
    await writer.close()
    await writer.close()
    with pytest.raises(StoreClosed):
        await writer.write(Batch((ADMIN,)))


async def test_closing_waits_for_what_is_under_way(tmp_path: Path) -> None:
    writer = await Writer.open(tmp_path / "line.db", site="TEST", line_number=1)
    task = asyncio.create_task(writer.write(Batch((ADMIN, ORDER, panel()))))
    await asyncio.sleep(0)
    await writer.close()
    await task
    again = await Writer.open(tmp_path / "line.db", site="TEST", line_number=1)
    assert await again.read(lambda view: view.panel("CRS25WT6000001"))
    await again.close()


async def test_a_refused_open_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "line.db").write_text("a letter to my aunt")
    with pytest.raises(StoreForeign):
        await Writer.open(tmp_path / "line.db", site="TEST", line_number=1)


async def test_a_cancelled_open_gives_the_store_back(tmp_path: Path) -> None:
    task = asyncio.create_task(Writer.open(tmp_path / "line.db", site="TEST", line_number=1))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(60):
        while True:
            try:
                writer = await Writer.open(tmp_path / "line.db", site="TEST", line_number=1)
                break
            except StoreBusy:
                await asyncio.sleep(0.01)
    await writer.close()


async def test_the_log_is_emptied_between_decisions(writer: Writer, tmp_path: Path) -> None:
    for number in range(200):
        seen, batch = step(f"CRS25WT60{number:05}")
        await writer.transact((seen,), partial(decided, batch))
    assert (tmp_path / "line.db").stat().st_size > 500_000


async def test_readers_see_what_is_committed_and_cannot_write(writer: Writer, readers: Readers) -> None:
    await writer.write(Batch((panel(),)))
    assert await readers.read(lambda view: view.panel("CRS25WT6000001"))

    def scribble(view: View) -> object:
        return view._connection.execute("DELETE FROM local_panels")

    with pytest.raises(Exception, match="cannot be written"):
        await readers.read(scribble)


async def test_one_read_sees_one_moment_while_the_writer_goes_on(writer: Writer, readers: Readers) -> None:
    made = panel()
    await writer.write(Batch((made,)))
    looked, go_on = threading.Event(), threading.Event()

    def read(view: View) -> tuple[object, object]:
        before = view.panel(made.serial_number)
        looked.set()
        go_on.wait(10)
        return before, view.panel(made.serial_number)

    task = asyncio.create_task(readers.read(read))
    await asyncio.to_thread(looked.wait, 60)
    changed = replace(made, status=PanelStatus.REWORK)
    await writer.write(Batch((changed,)))
    go_on.set()
    assert await task == (made, made)
    assert await readers.read(lambda view: view.panel(made.serial_number)) == changed


async def test_readers_follow_a_rebuilt_store(writer: Writer, readers: Readers) -> None:
    assert await readers.read(lambda view: view.last_seq()) == 3
    await writer._run(writer._store.rebuild)
    await writer.write(Batch((panel(),)))
    assert await readers.read(lambda view: view.panel("CRS25WT6000001"))


async def test_many_reads_at_once_are_answered(writer: Writer, readers: Readers) -> None:
    answers = await asyncio.gather(*(readers.read(lambda view: view.last_seq()) for _ in range(50)))
    assert set(answers) == {3}


async def test_closed_readers_say_so(writer: Writer, tmp_path: Path) -> None:
    readers = Readers(tmp_path / "line.db")
    await readers.read(lambda view: view.last_seq())
    await readers.close()
    await readers.close()
    with pytest.raises(StoreClosed):
        await readers.read(lambda view: view.last_seq())


def test_this_sqlite_is_whole() -> None:
    assert apsw.sqlite_lib_version() >= "3.51.3"
