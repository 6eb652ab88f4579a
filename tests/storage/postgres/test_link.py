import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from simulators.servers import PostgresServer
from storage.errors import CentralAway, CentralUnfit, RowsRefused
from storage.postgres.failures import meaning
from storage.postgres.link import Link, abandon, connect, conninfo, our_errors, read_dsn, redacted
from storage.postgres.tables import FactRow, store_facts
from tests.servers.fixtures import short_folder

BOUND_S = 60.0


@pytest.fixture(scope="module")
def victim() -> Iterator[PostgresServer]:
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg", fsync=False)
        try:
            yield server
        finally:
            server.remove()


@pytest.fixture
def frozen(victim: PostgresServer) -> Iterator[PostgresServer]:
    """A server apart, to be frozen and killed."""
    victim.start()
    yield victim
    victim.thaw()


def test_what_the_string_does_not_say_gets_a_safe_default() -> None:
    given = conninfo_to_dict(conninfo("host=a,b dbname=plant"))
    assert given["target_session_attrs"] == "read-write"
    assert (given["connect_timeout"], given["tcp_user_timeout"]) == ("3", "4000")
    assert "search_path=sunline" in str(given["options"])
    assert "timezone=UTC" in str(given["options"])


def test_what_the_string_says_stands() -> None:
    given = conninfo_to_dict(conninfo("postgresql://x@h/db?connect_timeout=9&options=-c%20search_path%3Dother"))
    assert given["connect_timeout"] == "9"
    assert "sunline" not in str(given["options"])


def test_no_secret_is_shown_and_an_unreadable_string_is_not_quoted() -> None:
    shown = redacted("host=a user=u password=geheim sslpassword=geheim dbname=d")
    assert sorted(shown.split()) == ["dbname=d", "host=a", "user=u"]
    assert "geheim" not in redacted("postgresql://u:geheim@a/d")
    assert redacted("host=a password geheim") == "(unreadable)"
    with pytest.raises(CentralUnfit) as caught:
        conninfo("host=a geheim")
    assert "geheim" not in f"{caught.value} {caught.value.__cause__}"


def test_the_string_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "dsn").write_text("host=a dbname=b\n")
    assert read_dsn(tmp_path / "dsn") == "host=a dbname=b"
    with pytest.raises(CentralUnfit):
        read_dsn(tmp_path / "nothing")


async def test_a_wrong_name_password_or_database_needs_a_person(postgres: PostgresServer) -> None:
    for dsn in (postgres.dsn(password="wrong"), postgres.dsn(user="nobody_here"), postgres.dsn(dbname="nowhere")):
        with pytest.raises(CentralUnfit):
            await connect(dsn)


async def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(CentralAway):
        await connect("host=127.0.0.1 port=1 dbname=x")


async def test_several_hosts_are_tried_in_turn(postgres: PostgresServer) -> None:
    home = postgres.home
    dsn = (
        postgres.dsn()
        .replace("host=127.0.0.1", "host=127.0.0.1,127.0.0.1")
        .replace(f"port={home.port}", f"port=1,{home.port}")
    )
    async with await connect(dsn) as conn:
        assert await (await conn.execute("SELECT 1")).fetchone() == (1,)


async def test_the_server_ends_what_a_silent_line_left_open(conn: Link) -> None:
    for setting, value in (
        ("tcp_keepalives_idle", "5"),
        ("tcp_keepalives_count", "3"),
        ("client_connection_check_interval", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ):
        assert await (await conn.execute(f"SHOW {setting}".encode())).fetchone() == (value,)
    await conn.execute("SET idle_in_transaction_session_timeout = 50")

    async def fall_silent() -> None:
        async with conn.transaction():
            await conn.execute("SELECT 1")
            async for _ in conn.notifies(timeout=60):
                pass

    with pytest.raises(CentralAway), our_errors():
        await fall_silent()


async def test_errors_say_whether_to_retry_to_park_or_to_call_somebody(conn: Link) -> None:
    for statement, meant in (
        ("SELECT 1/0", RowsRefused),
        ("INSERT INTO system_config (uuid) VALUES (NULL)", RowsRefused),
        ("SELECT nothing", CentralUnfit),
        ("SET TRANSACTION READ ONLY; INSERT INTO line_leases VALUES (1)", CentralAway),
        ("SELECT pg_terminate_backend(pg_backend_pid())", CentralAway),
        ("SELECT 1", CentralAway),
    ):
        with pytest.raises(meant), our_errors():
            await conn.execute(statement.encode())


def test_a_transaction_ended_by_the_server_is_tried_again() -> None:
    assert isinstance(meaning(psycopg.errors.IdleInTransactionSessionTimeout("late")), CentralAway)


async def test_a_nul_is_the_rows_own_fault(conn: Link) -> None:
    with pytest.raises(RowsRefused) as caught, our_errors():
        await conn.execute("SELECT %s::text", ("a\0b",))
    assert caught.value.sqlstate is None


async def test_poison_in_a_pipeline_is_named_and_not_taken_for_a_lost_server(conn: Link) -> None:
    poison = FactRow(b'{"uuid":"not a uuid"}', 1, uuid4(), "synced")

    async def send() -> None:
        async with conn.transaction(), conn.pipeline():
            await store_facts(conn, "alarm", [poison])
            later = await conn.execute("SELECT 1")
            await later.fetchall()

    with pytest.raises(RowsRefused) as caught, our_errors():
        await send()
    assert caught.value.sqlstate == "22P02"
    assert await (await conn.execute("SELECT 1")).fetchone() == (1,)


@pytest.mark.parametrize("pipelined", [False, True])
async def test_a_frozen_server_holds_nobody(frozen: PostgresServer, pipelined: bool) -> None:
    conn = await connect(frozen.dsn())

    async def ask() -> None:
        async with asyncio.timeout(0.2), conn.transaction(), conn.pipeline() if pipelined else nullcontext():
            await conn.execute("SELECT 1")

    frozen.freeze()
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(CentralAway), our_errors():
            await ask()
    assert conn.closed
    await conn.close()


async def test_a_frozen_server_lets_nobody_in_but_keeps_nobody(frozen: PostgresServer) -> None:
    frozen.freeze()
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(CentralAway):
            await connect(frozen.dsn())


async def test_stopping_while_the_server_is_frozen_is_a_cancellation(frozen: PostgresServer) -> None:
    async def ask() -> None:
        async with await connect(frozen.dsn()) as conn:
            frozen.freeze()
            asked.set()
            with our_errors():
                await conn.execute("SELECT 1")

    asked = asyncio.Event()
    task = asyncio.create_task(ask())
    await asked.wait()
    task.cancel()
    async with asyncio.timeout(BOUND_S):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_killed_server_is_away_and_the_connection_closed(frozen: PostgresServer) -> None:
    conn = await connect(frozen.dsn())
    frozen.kill()
    with pytest.raises(CentralAway), our_errors():
        await conn.execute("SELECT 1")
    assert conn.closed


async def test_an_abandoned_connection_is_closed_and_its_transaction_gone(dsn: str) -> None:
    conn = await connect(dsn)
    await conn.execute("BEGIN")
    await conn.execute("CREATE TABLE left_behind ()")
    abandon(conn)
    assert conn.closed
    with psycopg.connect(dsn) as other:
        assert other.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)
