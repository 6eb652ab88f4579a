"""Fixtures with real servers: one of each a worker process, a fresh database a test.

`postgres` and `valkey` are shared: use them, do not harm them. `own_postgres` and `own_valkey` are a test's own.
"""

import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis

from simulators.servers import PostgresServer, ValkeyServer

_names = (f"t{number}" for number in count(1))


@contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder with a short name that every user may enter, as servers need; it is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sl-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(server: PostgresServer, template: str = "template1") -> Iterator[str]:
    """Make a database like the template, with the settings and grants the template has; dropped afterwards."""
    name = next(_names)
    with psycopg.connect(server.dsn(socket=True), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        for statement in _kept_apart(admin, template):
            admin.execute(statement.replace("{name}", name))
    try:
        yield name
    finally:
        with psycopg.connect(server.dsn(socket=True), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _kept_apart(admin: psycopg.Connection, template: str) -> list[str]:
    """Return what a template does not hand on: settings and grants of the database itself."""
    found = admin.execute(
        """
        WITH settings AS (
            SELECT setrole, split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value
            FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) entry
            WHERE datname = %(template)s
        )
        SELECT format('ALTER %%s SET %%I = %%s',
                      CASE WHEN setrole = 0 THEN 'DATABASE {name}'
                           ELSE format('ROLE %%s IN DATABASE {name}', setrole::regrole) END,
                      name, CASE WHEN name = 'search_path' THEN value ELSE quote_literal(value) END)
        FROM settings
        UNION ALL
        SELECT format('GRANT %%s ON DATABASE {name} TO %%s', privilege_type, grantee::regrole)
        FROM pg_database, aclexplode(datacl) WHERE datname = %(template)s AND grantee <> 0
        UNION ALL
        SELECT 'REVOKE ALL ON DATABASE {name} FROM PUBLIC' FROM pg_database
        WHERE datname = %(template)s AND datacl IS NOT NULL
              AND NOT EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = 0)
        """,
        {"template": template},
    ).fetchall()
    return [str(statement) for (statement,) in found]


@pytest.fixture(scope="session")
def postgres() -> Generator[PostgresServer, None, None]:
    """The worker's PostgreSQL, for tests that do it no harm."""
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg", fsync=False)
        try:
            server.start()
            yield server
        finally:
            server.remove()


@pytest.fixture
def dsn(postgres: PostgresServer) -> Generator[str, None, None]:
    """A fresh, empty database as its superuser, over TCP."""
    with database(postgres) as name:
        yield postgres.dsn(dbname=name)


@pytest.fixture
def own_postgres() -> Generator[PostgresServer, None, None]:
    """A PostgreSQL to crash and freeze, started, with honest fsync."""
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg")
        try:
            server.start()
            yield server
        finally:
            server.remove()


@pytest.fixture(scope="session")
def _valkey() -> Generator[ValkeyServer, None, None]:
    with short_folder() as folder:
        server = ValkeyServer.create(folder / "vk")
        try:
            server.start()
            yield server
        finally:
            server.remove()


@pytest.fixture
def valkey(_valkey: ValkeyServer) -> ValkeyServer:
    """The worker's Valkey, emptied, for tests that do it no harm."""
    with redis.Redis.from_url(_valkey.url()) as client:
        client.flushall()
    return _valkey


@pytest.fixture
def own_valkey() -> Generator[ValkeyServer, None, None]:
    """A small Valkey to kill, freeze and fill, started."""
    with short_folder() as folder:
        server = ValkeyServer.create(folder / "vk", maxmemory="4mb")
        try:
            server.start()
            yield server
        finally:
            server.remove()
