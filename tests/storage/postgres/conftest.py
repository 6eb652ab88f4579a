"""A real server for this folder, and a database of its own for every test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from simulators.servers import PostgresServer
from storage.postgres.link import Link, connect
from storage.postgres.migrate import migrate

SITE = "TEST"
_NUMBERS = count(1)
_PLENTY = 4 << 30


def server_folder() -> Path:
    """An empty folder for a server: in memory where there is plenty, as every database is some hundred files."""
    memory = Path("/dev/shm")
    plenty = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _PLENTY
    return Path(tempfile.mkdtemp(prefix="sl", dir=memory if plenty else None))


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer.create(server_folder(), fsync=False)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def template(server: PostgresServer) -> str:
    """A migrated database to copy."""
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute("CREATE DATABASE template_sunline")
    asyncio.run(migrate(server.dsn(dbname="template_sunline"), site=SITE))
    return "template_sunline"


def new_database(server: PostgresServer, template: str) -> str:
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.dsn(dbname=name)


@pytest.fixture
def empty_dsn(server: PostgresServer) -> str:
    """An empty database."""
    return new_database(server, "template0")


@pytest.fixture
def dsn(server: PostgresServer, template: str) -> str:
    """A migrated database."""
    return new_database(server, template)


@pytest.fixture(scope="session")
def shared_dsn(server: PostgresServer, template: str) -> str:
    """A migrated database for tests that take back what they write."""
    return new_database(server, template)


@pytest.fixture
async def conn(dsn: str) -> AsyncIterator[Link]:
    async with await connect(dsn) as conn:
        yield conn
