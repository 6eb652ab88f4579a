from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from daemon.control.peers import Peer
from tests.daemon.control.bench import Bench, bench
from tests.stations.office.shop import PEOPLE, order


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Bench]:
    """A line nobody has signed up to."""
    async with bench(tmp_path) as made:
        yield made


@pytest.fixture
async def line(empty: Bench) -> Bench:
    """A line with people and an order."""
    await empty.write(*PEOPLE, order())
    return empty


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the next connections come from a login."""

    def become(os_user: str) -> None:
        async def peer_of(_: object) -> Peer:
            return Peer(0 if os_user == "root" else 4321, os_user)

        monkeypatch.setattr("daemon.control.server.peer_of", peer_of)

    return become
