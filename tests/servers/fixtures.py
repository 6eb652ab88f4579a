"""Fixtures with real servers: one of each a worker process, a fresh database a test.

`postgres` and `valkey` are shared: use them, do not harm them. `own_postgres` and `own_valkey` are a test's own.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis

from simulators.servers import PostgresServer, ValkeyServer
from tests.servers.cable import Cable, CableError
from tests.servers.disk import DiskError, SmallDisk, SmallPostgres

_SHM = Path("/dev/shm")
_ROOMY_BYTES = 2_000_000_000
_names = (f"t{number}" for number in count(1))


@contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder with a short name that every user may enter, as servers need; it is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sl-", dir=_memory()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _memory() -> Path | None:
    """Return the place for files in memory if it will do: a fresh database takes a fifth of the time there."""
    if not os.access(_SHM, os.W_OK):
        return None
    room = os.statvfs(_SHM)
    roomy = room.f_bavail * room.f_frsize > _ROOMY_BYTES
    return _SHM if roomy and not room.f_flag & os.ST_NOEXEC else None


@contextmanager
def database(server: PostgresServer, template: str = "template1") -> Iterator[str]:
    """Make a database like the template, with the settings and grants the template has; dropped afterwards."""
    name = next(_names)
    with psycopg.connect(server.dsn(socket=True), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # two thirds of the work
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
    """A PostgreSQL to crash and freeze, started. Without fsync: commits survive any kill, not a power cut."""
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg", fsync=False)
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


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> str:
    """The name of a migrated database of the site TEST, to copy with `database(postgres, migrated)`."""
    from storage.postgres.migrate import migrate  # every test run loads this file; a broken product must not break it

    with psycopg.connect(postgres.dsn(socket=True), autocommit=True) as admin:
        admin.execute("CREATE DATABASE migrated")
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, migrate(postgres.dsn(dbname="migrated"), site="TEST")).result()
    return "migrated"


@pytest.fixture
def migrated_dsn(postgres: PostgresServer, migrated: str) -> Generator[str, None, None]:
    """A fresh central database of the site TEST as its superuser, over TCP."""
    with database(postgres, migrated) as name:
        yield postgres.dsn(dbname=name)


@pytest.fixture
def cable() -> Generator[Cable, None, None]:
    """A cable that can be pulled; the test is skipped where this machine permits none."""
    laid = Cable()
    try:
        yield laid.lay()
    except CableError as error:
        pytest.skip(str(error))
    finally:
        laid.remove()


@pytest.fixture
def far_postgres(cable: Cable) -> Generator[PostgresServer, None, None]:
    """A PostgreSQL at the far end of the cable; reach it from `cable.client` by `dsn()`."""
    with short_folder() as folder:
        place = cable.server
        server = PostgresServer.create(folder / "pg", fsync=False, listen=place.address, within=place.within)
        try:
            server.start()
            yield server
        finally:
            server.remove()


@pytest.fixture
def far_valkey(cable: Cable) -> Generator[ValkeyServer, None, None]:
    """A Valkey at the far end of the cable; reach it from `cable.client` by `url()`."""
    with short_folder() as folder:
        server = ValkeyServer.create(folder / "vk", listen=cable.server.address, within=cable.server.within)
        try:
            server.start()
            yield server
        finally:
            server.remove()


@pytest.fixture
def small_disk() -> Generator[SmallDisk, None, None]:
    """A disk of 96 MB that can be filled; the test is skipped where this machine permits none."""
    with short_folder() as folder:
        disk = SmallDisk(folder / "disk", megabytes=96)
        try:
            disk.mount()
            yield disk
        except DiskError as error:
            pytest.skip(str(error))
        finally:
            disk.remove()


@pytest.fixture
def small_postgres(small_disk: SmallDisk, request: pytest.FixtureRequest) -> Generator[SmallPostgres, None, None]:
    """A PostgreSQL, started, whose disk can be filled; parametrize it indirectly with "wal" for its log's disk only."""
    only_wal = getattr(request, "param", "all") == "wal"
    with short_folder() as folder:
        small = SmallPostgres(small_disk, folder / "pg", only_wal=only_wal)
        try:
            small.server.start()
            yield small
        finally:
            small.server.remove()
