"""Whatever lies at the path: a store comes up with everything readable, or says why not and touches nothing."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from storage.changes import SystemClock
from storage.errors import DiskFull, DiskReadOnly, StoreForeign
from storage.records import Batch, StateRow
from storage.sqlite import Store
from storage.sqlite.connection import assert_safe
from storage.sqlite.files import Ownership, beside
from storage.sqlite.start import Place, start
from tests.storage.power import SickDisk
from tests.storage.samples import Decided, crashed, furnished, open_store, panel, step

PAGE = 4096
PANELS = 50


def filled(path: Path) -> None:
    store = furnished(path)
    for number in range(PANELS):
        seen, batch = step(f"CRS25WT60{number:05}")
        store.transact((seen,), lambda _, batch=batch: Decided(batch))  # type: ignore[misc]
    store.close()


def everything(store: Store) -> int:
    """Count what is there and whole: panels with their result and its criterion."""
    whole = 0
    for made in store.view.panels(limit=10_000):
        results = store.view.results_of(made.uuid)
        whole += len(results) == 1 and len(store.view.criteria_results_of(results[0].uuid)) == 1
    return whole


@pytest.mark.parametrize("content", [b"hello, this is a text file\n" * 200, b"\0" * 5000, b"x"])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "line.db"
    path.write_bytes(content)
    with pytest.raises(StoreForeign):
        open_store(path)
    assert path.read_bytes() == content


def test_a_folder_where_the_store_should_be_is_called_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "line.db"
    path.mkdir()
    with pytest.raises(StoreForeign, match=r"line\.db is a folder, not a store") as refused:
        open_store(path)
    assert "store.path" in refused.value.todo
    assert path.is_dir()


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "line.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (a)")
    other.commit()
    other.close()
    content = path.read_bytes()
    with pytest.raises(StoreForeign):
        open_store(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(("site", "line"), [("OTHER", 1), ("TEST", 2)])
def test_the_store_of_another_line_is_left_alone(tmp_path: Path, site: str, line: int) -> None:
    path = tmp_path / "line.db"
    filled(path)
    content = path.read_bytes()
    with pytest.raises(StoreForeign):
        Store.open(path, site=site, line_number=line)
    assert path.read_bytes() == content


def test_the_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "line.db"
    filled(path)
    newer = apsw.Connection(str(path))
    newer.pragma("user_version", 99)
    newer.close()
    content = path.read_bytes()
    with pytest.raises(StoreForeign, match="99"):
        open_store(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "line.db").touch()
    store = open_store(tmp_path / "line.db")
    assert store.view.last_seq() == 0
    store.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskReadOnly):
        open_store(tmp_path / "file" / "line.db")


def test_an_unsafe_sqlite_is_refused() -> None:
    assert_safe("3.51.3")
    with pytest.raises(Exception, match=r"3\.51\.2"):
        assert_safe("3.51.2")


@pytest.mark.parametrize("seed", range(8))
def test_damaged_pages_cost_nothing_that_stands_twice(tmp_path: Path, seed: int) -> None:
    """One page at a time is bad: what it held stands in the log too, or in its table."""
    path = tmp_path / "line.db"
    filled(path)
    before = identity(path)
    rng = random.Random(seed)
    data = bytearray(path.read_bytes())
    page = rng.randrange(1, len(data) // PAGE)
    data[page * PAGE : (page + 1) * PAGE] = rng.randbytes(PAGE)
    path.write_bytes(data)
    store = open_store(path)
    assert everything(store) == PANELS
    assert store.store_id != before or not store.view.alarms(5)
    store.close()


@pytest.mark.parametrize("seed", range(6))
def test_many_damaged_pages_leave_the_rest_and_a_report(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "line.db"
    filled(path)
    before = identity(path)
    rng = random.Random(seed)
    data = bytearray(path.read_bytes())
    pages = rng.sample(range(1, len(data) // PAGE), 6)
    for page in pages:
        data[page * PAGE : (page + 1) * PAGE] = rng.randbytes(PAGE)
    path.write_bytes(data)
    store = open_store(path)
    assert everything(store) > PANELS // 3
    (alarm,) = store.view.alarms(5)
    assert alarm.code == "store_salvaged"
    assert store.store_id != before
    (aside,) = tmp_path.glob("line.db.damaged-*[0-9]")
    assert aside.name in alarm.message
    assert aside.read_bytes() == data
    store.write(Batch((panel("CRS25WT6099999"),)))
    store.close()
    again = open_store(path)
    assert again.view.panel("CRS25WT6099999")
    again.close()


def test_a_store_whose_first_page_is_gone_still_comes_up(tmp_path: Path) -> None:
    path = tmp_path / "line.db"
    filled(path)
    data = bytearray(path.read_bytes())
    data[:PAGE] = random.Random(1).randbytes(PAGE)
    path.write_bytes(data)
    store = open_store(path)
    assert everything(store) == PANELS
    assert [alarm.code for alarm in store.view.alarms(5)] == ["store_salvaged"]
    store.close()


def test_a_damaged_store_is_kept_aside_once_however_often_a_full_disk_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "line.db"
    filled(path)
    damage_the_first_page(path)
    data = path.read_bytes()
    disk = SickDisk()
    disk.write_error = apsw.FullError
    try:
        for _ in range(3):
            with pytest.raises(DiskFull):
                open_store(path, disk.vfs)
    finally:
        disk.unregister()
    open_store(path).close()
    (aside,) = (file for file in tmp_path.glob("line.db.damaged-*") if not file.name.endswith("-wal"))
    assert aside.read_bytes() == data


def damage_the_first_page(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(PAGE) + path.read_bytes()[PAGE:])


def damage_the_log(path: Path) -> None:
    log = beside(path, "-wal")
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 0xFF
    log.write_bytes(data)


@pytest.mark.parametrize("lost", [False, True])
def test_what_a_station_knew_is_carried_over_only_where_no_fact_is_lost(tmp_path: Path, lost: bool) -> None:
    path = tmp_path / "line.db"
    filled(path)
    store = open_store(path)
    store.write(Batch((), (StateRow(1, '{"station_number":1}'),)))
    store.close()
    if lost:
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])
    damage_the_first_page(path)
    store = open_store(path)
    assert list(store.view.station_states()) == ([] if lost else [1])
    store.close()


@pytest.mark.parametrize(
    ("damage", "code"), [(damage_the_first_page, "store_salvaged"), (damage_the_log, "store_log_damaged")]
)
def test_what_was_lost_is_told_though_the_line_dies_before_its_first_word(
    tmp_path: Path, damage: Callable[[Path], None], code: str
) -> None:
    path = tmp_path / "line.db"
    filled(path)
    store = open_store(path)
    for number in range(100, 120):
        seen, batch = step(f"CRS25WT60{number:05}")
        store.write(Batch((seen, *batch.records)))
    crashed(store)
    damage(path)
    ownership = Ownership.take(path)
    start(Place(path, "TEST", 1, SystemClock()), ownership).connection.close(force=True)
    ownership.give_up()
    store = open_store(path)
    assert [alarm.code for alarm in store.view.alarms(5)] == [code]
    store.close()


@pytest.mark.parametrize("place", [0.1, 0.4, 0.7])
def test_a_log_damaged_after_the_fact_is_told_from_one_cut_short(tmp_path: Path, place: float) -> None:
    path = tmp_path / "line.db"
    store = furnished(path)
    for number in range(20):
        seen, batch = step(f"CRS25WT60{number:05}")
        store.write(Batch((seen, *batch.records)))
    crashed(store)
    log = beside(path, "-wal")
    data = bytearray(log.read_bytes())
    data[int(place * len(data))] ^= 0xFF
    log.write_bytes(data)
    store = open_store(path)
    whole = len(store.view.panels(limit=100))
    assert whole < 20
    (alarm,) = store.view.alarms(5)
    assert alarm.code == "store_log_damaged"
    assert abs(20 - whole - int(alarm.message.split()[2])) <= 1
    (kept,) = tmp_path.glob("line.db.damaged-*-wal")
    assert kept.read_bytes() == data
    store.close()


def test_a_log_that_lost_its_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "line.db"
    crashed(furnished(path))
    path.unlink()
    open_store(path).close()
    assert len(list(tmp_path.glob("line.db.damaged-*-wal"))) == 1


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_file_cut_short_gives_what_is_left(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "line.db"
    filled(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    store = open_store(path)
    assert [alarm.code for alarm in store.view.alarms(5)] == ["store_salvaged"]
    store.close()


@pytest.mark.parametrize("leftover", [".part", ".ready"])
def test_a_swap_that_a_crash_cut_short_is_finished_or_forgotten(tmp_path: Path, leftover: str) -> None:
    path = tmp_path / "line.db"
    furnished(path).close()
    draft = tmp_path / "draft" / "line.db"
    filled(draft)
    draft.rename(beside(path, leftover))
    store = open_store(path)
    assert everything(store) == (PANELS if leftover == ".ready" else 0)
    store.close()


def identity(path: Path) -> object:
    store = open_store(path)
    store.close()
    return store.store_id
