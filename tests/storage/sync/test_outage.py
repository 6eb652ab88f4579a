"""The server dies, hangs, comes back; the network cuts, crawls and refuses: afterwards everything is there once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from simulators.servers import PostgresServer
from storage.errors import CentralAway
from storage.postgres.lease import Holder, take_lease
from storage.postgres.link import Link
from storage.sync import carrier as carrier_module
from storage.sync import patience, visit
from storage.sync.carrier import Carrier
from tests.servers import proxy as proxy_module
from tests.servers.proxy import Act, Fault, Proxy, Way, proxy
from tests.storage.sync.plant import Line, carrying, compare, drained, line, until

SMALL = pytest.param(4, 1, id="small")
FULL = pytest.param(800, 12, id="full", marks=pytest.mark.faults)


_COMMIT = b"Q\0\0\0\x0bCOMMIT\0"
_SILENT_FOR_MS = 1_000
"""The server ends a transaction whose line is silent for so long; 30 s otherwise."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Shorter waits, and smaller batches where little goes up, so that faults strike between them."""
    monkeypatch.setattr(patience, "ANSWER_WITHIN_S", 1.0)
    monkeypatch.setattr(carrier_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(carrier_module, "_LONGEST_PAUSE_S", 0.4)
    if not request.node.get_closest_marker("faults"):
        monkeypatch.setattr(visit, "BATCH", 25)


async def gone_up(it: Line, fewer_than: int) -> None:
    """Wait until the backlog is shorter than that."""
    while await it.waiting() >= fewer_than:  # noqa: ASYNC110
        await asyncio.sleep(0.001)


@asynccontextmanager
async def catching_up(
    it: Line, dsn: str, strikes: int
) -> AsyncGenerator[tuple[Carrier, Callable[[], Awaitable[None]]]]:
    """Run the exchange; the second given waits for the next of so many places, evenly spread over the backlog."""
    total = await it.waiting()
    left = iter(range(strikes, 0, -1))

    async def next_place() -> None:
        await gone_up(it, total * next(left) // (strikes + 1))

    async with carrying(it, dsn) as carrier:
        yield carrier, next_place


@pytest.mark.parametrize(("panels", "strikes"), [SMALL, FULL])
@pytest.mark.parametrize("how", ["killed", "restarted", "frozen"])
async def test_a_server_that_dies_or_hangs_in_mid_catch_up_has_everything_once_in_the_end(
    tmp_path: Path, tough: PostgresServer, harmed: str, panels: int, strikes: int, how: str
) -> None:
    async with line(tmp_path, panels=panels) as it:
        async with catching_up(it, harmed, strikes) as (carrier, next_place):
            for _ in range(strikes):
                await next_place()
                if how == "frozen":
                    tough.freeze()
                    await until(carrier, "does not answer")
                    tough.thaw()
                    continue
                await asyncio.to_thread(tough.kill if how == "killed" else tough.stop)
                await until(carrier, "central server")
                assert await it.waiting()
                await asyncio.to_thread(tough.start)
            await drained(carrier)
        await compare(harmed, it)


async def test_a_frozen_server_does_not_hold_up_the_end(tmp_path: Path, tough: PostgresServer, harmed: str) -> None:
    async with line(tmp_path, panels=4) as it:
        async with catching_up(it, harmed, 1) as (_, next_place):
            await next_place()
            tough.freeze()
        assert await it.waiting(), "the block ended while the server was frozen"
        tough.thaw()
        async with carrying(it, harmed) as carrier:
            await drained(carrier)
        await compare(harmed, it)


@pytest.mark.parametrize(("panels", "strikes"), [SMALL, FULL])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.before_commit(), id="request cut"),
        pytest.param(Fault.after_commit(), id="answer cut"),
        pytest.param(Fault.after_commit(Act.STALL), id="answer withheld"),
        pytest.param(Fault(Way.REQUEST, Act.STALL, pattern=_COMMIT), id="request withheld"),
        pytest.param(Fault(Way.REQUEST, after_bytes=20_000), id="cut in a batch"),
        pytest.param(Fault(Way.ANSWER, after_bytes=3_000), id="cut in an answer"),
    ],
)
async def test_a_connection_cut_around_a_commit_loses_and_doubles_nothing(
    tmp_path: Path, postgres: PostgresServer, central: str, panels: int, strikes: int, fault: Fault
) -> None:
    async with line(tmp_path, panels=panels) as it, proxy(postgres.home.port) as between:
        async with catching_up(it, through(between, central), strikes) as (carrier, next_place):
            for _ in range(strikes):
                between.arm(fault)
                await next_place()
                await between.struck.wait()
            await drained(carrier)
        assert between.struck.is_set()
        await compare(central, it)


