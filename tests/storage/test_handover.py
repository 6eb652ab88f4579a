"""A store between two versions of the program: copied, taken over, worked with by the older one again, given back."""

import errno
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.changes import Change, SystemClock
from storage.errors import DiskFull, StoreBusy, StoreForeign
from storage.records import Batch
from storage.sqlite import handover, start
from storage.sqlite.files import Ownership
from storage.sqlite.handover import assert_opens, give_back, is_as_kept, take_over
from storage.sqlite.migrate import FOLDER, Schema, migrate, schema_of, steps
from tests.storage.samples import furnished, open_store, step

NOW = len(steps())
LATER = (
    "CREATE TABLE later (x); ALTER TABLE alarms ADD COLUMN later TEXT; CREATE INDEX idx_alarms_later ON alarms (later);"
)


@dataclass(frozen=True)
class Programs:
    """The program as it is, and the next version of it, which knows one migration more."""

    folder: Path
    patch: pytest.MonkeyPatch

    def older(self) -> None:
        self._knows(FOLDER)

    def newer(self, *, compatible: bool) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(FOLDER, self.folder)
        told = f"-- compatible_from: {NOW}\n" if compatible else ""
        (self.folder / f"{NOW + 1:04}_later.sql").write_text(told + LATER)
        self._knows(self.folder)

    def _knows(self, folder: Path) -> None:
        for module in (start, handover):
            self.patch.setattr(module, "steps", lambda: steps(folder))
        self.patch.setattr(start, "migrate", lambda connection: migrate(connection, folder))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs(tmp_path / "migrations", monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "line.db"
    furnished(made).close()
    return made


def place(path: Path) -> start.Place:
    return start.Place(path, "TEST", 1, SystemClock())


def log(path: Path) -> tuple[Change, ...]:
    store = open_store(path)
    try:
        return store.view.changes_after(0, 10_000)
    finally:
        store.close()


def work(path: Path, number: int) -> None:
    store = open_store(path)
    seen, batch = step(f"CRS25WT60{number:05}")
    store.write(Batch((seen, *batch.records), batch.states))
    store.close()


def schema(path: Path) -> Schema:
    store = open_store(path)
    try:
        return schema_of(store._connection)
    finally:
        store.close()


def head(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("compatible", [True, False])
def test_a_store_is_copied_and_brought_to_the_newer_schema(path: Path, programs: Programs, compatible: bool) -> None:
    before = log(path)
    programs.newer(compatible=compatible)
    take_over(place(path), "2.0")
    assert schema(path) == Schema(NOW + 1, NOW if compatible else NOW + 1)
    assert log(path) == before
    programs.older()
    copy = path.with_name("line.db.before-2.0")
    assert (log(copy), schema(copy)) == (before, Schema(NOW, NOW))


def test_a_store_is_copied_also_where_its_schema_stays(path: Path) -> None:
    take_over(place(path), "2.0")
    assert is_as_kept(path, "2.0")
    take_over(place(path), "3.0")
    assert [one.name for one in path.parent.glob("*.before-*")] == ["line.db.before-3.0"]


def test_nothing_is_made_where_no_store_is(tmp_path: Path) -> None:
    take_over(place(tmp_path / "line.db"), "2.0")
    assert not (tmp_path / "line.db").exists()


def test_a_store_in_use_is_left_alone(path: Path) -> None:
    store = open_store(path)
    for handed in (take_over, give_back):
        with pytest.raises(StoreBusy):
            handed(place(path), "2.0")
    store.close()


def test_an_older_program_works_with_what_a_compatible_migration_left(path: Path, programs: Programs) -> None:
    programs.newer(compatible=True)
    take_over(place(path), "2.0")
    work(path, 1)
    programs.older()
    assert_opens(path)
    work(path, 2)
    store = open_store(path)
    store._doubtful = True  # a failed flush: the file is copied whole, with what this program does not know
    store.write(Batch(()))
    store.close()
    programs.newer(compatible=True)
    work(path, 3)
    changes = log(path)
    assert [change.seq for change in changes] == list(range(1, len(changes) + 1))
    store = open_store(path)
    assert all(store.view.panel(f"CRS25WT60{number:05}") for number in (1, 2, 3))
    store._connection.execute("SELECT x FROM later")
    store.close()


def test_an_older_program_leaves_alone_what_it_may_not_work_with(path: Path, programs: Programs) -> None:
    programs.newer(compatible=False)
    take_over(place(path), "2.0")
    programs.older()
    content = head(path)
    for opened in (lambda: assert_opens(path), lambda: open_store(path), lambda: take_over(place(path), "1.0")):
        with pytest.raises(StoreForeign, match="schema version"):
            opened()
    assert head(path) == content


def test_an_older_program_never_repairs_what_only_the_newer_knows_whole(path: Path, programs: Programs) -> None:
    programs.newer(compatible=True)
    take_over(place(path), "2.0")
    programs.older()
    data = bytearray(head(path))
    data[8192:12288] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(StoreForeign, match="newer program wrote it"):
        open_store(path)
    assert head(path) == bytes(data)
    programs.newer(compatible=True)
    open_store(path).close()
    assert list(path.parent.glob("*.damaged-*"))


def test_a_store_with_something_new_is_never_given_back(path: Path, programs: Programs) -> None:
    programs.newer(compatible=False)
    take_over(place(path), "2.0")
    work(path, 1)
    content = head(path)
    assert not give_back(place(path), "2.0")
    assert not give_back(place(path), "never kept")
    assert head(path) == content


def test_what_cannot_be_read_may_hold_something_new(path: Path) -> None:
    take_over(place(path), "2.0")
    path.write_bytes(b"")
    assert not is_as_kept(path, "2.0")
    path.write_bytes(b"x" * 8192)
    assert not give_back(place(path), "2.0")
    assert head(path) == b"x" * 8192


def test_what_a_killed_program_left_in_the_log_counts(path: Path) -> None:
    take_over(place(path), "2.0")
    store = open_store(path)
    seen, batch = step("CRS25WT6000009")
    store.write(Batch((seen, *batch.records), batch.states))
    store._connection.close(force=True)
    store._closed = True
    store._ownership.give_up()
    assert not give_back(place(path), "2.0")
    store = open_store(path)
    assert store.view.panel("CRS25WT6000009")
    store.close()


@pytest.mark.parametrize("at", ["copyfile", "renew", "swap_in"])
def test_a_crash_while_giving_back_leaves_the_one_or_the_other(
    path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    before = log(path)
    programs.newer(compatible=False)
    take_over(place(path), "2.0")
    with monkeypatch.context() as crashing:
        crashing.setattr(shutil if at == "copyfile" else handover, at, crash)
        with pytest.raises(Crash):
            give_back(place(path), "2.0")
    assert give_back(place(path), "2.0")
    programs.older()
    assert log(path) == before


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.integers(0, 2),
    turns=st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=3),
    after=st.integers(0, 2),
)
def test_nothing_acknowledged_is_lost_and_no_number_serves_twice(
    tmp_path_factory: pytest.TempPathFactory,
    programs: Programs,
    before: int,
    turns: list[tuple[bool, int]],
    after: int,
) -> None:
    """Upgrades that are given back, with work between: whatever a station called green stands in the end."""
    path = tmp_path_factory.mktemp("line") / "line.db"
    said: dict[tuple[UUID, int], UUID] = {}
    panels = iter(range(1, 100))
    done: list[int] = []
    ids: list[UUID] = []

    def worked(times: int) -> None:
        for _ in range(times):
            done.append(next(panels))
            work(path, done[-1])
            for change in log(path):
                assert said.setdefault((change.store_id, change.seq), change.uuid) == change.uuid

    programs.older()
    furnished(path).close()
    worked(before)
    for compatible, new in turns:
        programs.newer(compatible=compatible)
        take_over(place(path), "2.0")
        store = open_store(path)
        ids.append(store.store_id)
        store.close()
        worked(new)
        back = give_back(place(path), "2.0")
        assert back == (new == 0)
        if back or compatible:
            programs.older()
            worked(1)
        else:
            break
    worked(after)
    store = open_store(path)
    assert all(store.view.panel(f"CRS25WT60{number:05}") for number in done)
    assert store.view.changes_after(0, 10_000)
    store.close()


def test_a_copy_there_is_no_room_for_is_said_and_takes_no_room_for_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_over(place(path), "2.0")

    def half(_: Path, to: Path) -> None:
        to.write_bytes(bytes(4096))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(shutil, "copyfile", half)
        with pytest.raises(DiskFull):
            give_back(place(path), "2.0")
    open_store(path).close()
    assert [one.name for one in path.parent.glob("*.part")] == []


def test_a_store_given_back_has_an_id_of_its_own(path: Path) -> None:
    store = open_store(path)
    first = store.store_id
    store.close()
    take_over(place(path), "2.0")
    assert give_back(place(path), "2.0")
    store = open_store(path)
    assert store.store_id != first
    store.close()


def test_the_head_is_read_without_opening(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {Schema(NOW + 5, NOW).user_version}")
    connection.commit()
    connection.close()
    ownership = Ownership.take(path)
    assert_opens(path)
    ownership.give_up()
    assert_opens(path.with_name("not there"))
