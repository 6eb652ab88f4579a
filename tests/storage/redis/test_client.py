import asyncio

import pytest
from redis.asyncio import Redis

from storage.redis.breaker import Breaker
from storage.redis.client import Client, NoAnswer
from storage.redis.place import Place
from tests.storage.redis.conftest import Judge, Open
from tests.storage.redis.proxy import Mode, Proxy
from tests.storage.redis.server import Server
from tests.storage.redis.waiting import until

SHORT_S = 0.1


async def ping(redis: Redis) -> object:
    return await redis.ping()


async def answers(client: Client) -> bool:
    try:
        await client.ask(ping)
    except NoAnswer:
        return False
    return True


async def until_it_answers(client: Client) -> None:
    async with asyncio.timeout(60):
        while not await answers(client):  # noqa: ASYNC110 -- another process has no event
            await asyncio.sleep(0.005)


async def test_a_call_returns_while_the_server_is_still_frozen(server: Server, open_client: Open) -> None:
    client = open_client(bound_s=SHORT_S)
    await until_it_answers(client)
    server.freeze()
    for _ in range(10):
        assert not await answers(client)
    assert server.frozen
    assert not client.state.connected
    assert client.state.last_error == "Redis does not answer in time."
    server.thaw()
    await until_it_answers(client)
    assert client.state.connected


async def test_a_server_that_is_not_there_costs_one_refusal(server: Server, open_client: Open) -> None:
    client = open_client()
    server.kill()
    assert not await answers(client)
    assert client.state.last_error is not None
    assert client.state.last_error.startswith("Redis cannot be reached")
    server.start()
    await until_it_answers(client)


async def test_a_restart_between_two_calls_is_not_noticed(server: Server, open_client: Open) -> None:
    client = open_client()
    assert await answers(client)
    await asyncio.to_thread(server.restart)
    assert await answers(client)


async def test_an_open_breaker_does_not_even_ask(server: Server) -> None:
    async with Proxy(server.port) as proxy:
        client = Client(
            Place(proxy.url, server.secret_file), bound_s=SHORT_S, breaker=Breaker(first_s=1000, cap_s=1000)
        )
        proxy.mode = Mode.STALL
        for _ in range(3):
            assert not await answers(client)
        asked = proxy.accepted
        proxy.mode = Mode.FORWARD
        with pytest.raises(NoAnswer, match="does not answer in time") as refused:
            await client.ask(ping)
        assert proxy.accepted == asked
        assert refused.value.todo
        await client.aclose()


async def test_many_callers_at_once_send_one_probe(server: Server, open_client: Open) -> None:
    async with Proxy(server.port) as proxy:
        client = open_client(proxy.url, bound_s=SHORT_S)
        proxy.mode = Mode.STALL
        for _ in range(3):
            await answers(client)
        for _ in range(5):
            await asyncio.sleep(0.06)
            before = proxy.accepted
            await asyncio.gather(*(answers(client) for _ in range(20)))
            assert proxy.accepted <= before + 1
        await client.aclose()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\xff\xfe" * 100,
        b":12x\r\n",
        b"*-7\r\n$-9\r\n",
        b"*1\r\n" * 3000,
        b"$99999999999\r\nabc",
        b"+OK\r\n" * 50,
        b"%1\r\n+a\r\n",
    ],
)
async def test_whatever_answers_it_is_never_more_than_no_answer(
    server: Server, open_client: Open, nonsense: bytes
) -> None:
    async with Proxy(server.port) as proxy:
        client = open_client(proxy.url, bound_s=SHORT_S)
        proxy.mode, proxy.nonsense = Mode.NONSENSE, nonsense
        for _ in range(5):
            await answers(client)
        proxy.mode = Mode.FORWARD
        client._bound_s = 10
        await until_it_answers(client)
        assert await client.ask(lambda redis: redis.echo("right")) == b"right"
        await client.aclose()


async def test_an_answer_that_trickles_in_has_one_limit_not_one_a_byte(server: Server, open_client: Open) -> None:
    async with Proxy(server.port) as proxy:
        client = open_client(proxy.url, bound_s=SHORT_S)
        proxy.mode = Mode.TRICKLE
        with pytest.raises(NoAnswer):
            await client.ask(lambda redis: redis.echo("x" * 100_000))
        await client.aclose()


async def test_connections_that_idled_through_a_failure_are_not_trusted_any_more(
    server: Server, open_client: Open, judge: Judge
) -> None:
    async with Proxy(server.port) as proxy:
        client = open_client(proxy.url)
        await asyncio.gather(*(answers(client) for _ in range(5)))
        await until(lambda: len(judge.client_list()) > 2)
        client._bound_s = SHORT_S
        proxy.mode = Mode.STALL
        assert not await answers(client)
        await until(lambda: len(judge.client_list()) == 1)
        await client.aclose()


async def test_a_refusal_is_an_answer(open_client: Open, judge: Judge) -> None:
    client = open_client()
    judge.set("text", "abc")
    for _ in range(5):
        with pytest.raises(NoAnswer, match="Redis refused"):
            await client.ask(lambda redis: redis.lpush("text", "1"))
    assert client.state.connected
    assert await answers(client)


async def test_a_full_server_is_connected_and_says_so(server: Server, open_client: Open, judge: Judge) -> None:
    client = open_client()
    judge.config_set("maxmemory-policy", "noeviction")
    judge.config_set("maxmemory", "1")
    with pytest.raises(NoAnswer, match="Redis is full"):
        await client.ask(lambda redis: redis.set("a", "b"))
    assert client.state.connected
    assert client.state.last_error == "Redis is full."


async def test_cancelled_anywhere_nothing_stays_open_and_the_next_call_is_well(
    server: Server, open_client: Open
) -> None:
    client = open_client()
    for turns in range(40):
        asking = asyncio.create_task(client.ask(lambda redis: redis.echo("lost")))
        for _ in range(turns % 14):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert await client.ask(lambda redis: redis.echo("mine")) == b"mine"


async def test_a_cancelled_wait_takes_its_connection_with_it(open_client: Open, judge: Judge) -> None:
    client = open_client()
    waiting = asyncio.create_task(client.wait(lambda redis: redis.blpop(["never"], timeout=0), 60))
    await until(lambda: any(one["cmd"] == "blpop" for one in judge.client_list()))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: not any(one["cmd"] == "blpop" for one in judge.client_list()))


async def test_a_blocking_wait_does_not_stand_in_the_way_of_quick_calls(open_client: Open, judge: Judge) -> None:
    client = open_client()
    waiting = asyncio.create_task(client.wait(lambda redis: redis.blpop(["bell"], timeout=0), 60))
    await until(lambda: any(one["cmd"] == "blpop" for one in judge.client_list()))
    assert await answers(client)
    judge.rpush("bell", "x")
    assert await waiting == (b"bell", b"x")


async def test_closing_does_not_wait_for_a_frozen_server(server: Server, open_client: Open) -> None:
    client = open_client(bound_s=SHORT_S)
    await until_it_answers(client)
    server.freeze()
    await client.aclose()
    assert server.frozen
    server.thaw()


async def test_state_says_since_when(server: Server, open_client: Open) -> None:
    client = open_client()
    assert client.state.since is None
    assert await answers(client)
    first = client.state
    assert await answers(client)
    assert client.state == first
    server.kill()
    await answers(client)
    gone = client.state
    assert gone.since is not None
    assert first.since is not None
    assert gone.since > first.since
    assert not gone.connected