async def test_over_a_slow_network_everything_goes_up(tmp_path: Path, postgres: PostgresServer, central: str) -> None:
    async with line(tmp_path, panels=1) as it, proxy(postgres.home.port) as between:
        between.delay_s = 0.01
        async with carrying(it, through(between, central)) as carrier:
            await drained(carrier)
        await compare(central, it)


@pytest.mark.faults
async def test_a_network_too_slow_for_whole_batches_is_given_smaller_ones(
    tmp_path: Path, postgres: PostgresServer, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some 100 kB/s, where a whole batch would need 200 kB within a second."""
    monkeypatch.setattr(visit, "BATCH", 500)
    monkeypatch.setattr(patience, "ANSWER_WITHIN_S", 1.0)
    monkeypatch.setattr(proxy_module, "_CHUNK", 1_000)
    async with line(tmp_path, panels=12) as it, proxy(postgres.home.port) as between:
        between.delay_s = 0.01
        async with carrying(it, through(between, central)) as carrier:
            await drained(carrier, within_s=60)
        await compare(central, it)


async def test_a_bell_rung_at_a_server_that_refuses_makes_nobody_ask_it_more_often(
    tmp_path: Path, central: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next attempt waits for its pause and for nothing else, and the loop turns for everybody meanwhile."""
    over, sleep = asyncio.Event(), asyncio.sleep

    async def pause(delay_s: float) -> None:
        await (over.wait() if delay_s else sleep(0))

    async with line(tmp_path, panels=1) as it, proxy(postgres.home.port) as between:
        between.refuse()
        async with carrying(it, through(between, central)) as carrier:
            monkeypatch.setattr(asyncio, "sleep", pause)
            while not between.connections:
                await sleep(0.01)
            for _ in range(10_000):
                carrier.ring()
                await sleep(0)
            assert between.connections == 1
            between.accept()
            over.set()
            monkeypatch.undo()
            await drained(carrier)
        await compare(central, it)


async def test_the_line_stays_held_through_a_long_catch_up(
    tmp_path: Path, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    greeted: list[int] = []

    async def noted(connection: Link, mine: Holder) -> str | None:
        greeted.append(await it.waiting())
        return await take_lease(connection, mine)

    monkeypatch.setattr(visit, "take_lease", noted)
    monkeypatch.setattr(carrier_module, "_GREET_EVERY_S", 0.0)
    async with line(tmp_path, panels=2) as it:
        async with carrying(it, central) as carrier:
            await drained(carrier)
        assert len([waiting for waiting in greeted if waiting]) >= 3


async def test_a_long_refusal_is_asked_ever_more_seldom_and_then_over(
    tmp_path: Path, postgres: PostgresServer, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay_s: float) -> None:
        pauses.append(delay_s)
        await sleep(0)

    async with line(tmp_path, panels=1) as it, proxy(postgres.home.port) as between:
        between.refuse()
        monkeypatch.setattr(carrier_module, "_FIRST_PAUSE_S", 0.5)
        monkeypatch.setattr(carrier_module, "_LONGEST_PAUSE_S", 15.0)
        monkeypatch.setattr(asyncio, "sleep", noted)
        async with carrying(it, through(between, central)) as carrier:
            while len(pauses) < 8:
                await sleep(0.01)
            assert pauses[:8] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
            between.accept()
            monkeypatch.undo()
            await drained(carrier)
        await compare(central, it)


async def test_a_retry_under_way_when_the_server_goes_away_is_answered(
    tmp_path: Path, postgres: PostgresServer, central: str
) -> None:
    async with line(tmp_path) as it, proxy(postgres.home.port) as between:
        async with carrying(it, through(between, central)) as carrier:
            await drained(carrier)
            between.arm(Fault.before_commit(Act.STALL))
            trying = asyncio.create_task(carrier.retry([1, 2]))
            with pytest.raises(CentralAway):
                async with asyncio.timeout(60):
                    await trying
        await compare(central, it)


def through(between: Proxy, dsn: str) -> str:
    options = f"-c idle_in_transaction_session_timeout={_SILENT_FOR_MS}"
    return make_conninfo(dsn, port=between.port, options=options)
