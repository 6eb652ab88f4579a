import asyncio
import re
from pathlib import Path

import psycopg
import pytest

from simulators.servers import PostgresServer
from storage.errors import CentralUnfit
from storage.postgres.handshake import COMPATIBLE_FROM, SCHEMA_VERSION, check_versions, handshake
from storage.postgres.link import Link, connect, conninfo
from storage.postgres.migrate import FOLDER, migrate, steps
from storage.records import EDITABLE, ConfigEntry, Criterion, thing_uuid
from tests.servers.fixtures import short_folder
from tests.storage.postgres.conftest import SITE

_SEED_TABLES = (
    "manufacturing_orders", "panels", "station_results", "station_criteria", "criteria_results", "pallets",
    "pallet_panels", "users", "system_config",
)  # fmt: skip


async def rows(conn: Link, query: str) -> list[tuple[object, ...]]:
    return await (await conn.execute(query.encode())).fetchall()


def test_the_program_knows_the_number_of_its_newest_migration() -> None:
    assert len(steps()) == SCHEMA_VERSION
    assert 1 <= COMPATIBLE_FROM <= SCHEMA_VERSION


async def test_an_empty_database_is_brought_up_once_and_again_changes_nothing(empty_dsn: str) -> None:
    assert await migrate(empty_dsn, site=SITE) == tuple(range(1, SCHEMA_VERSION + 1))
    async with await connect(empty_dsn) as conn:
        before = await rows(conn, "SELECT * FROM central_meta"), await rows(conn, "SELECT * FROM system_config")
        assert await migrate(empty_dsn, site=SITE) == ()
        assert before == (
            await rows(conn, "SELECT * FROM central_meta"), await rows(conn, "SELECT * FROM system_config"),
        )  # fmt: skip


async def test_two_at_once_wait_for_each_other(empty_dsn: str) -> None:
    ran = await asyncio.gather(*(migrate(empty_dsn, site=SITE) for _ in range(3)))
    assert sorted(map(len, ran)) == [0, 0, SCHEMA_VERSION]


async def test_a_migration_that_fails_leaves_nothing_of_itself(empty_dsn: str, tmp_path: Path) -> None:
    for step in steps():
        (tmp_path / step.path.name).write_text(step.path.read_text())
    broken = tmp_path / f"{SCHEMA_VERSION + 1:04}_broken.sql"
    broken.write_text("CREATE TABLE half (); SELECT nothing;")
    with pytest.raises(CentralUnfit):
        await migrate(empty_dsn, site=SITE, folder=tmp_path)
    async with await connect(empty_dsn) as conn:
        assert await rows(conn, "SELECT max(version), to_regclass('half') FROM schema_migrations") == [
            (SCHEMA_VERSION, None)
        ]
    broken.write_text("CREATE TABLE half ();")
    assert await migrate(empty_dsn, site=SITE, folder=tmp_path) == (SCHEMA_VERSION + 1,)


async def test_a_database_of_a_newer_program_or_another_site_is_left_alone(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "0001_only.sql").write_text("")
    with pytest.raises(CentralUnfit, match=f"version {SCHEMA_VERSION}"):
        await migrate(dsn, site=SITE, folder=tmp_path)
    with pytest.raises(CentralUnfit, match="site TEST"):
        await migrate(dsn, site="ELSEWHERE")


async def test_the_handshake_names_the_database_and_refuses_strangers_in_plain_words(conn: Link) -> None:
    central = await handshake(conn, SITE)
    assert (central.site, central.schema_version) == (SITE, SCHEMA_VERSION)
    assert central == await handshake(conn, SITE)
    with pytest.raises(CentralUnfit, match="site TEST"):
        await handshake(conn, "ELSEWHERE")


async def test_an_empty_database_names_the_command(empty_dsn: str) -> None:
    async with await connect(empty_dsn) as conn:
        with pytest.raises(CentralUnfit) as caught:
            await handshake(conn, SITE)
    assert "sunline central migrate" in caught.value.todo


def test_older_and_newer_schemas_are_told_apart() -> None:
    check_versions(SCHEMA_VERSION, COMPATIBLE_FROM)
    check_versions(SCHEMA_VERSION + 1, SCHEMA_VERSION)
    with pytest.raises(CentralUnfit) as older:
        check_versions(COMPATIBLE_FROM - 1, 1)
    assert "sunline central migrate" in older.value.todo
    with pytest.raises(CentralUnfit) as newer:
        check_versions(SCHEMA_VERSION + 2, SCHEMA_VERSION + 1)
    assert "Update sunline" in newer.value.todo


async def test_the_epoch_changes_when_the_server_is_set_back() -> None:
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg", fsync=False)
        try:
            server.start()
            await migrate(server.dsn(), site=SITE)
            async with await connect(server.dsn()) as conn:
                before = await handshake(conn, SITE)
            copied = server.copy_to(folder / "copied")
            server.restart()
            async with await connect(server.dsn()) as conn:
                assert (await handshake(conn, SITE)).epoch == before.epoch
            server.restore(copied)
            async with await connect(server.dsn()) as conn:
                after = await handshake(conn, SITE)
        finally:
            server.remove()
    assert after.epoch != before.epoch
    assert after.central_id == before.central_id


async def test_the_sample_rows_have_the_lines_own_names_and_lose_to_everything(conn: Link) -> None:
    alert = "SELECT config_value FROM system_config WHERE config_key = 'mo_alert_threshold'"
    assert await rows(conn, alert) == [("50",)]
    assert await rows(conn, "SELECT DISTINCT hlc, clock_state, edited_at FROM system_config") == [(0, "unknown", None)]
    named = await rows(conn, "SELECT uuid FROM station_criteria WHERE code = 'solder_joints'")
    assert named == [(thing_uuid(SITE, Criterion.KIND, "1:solder_joints"),)]
    named = await rows(conn, "SELECT uuid FROM system_config WHERE config_key = 'arm_timeout_s'")
    assert named == [(thing_uuid(SITE, ConfigEntry.KIND, "arm_timeout_s"),)]


async def test_sample_rows_that_were_edited_stay_edited(dsn: str) -> None:
    with psycopg.connect(conninfo(dsn)) as person:
        person.execute("UPDATE system_config SET config_value = '20' WHERE config_key = 'default_pallet_size'")
    await migrate(dsn, site=SITE)
    with psycopg.connect(conninfo(dsn)) as person:
        query = "SELECT config_value FROM system_config WHERE config_key = 'default_pallet_size'"
        assert person.execute(query.encode()).fetchone() == ("20",)


async def test_times_carry_zones_keys_are_uuids_and_no_index_name_is_used_twice(conn: Link) -> None:
    columns = await rows(conn, "SELECT table_name, column_name, data_type FROM information_schema.columns "
                               "WHERE table_schema = 'sunline'")  # fmt: skip
    assert not [column for column in columns if column[2] == "timestamp without time zone"]
    kinds = {(table, column): kind for table, column, kind in columns}
    for table in _SEED_TABLES:
        assert kinds[table, "uuid"] == "uuid"
        assert kinds[table, "id"] == "bigint"
    assert len(EDITABLE) == sum(column == "edited_at" for _, column, _ in columns)


def test_raw_tables_refuse_nothing() -> None:
    raw = next(FOLDER.glob("*_raw.sql")).read_text()
    tables = re.findall(r"CREATE TABLE raw_\w+ \((.*?)\n\);", raw, re.DOTALL)
    assert len(tables) == 3
    for body in tables:
        assert not re.search(r"NOT NULL|CHECK|varchar|integer|REFERENCES", body)
