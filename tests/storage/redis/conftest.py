"""A server, clients of it that are closed at the end, and a judge who looks into Redis directly."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.redis.breaker import Breaker
from storage.redis.client import Client
from storage.redis.place import Place
from tests.servers.fixtures import short_folder
from tests.storage.redis.server import Server

Judge = Any
Open = Callable[..., Client]


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    with short_folder() as folder:
        server = Server(folder)
        try:
            yield server
        finally:
            server.remove()


@pytest.fixture
def server(_server: Server) -> Server:
    _server.heal()
    return _server


@pytest.fixture
async def open_client(server: Server) -> AsyncIterator[Open]:
    """Clients of the server: patient ones unless told, for this machine may be slow; their breaker tries again soon."""
    opened: list[Client] = []

    def open_one(
        url: str | None = None, *, bound_s: float = 10.0, password_file: Path | None = server.secret_file
    ) -> Client:
        breaker = Breaker(first_s=0.01, cap_s=0.05)
        opened.append(Client(Place(url or server.url, password_file), bound_s=bound_s, breaker=breaker))
        return opened[-1]

    yield open_one
    for client in opened:
        await client.aclose()


@pytest.fixture
def judge(server: Server) -> Iterator[Judge]:
    with server.judge() as client:
        yield client
