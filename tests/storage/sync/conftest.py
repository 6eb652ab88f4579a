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


def _prepared(server: PostgresServer) -> str:
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {_TEMPLATE}")
    asyncio.run(migrate(server.dsn(dbname=_TEMPLATE), site=SITE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def _template(postgres: PostgresServer) -> str:
    return _prepared(postgres)


@pytest.fixture
def central(postgres: PostgresServer, _template: str) -> Generator[str, None, None]:
    """A migrated database of its own on the worker's server: do that server no harm."""
    with database(postgres, _template) as name:
        yield postgres.dsn(dbname=name)


@pytest.fixture(scope="session")
def _tough() -> Generator[PostgresServer, None, None]:
    with short_folder() as folder:
        server = PostgresServer.create(folder / "pg")
        try:
            server.start()
            _prepared(server)
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
