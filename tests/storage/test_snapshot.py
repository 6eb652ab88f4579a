"""Before a newer program changes the schema, the store as it was is kept; without that copy nothing is changed."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from storage.errors import DiskFull, FlushFailed
from storage.sqlite import Store, snapshot, start
from storage.sqlite.disk import MIB
from storage.sqlite.migrate import FOLDER, migrate, steps, version_of
from tests.storage.samples import furnished, open_store

NOW = len(steps())


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the program know one migration more; give the folder of its migrations."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    (folder / f"{NOW + 1:04}_later.sql").write_text("CREATE TABLE later (x);")
    monkeypatch.setattr(start, "steps", lambda: steps(folder))
    monkeypatch.setattr(start, "migrate", lambda connection: migrate(connection, folder))
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a store of the program as it is, closed."""
    made = tmp_path / "data" / "line.db"
    furnished(made).close()
    return made


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def version(path: Path) -> int:
    return int(str(asked(path, "PRAGMA user_version")[0][0]))


def copies(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if ".before-" in one.name)


def test_a_newer_program_keeps_the_store_as_it_was_beside_it(path: Path, newer: Path) -> None:
    rows = asked(path, "SELECT * FROM changes")
    open_store(path).close()
    kept = path.with_name(f"line.db.before-{NOW + 1}")
    assert (version(path), version(kept)) == (NOW + 1, NOW)
    assert asked(kept, "SELECT * FROM changes") == rows == asked(path, "SELECT * FROM changes")
    assert asked(kept, "PRAGMA integrity_check") == [("ok",)]
    assert copies(path) == [kept.name]


def test_a_program_that_changes_nothing_copies_nothing(path: Path) -> None:
    open_store(path).close()
    open_store(path).close()
    assert copies(path) == []


def test_only_the_copy_of_the_last_upgrade_is_kept(path: Path, newer: Path) -> None:
    open_store(path).close()
    (newer / f"{NOW + 2:04}_last.sql").write_text("CREATE TABLE last (x);")
    open_store(path).close()
    assert copies(path) == [f"line.db.before-{NOW + 2}"]
    assert version(path.with_name(copies(path)[0])) == NOW + 1


@pytest.mark.parametrize(("spare", "free_mb"), [(0, 65), (64 * MIB, 1)])
def test_without_room_for_the_copy_and_the_line_nothing_is_changed_and_a_person_is_told_how_much_to_free(
    path: Path, newer: Path, monkeypatch: pytest.MonkeyPatch, spare: int, free_mb: int
) -> None:
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10 + spare))
        with pytest.raises(DiskFull) as told:
            open_store(path)
    assert f"Free {free_mb} MB" in told.value.todo
    assert (version(path), copies(path)) == (NOW, [])
    open_store(path).close()
    assert version(path) == NOW + 1


@pytest.mark.parametrize("every", [1, 4096, 5 * 4096])
def test_a_copy_that_cannot_be_read_back_is_none_and_no_damage_of_the_store(
    path: Path, newer: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    def spoilt(copy: Path) -> apsw.Connection:
        data = bytearray(copy.read_bytes())
        data[4096::every] = b"\xff" * len(data[4096::every])  # pages do not say any more what they are
        copy.write_bytes(data)
        return apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READONLY)

    with monkeypatch.context() as sick:
        sick.setattr(snapshot, "open_reading", spoilt)
        with pytest.raises(FlushFailed):
            open_store(path)
    assert (version(path), copies(path)) == (NOW, [])
    assert not list(path.parent.glob("*.damaged-*"))


@pytest.mark.parametrize("at", ["VACUUM", "replace", "unlink", "migrate"])
def test_a_crash_at_any_point_leaves_a_store_that_upgrades_at_the_next_start(
    path: Path, newer: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as crashing:
        match at:
            case "VACUUM":
                crashing.setattr(snapshot, "_assert_readable", crash)
            case "migrate":
                crashing.setattr(start, "migrate", crash)
            case _:
                crashing.setattr(Path, at, crash)
        with pytest.raises(Crash):
            Store.open(path, site="TEST", line_number=1)
    path.with_name(f"line.db.before-{NOW + 1}.part").write_text("what a crash left")
    before = asked(path, "SELECT * FROM changes")
    open_store(path).close()
    kept = path.with_name(f"line.db.before-{NOW + 1}")
    assert (version(path), version(kept)) == (NOW + 1, NOW)
    assert asked(kept, "SELECT * FROM changes") == before
    assert copies(path) == [kept.name]


def test_the_version_is_read_from_the_file(path: Path) -> None:
    connection = apsw.Connection(str(path))
    assert version_of(connection) == NOW
    connection.close()
