"""Who answers: the central server while it can, the line where it cannot, and the answer says which."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from redis import Redis

from simulators.servers import ValkeyServer
from storage.errors import CentralAway
from storage.postgres.link import Link, connect
from storage.redis.cache import Cache
from storage.redis.client import Client, LinkState
from storage.redis.place import Place
from storage.sync.status import Backlog, SyncStatus
from tests.daemon.control.bench import START, Bench, bench, wire
from tests.storage.samples import ADMIN, ORDER

SINCE = datetime(2026, 3, 1, 6, tzinfo=UTC)


class Server:
    """The exchange with a real central server, as far as questions go."""

    address = "far away"
    redis: LinkState | None = None

    def __init__(self, dsn: str, cache: Cache | None = None) -> None:
        self.dsn = dsn
        self.cache = cache
        self.status = SyncStatus(connected=True, since=SINCE)
        self.asked = 0

    @asynccontextmanager
    async def questions(self) -> AsyncIterator[Link]:
        self.asked += 1
        async with await connect(self.dsn) as link:
            yield link

    async def backlog(self) -> Backlog:
        raise NotImplementedError

    def ring(self) -> None:
        raise NotImplementedError

    async def drained(self, within_s: float) -> bool:
        raise NotImplementedError

    async def retry(self, seqs: Sequence[int]) -> None:
        raise NotImplementedError

    async def discard(self, seq: int, by: UUID, reason: str) -> None:
        raise NotImplementedError


@pytest.fixture
def server(migrated_dsn: str) -> Server:
    """A central server that knows one order, of which the line knows nothing."""
    with psycopg.connect(migrated_dsn, options="-c search_path=sunline") as person:
        person.execute(
            "INSERT INTO manufacturing_orders (uuid, mo_number, panel_type, line_number, quantity)"
            " VALUES (gen_random_uuid(), 'MO-THERE', '60', 2, 5)"
        )
    return Server(migrated_dsn)


@pytest.fixture
async def line(tmp_path: Path, server: Server) -> AsyncIterator[Bench]:
    """A line with that server, that knows one order itself."""
    async with bench(tmp_path) as made:
        await made.write(ADMIN, replace(ORDER, created_at=START))
        made.line.central = server
        yield made


async def orders(line: Bench, **args: object) -> tuple[list[str], str, str | None]:
    async with wire(line.path) as client:
        found = await client.get("order.list", **args)
    return [row["mo_number"] for row in found["rows"]], found["source"], found["away_since"]


async def test_who_is_asked_answers_and_says_so(line: Bench) -> None:
    assert await orders(line, source="central") == (["MO-THERE"], "central", None)
    assert await orders(line, source="auto") == (["MO-THERE"], "central", None)
    assert await orders(line, source="local") == (["MO-1"], "local", None)


async def test_a_server_that_is_away_is_stood_in_for_by_the_line(line: Bench, server: Server) -> None:
    server.status = SyncStatus(connected=False, since=SINCE, trouble="No route.")
    assert await orders(line, source="auto") == (["MO-1"], "local", "2026-03-01T06:00:00Z")
    assert server.asked == 0


async def test_a_server_that_was_there_a_moment_ago_is_stood_in_for_too(line: Bench, server: Server) -> None:
    server.dsn = "host=127.0.0.1 port=9 dbname=x"
    found, source, since = await orders(line, source="auto")
    assert (found, source) == (["MO-1"], "local")
    assert since is not None
    async with wire(line.path) as client:
        no = await client.no("order.list", source="central")
    assert (no["code"], no["todo"]) == ("refused", CentralAway.todo)


async def test_a_line_without_a_server_answers_itself(line: Bench) -> None:
    line.line.central = None
    assert await orders(line, source="auto") == (["MO-1"], "local", None)
    async with wire(line.path) as client:
        assert (await client.no("order.list", source="central"))["message"] == "This line has no central server."


async def test_an_answer_is_kept_until_something_changes(
    line: Bench, server: Server, valkey: ValkeyServer, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text(valkey.home.secret)
    client = Client(Place(f"redis://127.0.0.1:{valkey.home.port}/0", secret))
    server.cache = Cache(client)
    try:
        for _ in range(3):
            assert await orders(line, source="central") == (["MO-THERE"], "central", None)
        assert server.asked == 1
        assert await orders(line, source="central", limit=7) == (["MO-THERE"], "central", None)
        assert server.asked == 2
        async with wire(line.path) as asking:
            for _ in range(2):
                assert (await asking.get("panel.search", text="Lötstelle 3"))["rows"] == []
        assert server.asked == 3
        await server.cache.invalidate()
        await orders(line, source="central")
        assert server.asked == 4
        with Redis.from_url(valkey.url()) as judge:
            assert judge.keys("CACHE:*")
    finally:
        await client.aclose()


async def test_an_order_is_shown_by_whoever_is_asked(line: Bench) -> None:
    async with wire(line.path) as client:
        there = await client.get("order.show", mo_number="MO-THERE", source="central")
        assert (there["remaining"], there["pallets"], there["source"]) == (5, [], "central")
        assert (await client.get("order.show", mo_number="MO-1"))["source"] == "local"
        for number, source in (("MO-1", "central"), ("MO-THERE", "local")):
            assert (await client.no("order.show", mo_number=number, source=source))["code"] == "not_found"
