import psycopg
import pytest
import redis

from simulators.servers import PostgresServer, ValkeyServer
from storage.postgres.migrate import migrate
from tests.servers.fixtures import database


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_a_database_of_its_own(dsn: str, turn: int) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE panel (serial text)")


def test_a_database_has_the_settings_and_grants_of_its_template(postgres: PostgresServer, dsn: str) -> None:
    template = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    assert isinstance(template, str)
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA central CREATE TABLE panel (serial text)")
        admin.execute(f"ALTER DATABASE {template} SET search_path = central, pg_temp")
        admin.execute(f"ALTER DATABASE {template} SET statement_timeout = '7s'")
        admin.execute("DROP ROLE IF EXISTS visitor")
        admin.execute("CREATE ROLE visitor LOGIN")
        admin.execute(f"REVOKE ALL ON DATABASE {template} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {template} TO visitor")
    with database(postgres, template) as name:
        with psycopg.connect(postgres.dsn(dbname=name)) as connection:
            assert connection.execute("SELECT count(*) FROM panel").fetchone() == (0,)
            assert connection.execute("SHOW statement_timeout").fetchone() == ("7s",)
        with psycopg.connect(postgres.dsn("visitor", name, socket=True)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("visitor",)
            assert connection.execute(
                "SELECT has_database_privilege('visitor', current_database(), 'TEMPORARY')"
            ).fetchone() == (False,)


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_finds_valkey_empty(valkey: ValkeyServer, turn: int) -> None:
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.dbsize() == 0
        client.set("SESSION:1", "x")


async def test_servers_can_be_used_from_coroutines(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        found = await connection.execute("SELECT 1")
        assert await found.fetchone() == (1,)


async def test_a_migrated_database_has_nothing_left_to_migrate(migrated_dsn: str) -> None:
    assert await migrate(migrated_dsn, site="TEST") == ()
