"""A database of its own for every test, on the worker's server."""

from collections.abc import AsyncIterator, Generator

import pytest

from simulators.servers import PostgresServer
from storage.postgres.link import Link, connect
from tests.servers.fixtures import database

SITE = "TEST"


@pytest.fixture
def empty_dsn(postgres: PostgresServer) -> Generator[str, None, None]:
    """An empty database."""
    with database(postgres, "template0") as name:
        yield postgres.dsn(dbname=name)


@pytest.fixture
def dsn(migrated_dsn: str) -> str:
    """A migrated database."""
    return migrated_dsn


@pytest.fixture(scope="session")
def shared_dsn(postgres: PostgresServer, migrated: str) -> Generator[str, None, None]:
    """A migrated database for tests that take back what they write."""
    with database(postgres, migrated) as name:
        yield postgres.dsn(dbname=name)


@pytest.fixture
async def conn(dsn: str) -> AsyncIterator[Link]:
    async with await connect(dsn) as conn:
        yield conn
