"""Whatever becomes of Redis, every call comes back before Redis does, and afterwards everything is there again."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from storage.redis.breaker import Breaker
from storage.redis.cache import Cache
from storage.redis.client import Client
from storage.redis.place import Place
from storage.redis.queue import Entry, SyncQueue
from storage.redis.sessions import Sessions, session_key
from storage.redis.updates import UPDATES_KEY, Update, Updates
from tests.storage.redis.conftest import Judge
from tests.storage.redis.line import Line, queued, running, sign_in, sign_out
from tests.storage.redis.proxy import Mode, Proxy
from tests.storage.redis.server import Server
from tests.storage.redis.waiting import until
from tests.storage.samples import panel

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL, FULL = 12, 300


async def answer() -> bytes:
    return b"{}"


Call = Callable[[Client], Awaitable[object]]

CALLS: dict[str, Call] = {
    "push": lambda client: SyncQueue(client).push([Entry(uuid4(), uuid4(), "x", NOW)]),
    "push many": lambda client: SyncQueue(client).push([Entry(uuid4(), uuid4(), "x", NOW)] * 10_000),
    "restore": lambda client: SyncQueue(client).restore([Entry(uuid4(), uuid4(), "x", NOW)]),
    "publish": lambda client: Updates(client).publish([Update("1-1", None, "x", NOW)]),
    "read": lambda client: Updates(client).after(),
    "sign in": lambda client: Sessions(client).signed_in(sign_in()),
    "rebuild": lambda client: Sessions(client).rebuild([sign_in() for _ in range(8)]),
    "invalidate": lambda client: Cache(client).invalidate(),
    "cached": lambda client: Cache(client).cached("q", {"panel": uuid4()}, 60, answer),
}


@dataclass
class Faulty:
    """A server behind a proxy, and what can become of it."""

    server: Server
    proxy: Proxy
    judge: Judge

    async def frozen(self) -> None:
        self.server.freeze()

    async def killed(self) -> None:
        self.server.kill()

    async def stalled(self) -> None:
        self.proxy.mode = Mode.STALL

    async def trickling(self) -> None:
        self.proxy.mode = Mode.TRICKLE

    async def nonsense(self) -> None:
        self.proxy.mode = Mode.NONSENSE

    async def full(self) -> None:
        self.judge.config_set("maxmemory", "1")

    async def read_only(self) -> None:
        self.judge.replicaof("127.0.0.1", "1")

    async def flushed(self) -> None:
        self.judge.flushall()

    async def spoiled(self) -> None:
        for key in ("SYNC_QUEUE", "CACHE_GENERATION", "MIRROR_MARK:1", *self.judge.keys("SESSION:*")):
            self.judge.delete(key)
            self.judge.geoadd(key, (1, 2, "nonsense"))
        self.judge.set(UPDATES_KEY, "nonsense")

    async def well(self) -> None:
        self.proxy.mode = Mode.FORWARD
        if not self.server.running:
            await asyncio.to_thread(self.server.start)
        if self.server.frozen:
            self.server.thaw()
        self.judge.config_set("maxmemory", "0")
        self.judge.replicaof("NO", "ONE")


REFUSING = ["full", "read_only"]
ON_THE_WAY = ["stalled", "trickling", "nonsense"]
LASTING = ["frozen", "killed", *ON_THE_WAY, *REFUSING]
PASSING = ["flushed", "spoiled"]


def client_of(proxy: Proxy, server: Server, bound_s: float = 0.1) -> Client:
    breaker = Breaker(first_s=0.01, cap_s=0.05)
    return Client(Place(proxy.url, server.secret_file), bound_s=bound_s, breaker=breaker)


@asynccontextmanager
async def faulty_and_client(server: Server, judge: Judge) -> AsyncIterator[tuple[Faulty, Client]]:
    async with Proxy(server.port) as proxy:
        client = client_of(proxy, server)
        try:
            yield Faulty(server, proxy, judge), client
        finally:
            await client.aclose()


@pytest.mark.parametrize("fault", LASTING)
async def test_every_call_comes_back_while_the_fault_lasts(server: Server, judge: Judge, fault: str) -> None:
    async with Proxy(server.port) as proxy:
        faulty = Faulty(server, proxy, judge)
        clients = {name: client_of(proxy, server, bound_s=0.03) for name in CALLS}
        for name, client in clients.items():
            await CALLS[name](client)
        await getattr(faulty, fault)()
        for name, client in clients.items():
            for _ in range(3):
                came_back = await CALLS[name](client)
            assert name != "cached" or came_back == b"{}"
            assert client.state.last_error is not None or (fault in REFUSING and name == "read"), name
            assert fault != "frozen" or server.frozen, name
            await client.aclose()
        await faulty.well()


@pytest.mark.parametrize("fault", LASTING + PASSING)
async def test_everything_that_counts_is_there_again_after(server: Server, judge: Judge, fault: str) -> None:
    line, stays, goes = Line(), sign_in(), sign_in()
    line.write(stays, goes, panel())
    async with faulty_and_client(server, judge) as (faulty, client), running(client, line) as mirror:
        await until(lambda: mirror.rebuilt)
        await getattr(faulty, fault)()
        line.write(panel(), sign_out(goes), panel())
        mirror.ring()
        if fault in LASTING:
            await until(lambda: client.state.last_error)
        await faulty.well()
        await until(lambda: whole(faulty.judge, line))


def whole(judge: Judge, line: Line) -> bool:
    """Whether Redis shows the line's sessions and every waiting panel; an entry may stand there twice."""
    if judge.type("SYNC_QUEUE") != b"list":
        return False
    shown = {key.decode() for key in judge.keys("SESSION:*") if judge.type(key) == b"hash"}
    waiting = {str(change.made.uuid) for change in line.waiting if change.kind == "panel"}
    return waiting == {str(entry[0]) for entry in queued(judge)} and shown == {
        session_key(one.user_uuid) for one in line.sign_ins.values()
    }


@pytest.mark.parametrize("rounds", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(900)])])
async def test_any_order_of_faults_leaves_a_line_that_works_and_a_redis_made_whole(
    server: Server, judge: Judge, rounds: int
) -> None:
    chance, line = random.Random(rounds), Line()
    async with faulty_and_client(server, judge) as (faulty, client), running(client, line) as mirror:
        cache, well = Cache(client), True
        for _ in range(rounds):
            await getattr(faulty, chance.choice(LASTING + PASSING if well else ON_THE_WAY))()
            for _ in range(chance.randrange(1, 5)):
                work(line, chance)
                mirror.ring()
                assert await cache.cached("count", {"seq": len(line.log)}, 60, answer) == b"{}"
                await cache.invalidate()
            well = chance.random() < 0.7
            if well:
                await faulty.well()
                if chance.random() < 0.5:
                    await until(lambda: whole(judge, line))
        await faulty.well()
        await until(lambda: whole(judge, line))
        await until(lambda: client.state.connected)


def work(line: Line, chance: random.Random) -> None:
    line.write(panel(), sign_in())
    if chance.random() < 0.5:
        line.write(sign_out(chance.choice(list(line.sign_ins.values()))))
