"""Every old file upgrades, and an upgraded one is the same as a new one.

`schemas/NNNN.sql` is a file of version NNNN as its own program made it, with a few rows; a new migration adds one:
`python -m tests.storage.test_migrations` writes the newest where it is missing.
"""

import re
import shutil
import tempfile
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import StoreForeign
from storage.records import Batch
from storage.sqlite import Store
from storage.sqlite.connection import open_writing
from storage.sqlite.migrate import APPLICATION_ID, FOLDER, Schema, migrate, schema_of, steps, version_of
from storage.sqlite.queries import QUERIES
from tests.storage.samples import furnished, open_store, step

SCHEMAS = Path(__file__).parent / "schemas"
VERSIONS = sorted(SCHEMAS.glob("[0-9]*.sql"))


def schema(connection: apsw.Connection) -> dict[tuple[str, str], str]:
    """Give every object's definition, without the blanks it was written with."""
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1, 2").fetchall()
    return {(str(kind), str(name)): re.sub(r"\s+", " ", str(sql)) for kind, name, sql in rows}


def load(dump: Path, path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(dump.read_text(encoding="utf-8"))
    connection.close()


def dump(path: Path) -> str:
    """Write a file as SQL, with what the head says of it."""
    connection = apsw.Connection(str(path))
    lines = [f"PRAGMA application_id={APPLICATION_ID};", f"PRAGMA user_version={schema_of(connection).user_version};"]
    lines += [f"{sql};" for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for row in connection.execute(f"SELECT * FROM {table}"):
            lines.append(f"INSERT INTO {table} VALUES ({', '.join(map(apsw.format_sql_value, row))});")
    connection.close()
    triggers = [line for line in lines if line.startswith("CREATE TRIGGER")]
    return "\n".join([*(line for line in lines if line not in triggers), *triggers, ""])


def sample(path: Path) -> None:
    store = furnished(path)
    seen, batch = step("CRS25WT6000001")
    store.write(Batch((seen, *batch.records), batch.states))
    store.close()


def test_every_version_has_its_file() -> None:
    assert [path.stem for path in VERSIONS] == [path.name[:4] for path in steps()]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.stem)
def test_an_old_file_upgrades_to_the_schema_of_a_new_one_and_keeps_its_rows(tmp_path: Path, version: Path) -> None:
    path = tmp_path / "line.db"
    load(version, path)
    store = open_store(path)
    fresh = open_store(tmp_path / "fresh.db")
    assert schema(store._connection) == schema(fresh._connection)
    assert store.view.panel("CRS25WT6000001")
    assert [change.record().uuid for change in store.view.changes_after(0, 100)]
    store.close()
    fresh.close()


def test_a_step_that_comes_later_brings_an_old_file_where_a_new_one_begins(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    (folder / f"{len(steps()) + 1:04}_later.sql").write_text(
        "ALTER TABLE alarms ADD COLUMN later TEXT; CREATE INDEX idx_alarms_later ON alarms (later);"
    )
    old, new = open_writing(tmp_path / "old.db", create=True), open_writing(tmp_path / "new.db", create=True)
    old.execute(VERSIONS[-1].read_text(encoding="utf-8"))
    changes = old.execute("SELECT count(*) FROM changes").fetchall()
    migrate(old, folder)
    migrate(new, folder)
    assert schema(old) == schema(new)
    assert version_of(old) == version_of(new) == len(steps()) + 1
    assert old.execute("SELECT count(*) FROM changes").fetchall() == changes != [(0,)]


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_good.sql").write_text("CREATE TABLE a (x);")
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (x); CREATE TABLE a (x);")
    connection = apsw.Connection(":memory:")
    with pytest.raises(apsw.SQLError):
        migrate(connection, folder)
    assert version_of(connection) == 1
    assert [name for _, name in schema(connection)] == ["a"]
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (x);")
    migrate(connection, folder)
    assert version_of(connection) == 2


def test_a_newer_file_is_refused() -> None:
    connection = apsw.Connection(":memory:")
    connection.pragma("user_version", 99)
    with pytest.raises(StoreForeign):
        migrate(connection)


def test_a_newer_file_whose_migration_says_so_is_worked_with_as_it_is() -> None:
    connection = apsw.Connection(":memory:")
    connection.pragma("user_version", Schema(99, len(steps())).user_version)
    migrate(connection)
    assert schema_of(connection) == Schema(99, len(steps()))
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchall() == [(0,)]


@given(st.integers(1, 30_000), st.integers(1, 30_000), st.integers(1, 30_000))
def test_a_file_says_in_its_head_who_may_work_with_it(version: int, oldest: int, known: int) -> None:
    schema = Schema(version, min(oldest, version))
    assert Schema.of(schema.user_version) == schema
    assert Schema.of(version) == Schema(version, version), "files made before that was noted"
    assert schema.opens_with(known) == (known >= min(oldest, version))
    connection = apsw.Connection(":memory:")
    connection.pragma("user_version", schema.user_version)
    assert schema_of(connection) == schema


@given(st.lists(st.none() | st.integers(1, 6), min_size=1, max_size=6))
def test_no_program_works_with_a_file_after_a_step_that_did_not_allow_it(says: list[int | None]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for number, oldest in enumerate(says, 1):
            told = "" if oldest is None else f"-- compatible_from: {min(oldest, number)}\n"
            (folder / f"{number:04}_step.sql").write_text(f"-- A step.\n{told}CREATE TABLE t{number} (x);")
        connection = apsw.Connection(":memory:")
        migrate(connection, folder)
    last = len(says)
    for known in range(1, last + 1):
        allowed = all(oldest is not None and min(oldest, step) <= known
                      for step, oldest in enumerate(says, 1) if step > known)  # fmt: skip
        assert schema_of(connection).opens_with(known) == allowed


def test_the_version_before_may_work_with_every_schema() -> None:
    for known in range(1, len(steps())):
        connection = apsw.Connection(":memory:")
        connection.create_scalar_function("words", lambda *_: "[]", 1)
        migrate(connection)
        assert schema_of(connection).opens_with(known) or known < len(steps()) - 1


def test_a_gap_in_the_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0002_second.sql").touch()
    with pytest.raises(ValueError, match="numbered"):
        steps(tmp_path)


def test_no_two_indexes_share_a_name_and_each_carries_its_table() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.sql"))
    for name, table in re.findall(r"CREATE INDEX (\w+) ON (\w+)", text):
        assert name.startswith(f"idx_{table}_")


def test_every_query_of_a_decision_uses_an_index(tmp_path: Path) -> None:
    """Small tables may be read whole; those that grow with every panel may not."""
    growing = {
        "local_panels", "local_station_results", "criteria_results", "raw_scans", "scan_outcomes", "raw_flashes",
        "flash_rulings", "pallet_panels", "changes", "sign_ins",
    }  # fmt: skip
    reports = {"panel_counts", "tester_findings", "last_change", "last_own_hlc"}
    store: Store = open_store(tmp_path / "line.db")
    for name, query in QUERIES.items():
        if name in reports or name.startswith("export_"):  # parts of exports, which have a test of their own
            continue
        plan = store._connection.execute(f"EXPLAIN QUERY PLAN {query}", [None] * query.count("?")).fetchall()
        scanned = {str(row[3]).removeprefix("SCAN ") for row in plan if str(row[3]).startswith("SCAN ")}
        assert not scanned & growing, (name, scanned)
    store.close()


if __name__ == "__main__":
    target = SCHEMAS / f"{steps()[-1].name[:4]}.sql"
    if not target.exists():
        with tempfile.TemporaryDirectory() as folder:
            sample(Path(folder) / "line.db")
            target.write_text(dump(Path(folder) / "line.db"), encoding="utf-8")
