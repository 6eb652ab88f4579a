import psycopg
import pytest
from psycopg.errors import DiskFull

from tests.servers.disk import SmallPostgres

_INSERT = "INSERT INTO panel SELECT repeat(md5(n::text), 60) FROM generate_series(1, 50) n"


def panels(small: SmallPostgres) -> int:
    with psycopg.connect(small.server.dsn()) as connection:
        found = connection.execute("SELECT count(*) FROM panel").fetchone()
        assert found is not None
        return int(found[0])


def write_until_refused(small: SmallPostgres) -> tuple[int, psycopg.Error]:
    """Return how many rows were committed before the first refusal, and that."""
    committed = 0
    with psycopg.connect(small.server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE panel (serial text)")
        small.fill_disk(left_bytes=1_000_000)
        while True:
            try:
                committed += connection.execute(_INSERT).rowcount
            except psycopg.Error as error:
                return committed, error


def test_a_full_disk_refuses_writes_keeps_what_is_committed_and_goes_on_when_it_is_freed(
    small_postgres: SmallPostgres,
) -> None:
    committed, refusal = write_until_refused(small_postgres)
    assert isinstance(refusal, DiskFull)
    assert panels(small_postgres) == committed > 0
    small_postgres.free_disk()
    with psycopg.connect(small_postgres.server.dsn()) as connection:
        connection.execute(_INSERT)
    assert panels(small_postgres) == committed + 50


@pytest.mark.parametrize("small_postgres", ["wal"], indirect=True)
def test_a_full_disk_of_the_log_takes_the_server_down_and_loses_nothing(small_postgres: SmallPostgres) -> None:
    committed, refusal = write_until_refused(small_postgres)
    assert isinstance(refusal, psycopg.OperationalError)
    small_postgres.free_disk()
    small_postgres.server.kill()
    small_postgres.server.start()
    assert committed > 0
    assert panels(small_postgres) - committed in (0, 50), "the refused statement may have been committed"
