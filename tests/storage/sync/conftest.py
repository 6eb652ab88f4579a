"""Migrated databases: on the worker's server, and on one of this folder's own that a test may harm."""

import asyncio
from collections.abc import Generator

import psycopg
import pytest

from simulators.servers import PostgresServer
from storage.postgres.migrate import migrate
from tests.servers.fixtures import database, short_folder
from tests.storage.sync.shift import SITE

_TEMPLATE = "sync_template"


@pytest.fixture
def central(migrated_dsn: str) -> str:
    """A migrated database of its own on the worker's server: do that server no harm."""
    return migrated_dsn


@pytest.fixture(scope="session")
def _tough() -> Generator[PostgresServer, None, None]:
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg")
        try:
            server.start()
            with psycopg.connect(server.dsn(), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {_TEMPLATE}")
            asyncio.run(migrate(server.dsn(dbname=_TEMPLATE), site=SITE))
            yield server
        finally:
            server.remove()


@pytest.fixture
def tough(_tough: PostgresServer) -> Generator[PostgresServer, None, None]:
    """A server with honest fsync to kill, freeze and restart: well again before the next test."""
    try:
        yield _tough
    finally:
        _tough.thaw()
        _tough.start()


@pytest.fixture
def harmed(tough: PostgresServer) -> Generator[str, None, None]:
    """A migrated database of its own on the server that a test may harm."""
    with database(tough, _TEMPLATE) as name:
        yield tough.dsn(dbname=name)
        tough.thaw()
        tough.start()
