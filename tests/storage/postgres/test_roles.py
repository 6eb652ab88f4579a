"""What the two roles can do and cannot."""

from collections.abc import Generator, Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from simulators.servers import PostgresServer
from storage.errors import CentralUnfit
from storage.postgres.feed import START, feed_after, held_back_s, position_now
from storage.postgres.handshake import handshake
from storage.postgres.link import connect, conninfo
from storage.postgres.migrate import migrate
from storage.postgres.tables import OF_KIND
from tests.storage.postgres.conftest import SITE

Login = psycopg.Connection[tuple[object, ...]]
_EDITED = (
    "users", "system_config", "station_criteria", "manufacturing_orders", "order_choices", "panels", "pallets",
    "sticks",
)  # fmt: skip


@pytest.fixture(scope="module")
def logins(postgres: PostgresServer, migrated: str) -> Generator[None, None, None]:
    with psycopg.connect(postgres.dsn(), autocommit=True) as conn:
        for name in ("daemon", "reader"):
            conn.execute(f"CREATE ROLE {name}_login LOGIN PASSWORD 'x' IN ROLE sunline_{name}".encode())
    yield
    with psycopg.connect(postgres.dsn(), autocommit=True) as conn:
        conn.execute("DROP ROLE daemon_login, reader_login")


def _dsn(dsn: str, name: str) -> str:
    return psycopg.conninfo.make_conninfo(dsn, user=f"{name}_login", password="x")


@pytest.fixture
def daemon(dsn: str, logins: None) -> Iterator[Login]:
    with psycopg.connect(conninfo(_dsn(dsn, "daemon")), autocommit=True) as conn:
        yield conn


@pytest.fixture
def reader(dsn: str, logins: None) -> Iterator[Login]:
    with psycopg.connect(conninfo(_dsn(dsn, "reader")), autocommit=True) as conn:
        yield conn


def _refused(login: Login, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        login.execute(statement.encode())


async def test_the_daemon_shakes_hands_follows_the_feed_and_stores_every_kind(dsn: str, logins: None) -> None:
    async with await connect(_dsn(dsn, "daemon")) as conn:
        assert (await handshake(conn, SITE)).site == SITE
        assert await feed_after(conn, START, 5)
        await position_now(conn)
        await held_back_s(conn)
        for table in OF_KIND.values():
            await conn.execute(table.up, ("{}",) * table.up.count("%s"))
            await conn.execute(table.down, ([],))


def test_the_daemons_edits_and_counts_reach_the_feed_it_cannot_write(daemon: Login) -> None:
    before = daemon.execute("SELECT count(*) FROM feed").fetchone()
    daemon.execute("UPDATE system_config SET config_value = '24', hlc = 5 WHERE config_key = 'default_pallet_size'")
    assert daemon.execute("SELECT count(*) FROM feed").fetchone() != before
    _refused(daemon, "INSERT INTO feed (kind, uuid) VALUES ('x', gen_random_uuid())")


def test_the_daemon_rewrites_no_fact_deletes_nothing_and_changes_no_schema(daemon: Login) -> None:
    for table in OF_KIND.values():
        _refused(daemon, f"DELETE FROM {table.name}")
        _refused(daemon, f"TRUNCATE {table.name} CASCADE")
        if table.name not in _EDITED:
            _refused(daemon, f"UPDATE {table.name} SET hlc = 1")
    for statement in (
        "UPDATE central_meta SET site = 'x'", "DELETE FROM feed", "DELETE FROM sync_conflicts",
        "UPDATE sync_conflicts SET rule = 'hlc'", "DELETE FROM line_stores", "DROP TABLE panels",
        "ALTER TABLE panels ADD x int", "CREATE TABLE sunline.x ()", "INSERT INTO schema_migrations VALUES (99, 'x')",
    ):  # fmt: skip
        _refused(daemon, statement)


def test_the_reader_reads_everything_but_what_lets_somebody_sign_in(reader: Login) -> None:
    for table in OF_KIND.values():
        if table.name != "users":
            reader.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table.name)))
    reader.execute("SELECT username, role, email FROM users")
    reader.execute("SELECT * FROM panels WHERE words(notes) @@ to_tsquery('simple', 'x')")
    for column in ("password_hash", "badge_hash"):
        _refused(reader, f"SELECT {column} FROM users")
    _refused(reader, "SELECT * FROM users")


def test_the_reader_writes_nothing(reader: Login) -> None:
    for table in OF_KIND.values():
        _refused(reader, f"INSERT INTO {table.name} (uuid) VALUES (gen_random_uuid())")
        _refused(reader, f"UPDATE {table.name} SET hlc = 1")
        _refused(reader, f"DELETE FROM {table.name}")
    _refused(reader, "CREATE TABLE sunline.x ()")


def test_a_login_without_a_role_sees_nothing(postgres: PostgresServer, dsn: str) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as conn:
        conn.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
        try:
            with psycopg.connect(psycopg.conninfo.make_conninfo(dsn, user="stranger", password="x")) as stranger:
                _refused(stranger, "SELECT * FROM sunline.panels")
        finally:
            conn.execute("DROP ROLE stranger")


async def test_a_person_with_psql_needs_no_schema_name(empty_dsn: str) -> None:
    await migrate(empty_dsn, site=SITE)
    with psycopg.connect(empty_dsn) as person:
        person.execute("SELECT * FROM panels")


async def test_migrating_without_the_right_to_says_who_may(empty_dsn: str, logins: None) -> None:
    with pytest.raises(CentralUnfit) as caught:
        await migrate(_dsn(empty_dsn, "daemon"), site=SITE)
    assert "owner of the database" in caught.value.todo
