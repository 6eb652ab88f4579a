"""Whatever lies where the store should be: the line stays up, says why it refuses, and works once it can."""

import fcntl
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import daemon.line.vault
from storage.sqlite import Disk, DiskHealth, Room, Store
from tests.line.cable import Told
from tests.line.house import House, at_work
from tests.line.premises import BADGES, LINE, SITE, Premises, premises, serial

PAGE = 4096


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line tries its store again at once."""
    monkeypatch.setattr(daemon.line.vault, "_RETRY_S", 0.02)


def text_file(path: Path) -> None:
    path.write_bytes(b"Dear Sir or Madam,\n" * 500)


def other_program(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()


def other_line(path: Path) -> None:
    path.unlink()
    Store.open(path, site=SITE, line_number=LINE + 1).close()


def other_site(path: Path) -> None:
    path.unlink()
    Store.open(path, site="ELSE", line_number=LINE).close()


def newer_program(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.commit()
    connection.close()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


NOT_OURS: dict[str, tuple[Callable[[Path], None], str]] = {
    "another program's database": (other_program, "is not a store of this program"),
    "another line's store": (other_line, f"The store belongs to line {LINE + 1} of site {SITE}"),
    "another site's store": (other_site, "of site ELSE"),
    "a newer program's store": (newer_program, "schema version 999"),
    "a folder": (a_folder, "is a folder, not a store"),
}


async def refused(house: House, words: str) -> None:
    """Nobody hears good, and the reason and the cure are said."""
    await house.until(lambda: house.trouble is not None and words in house.trouble.message)
    assert await house.scan(1, BADGES[1], serial(1)) == [Told.BAD, Told.BAD]
    assert house.trouble is not None
    assert house.trouble.message.strip().endswith(".")
    assert house.trouble.todo.strip().endswith(".")


async def works(house: House) -> None:
    """Everything is as on any day."""
    await house.ready()
    await house.sign_in()
    await house.passed(1, 1, 2, 3, 4)


@pytest.mark.parametrize("name", NOT_OURS)
async def test_what_is_not_this_lines_store_is_refused_untouched_and_replaced_by_a_person(
    tmp_path: Path, name: str
) -> None:
    spoil, words = NOT_OURS[name]
    with premises(tmp_path) as at:
        kept = at.store.with_name("kept")
        shutil.copy2(at.store, kept)
        spoil(at.store)
        content = at.store.read_bytes() if at.store.is_file() else None
        async with at_work(at) as house:
            await refused(house, words)
            assert (at.store.read_bytes() if at.store.is_file() else None) == content
            put_back(at, kept)
            await works(house)


def put_back(at: Premises, kept: Path) -> None:
    """The person moves the wrong one away and the right one in."""
    at.store.rename(at.store.with_name("wrong"))
    for suffix in ("-wal", "-shm"):
        at.store.with_name(at.store.name + suffix).unlink(missing_ok=True)
    kept.rename(at.store)


async def test_a_text_file_where_no_store_ever_was_is_refused_untouched(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        shutil.rmtree(at.store.parent)
        at.store.parent.mkdir()
        text_file(at.store)
        content = at.store.read_bytes()
        async with at_work(at) as house:
            await refused(house, "is not a store of this program")
            assert at.store.read_bytes() == content
            at.store.unlink()
            at.furnish_people()
            await works(house)


async def test_a_folder_that_cannot_be_made_is_named_and_taken_once_it_can(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        data, elsewhere = at.store.parent, tmp_path / "elsewhere"
        data.rename(elsewhere)
        data.touch()
        async with at_work(at) as house:
            await refused(house, "cannot be opened: ")
            data.unlink()
            elsewhere.rename(data)
            await works(house)


@contextmanager
def held_by_another(path: Path) -> Iterator[None]:
    """Another process has the store open."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


async def test_a_folder_made_at_the_first_start_is_not_called_a_missing_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon.line.vault, "_LOOK_S", 3600)
    looks = [DiskHealth(Room.ABSENT, 0, ballast=False)]
    health = Disk.health
    monkeypatch.setattr(Disk, "health", lambda disk: looks.pop() if looks else health(disk))
    with premises(tmp_path) as at:
        shutil.rmtree(at.store.parent)
        async with at_work(at) as house:
            await house.ready()
            assert not looks


async def test_a_store_that_another_process_holds_is_taken_once_it_lets_go(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        with held_by_another(at.store):
            working = at_work(at)
            house = await working.__aenter__()
            await refused(house, "Another process has the store")
        await works(house)
        await working.__aexit__(None, None, None)


def truncated(data: bytearray, rng: random.Random) -> bytearray:
    return data[: len(data) // 2 + rng.randrange(PAGE)]


def first_page_gone(data: bytearray, rng: random.Random) -> bytearray:
    return bytearray(rng.randbytes(PAGE)) + data[PAGE:]


def bad_pages(data: bytearray, rng: random.Random) -> bytearray:
    for page in rng.sample(range(1, len(data) // PAGE), 8):
        data[page * PAGE : (page + 1) * PAGE] = rng.randbytes(PAGE)
    return data


def zeroed(data: bytearray, rng: random.Random) -> bytearray:
    return bytearray(len(data))


DAMAGES: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (truncated, first_page_gone, bad_pages, zeroed)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_store_is_kept_aside_and_the_line_goes_on(
    tmp_path: Path, damage: Callable[[bytearray, random.Random], bytearray]
) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            for number in range(20):
                await house.passed(number, 1)
        spoilt = bytes(damage(bytearray(at.store.read_bytes()), random.Random(5)))
        at.store.write_bytes(spoilt)
        async with at_work(at) as house:
            await house.ready()
            alarms = [
                alarm for alarm in await house.read(lambda view: view.alarms(5)) if alarm.code == "store_salvaged"
            ]
            assert len(alarms) == 1
            (aside,) = at.store.parent.glob("line.db.damaged-*[0-9]")
            assert aside.read_bytes() == spoilt
            assert aside.name in alarms[0].message
            told = await house.scan(1, BADGES[1])
            assert told[0] in (Told.GOOD, Told.BAD)  # the badge may be among what is lost; the line answers
            found = len(await house.read(lambda view: view.panels(limit=1000)))
            assert found == 0 if damage is zeroed else found <= 20
