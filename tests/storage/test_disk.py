"""Disks that are full, sick, or gone: nothing is acknowledged that is not there, and health returns by itself."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import apsw
import pytest

from storage.errors import DiskFull, DiskReadOnly, FlushFailed, NotDurable
from storage.records import Batch
from storage.sqlite import Disk, Room, Store, View
from storage.sqlite.disk import MIB
from storage.sqlite.files import beside
from tests.storage.power import SickDisk
from tests.storage.samples import Decided, crashed, furnished, open_store, panel, step


@pytest.fixture
def disk() -> Iterator[SickDisk]:
    disk = SickDisk()
    yield disk
    disk.unregister()


@pytest.fixture
def store(tmp_path: Path, disk: SickDisk) -> Iterator[Store]:
    furnished(tmp_path / "line.db").close()
    store = open_store(tmp_path / "line.db", disk.vfs)
    yield store
    disk.sync_error = disk.write_error = None
    store.close()


def pass_panel(store: Store, number: int) -> None:
    seen, batch = step(f"CRS25WT60{number:05}")
    store.transact((seen,), lambda _: Decided(batch))


def serials(store: Store) -> list[str]:
    return [made.serial_number for made in store.view.panels(limit=1000)]


def doubtful(store: Store) -> bool:
    return store.doubtful


@pytest.mark.parametrize("writes", [0, 1, 2, 5, 9, 14])
def test_a_full_disk_acknowledges_nothing_and_loses_nothing(store: Store, disk: SickDisk, writes: int) -> None:
    pass_panel(store, 1)
    disk.write_error, disk.writes_left = apsw.FullError, writes
    with pytest.raises(DiskFull):
        pass_panel(store, 2)
    disk.write_error = None
    assert serials(store) == ["CRS25WT6000001"]
    pass_panel(store, 2)
    assert serials(store) == ["CRS25WT6000001", "CRS25WT6000002"]


@pytest.mark.parametrize("writes", [0, 1, 5])
def test_a_full_disk_among_many_decisions_undoes_all_of_them(store: Store, disk: SickDisk, writes: int) -> None:
    steps = [step(f"CRS25WT60{number:05}") for number in range(3)]
    decides = [partial(_decided, Batch((seen, *batch.records))) for seen, batch in steps]
    disk.write_error, disk.writes_left = apsw.FullError, writes
    with pytest.raises(DiskFull):
        store.transact_each((), decides)
    disk.write_error = None
    assert serials(store) == []
    assert len(store.transact_each((), decides)) == len(serials(store)) == 3


def _decided(batch: Batch, _: View) -> Decided:
    return Decided(batch)


def test_a_read_only_disk_is_told_as_such(store: Store, disk: SickDisk) -> None:
    disk.write_error = apsw.ReadOnlyError
    with pytest.raises(DiskReadOnly):
        pass_panel(store, 1)


def test_after_a_failed_flush_the_store_moves_to_a_new_file(store: Store, disk: SickDisk, tmp_path: Path) -> None:
    pass_panel(store, 1)
    before, inode = store.store_id, (tmp_path / "line.db").stat().st_ino
    disk.sync_error = apsw.IOError
    with pytest.raises(FlushFailed):
        pass_panel(store, 2)
    assert doubtful(store)
    disk.sync_error = None
    pass_panel(store, 3)
    assert not doubtful(store)
    assert serials(store) == ["CRS25WT6000001", "CRS25WT6000003"]
    assert store.store_id != before
    assert (tmp_path / "line.db").stat().st_ino != inode
    assert [alarm.code for alarm in store.view.alarms(5)] == ["store_rebuilt"]
    store.close()
    again = open_store(tmp_path / "line.db")
    assert serials(again) == ["CRS25WT6000001", "CRS25WT6000003"]
    again.close()


def test_while_the_disk_refuses_to_flush_nothing_is_accepted(store: Store, disk: SickDisk) -> None:
    disk.sync_error = apsw.IOError
    for number in range(3):
        with pytest.raises(NotDurable):
            pass_panel(store, number)
    disk.sync_error = None
    assert serials(store) == []
    pass_panel(store, 7)
    assert serials(store) == ["CRS25WT6000007"]


def test_a_rebuild_that_fails_on_its_way_is_begun_again(
    store: Store, disk: SickDisk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pass_panel(store, 1)

    def refuse(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("storage.sqlite.store.swap_in", refuse)
    with pytest.raises(FlushFailed):
        store.rebuild()
    with pytest.raises(FlushFailed):
        pass_panel(store, 2)
    monkeypatch.undo()
    pass_panel(store, 2)
    assert serials(store) == ["CRS25WT6000001", "CRS25WT6000002"]
    assert not beside(tmp_path / "line.db", ".part").exists()


def test_a_flush_that_fails_between_decisions_is_not_forgotten(store: Store, disk: SickDisk) -> None:
    pass_panel(store, 1)
    store.log_pages = 10**6
    disk.sync_error = apsw.IOError
    store.tend()
    assert doubtful(store)
    disk.sync_error = None
    pass_panel(store, 2)
    assert not doubtful(store)
    assert len(serials(store)) == 2


def test_a_disk_that_refuses_to_flush_at_the_start_is_not_used(tmp_path: Path, disk: SickDisk) -> None:
    store = furnished(tmp_path / "line.db")
    crashed(store)
    assert beside(tmp_path / "line.db", "-wal").stat().st_size > 0
    disk.sync_error = apsw.IOError
    with pytest.raises(FlushFailed):
        open_store(tmp_path / "line.db", disk.vfs)
    disk.sync_error = None
    again = open_store(tmp_path / "line.db", disk.vfs)
    assert again.view.users()
    again.close()


def test_a_store_that_cannot_be_created_leaves_no_half_file(tmp_path: Path, disk: SickDisk) -> None:
    disk.write_error, disk.writes_left = apsw.FullError, 3
    with pytest.raises(DiskFull):
        open_store(tmp_path / "line.db", disk.vfs)
    disk.write_error = None
    assert not (tmp_path / "line.db").exists()
    store = open_store(tmp_path / "line.db", disk.vfs)
    store.write(Batch(()))
    store.close()


def test_room_is_judged_by_what_is_free(tmp_path: Path) -> None:
    free = Disk(tmp_path).health().free_bytes
    assert Disk(tmp_path, warn_below_bytes=0, refuse_below_bytes=0).health().room is Room.AMPLE
    assert Disk(tmp_path, warn_below_bytes=2 * free, refuse_below_bytes=0).health().room is Room.LOW
    assert Disk(tmp_path, warn_below_bytes=2 * free, refuse_below_bytes=2 * free).health().room is Room.NONE
    assert Disk(tmp_path / "gone").health().room is Room.ABSENT


def test_the_ballast_takes_room_and_gives_it_back(tmp_path: Path) -> None:
    disk = Disk(tmp_path, warn_below_bytes=0, ballast_bytes=MIB)
    assert disk.lay_ballast()
    assert disk.lay_ballast()
    assert disk.ballast.stat().st_blocks * 512 >= MIB
    assert disk.health().ballast
    disk.ballast.unlink()


def test_no_ballast_is_laid_where_room_is_short(tmp_path: Path) -> None:
    disk = Disk(tmp_path, warn_below_bytes=1 << 60)
    assert not disk.lay_ballast()
    assert not disk.ballast.exists()


def test_a_panel_is_whole_after_every_kind_of_trouble(store: Store, disk: SickDisk) -> None:
    for number, (error, left) in enumerate([(apsw.FullError, 3), (apsw.IOError, 2), (apsw.ReadOnlyError, 1)]):
        disk.write_error, disk.writes_left = error, left
        with pytest.raises(NotDurable):
            store.write(Batch((panel(f"CRS25WT60{number:05}"),)))
        disk.write_error = None
        store.write(Batch((panel(f"CRS25WT60{number:05}"),)))
    assert len(serials(store)) == 3
