import asyncio

import psycopg
import pytest
import redis.asyncio
from psycopg.conninfo import make_conninfo
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from simulators.servers import PostgresServer, ValkeyServer
from tests.servers.proxy import Act, Fault, Proxy, Way, _Watch, proxy


async def connect(dsn: str, between: Proxy) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(make_conninfo(dsn, port=between.port, connect_timeout=5))


async def rows(dsn: str) -> int:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        found = await (await connection.execute("SELECT count(*) FROM panel")).fetchone()
        assert found is not None
        return int(found[0])


async def insert(dsn: str, between: Proxy, *, pipeline: bool = False) -> None:
    async with await connect(dsn, between) as connection:
        if pipeline:
            async with connection.pipeline(), connection.transaction():
                await connection.execute("INSERT INTO panel VALUES (%s)", ["a"])
        else:
            await connection.execute("INSERT INTO panel VALUES (%s)", ["a"])


@pytest.fixture
async def panels(dsn: str) -> str:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute("CREATE TABLE panel (serial text)")
    return dsn


async def test_without_faults_everything_passes_both_ways(panels: str, postgres: PostgresServer) -> None:
    async with proxy(postgres.home.port) as between:
        await insert(panels, between)
        async with await connect(panels, between) as connection:
            large = await (await connection.execute("SELECT repeat('x', 3000000)")).fetchone()
            assert large is not None
            assert len(large[0]) == 3_000_000
        assert await rows(panels) == 1
        assert between.connections == 2


@pytest.mark.parametrize("pipeline", [False, True])
@pytest.mark.parametrize(("fault", "committed"), [(Fault.before_commit(), 0), (Fault.after_commit(), 1)])
async def test_a_cut_before_the_commit_loses_it_and_a_cut_after_it_loses_only_the_answer(
    panels: str, postgres: PostgresServer, fault: Fault, committed: int, pipeline: bool
) -> None:
    async with proxy(postgres.home.port) as between:
        between.arm(fault)
        with pytest.raises(psycopg.OperationalError):
            await insert(panels, between, pipeline=pipeline)
        assert between.struck.is_set()
        assert await rows(panels) == committed
        await insert(panels, between, pipeline=pipeline)
        assert await rows(panels) == committed + 1


async def test_a_forwarded_request_is_carried_out(panels: str, postgres: PostgresServer) -> None:
    async with proxy(postgres.home.port) as between:
        between.arm(Fault(Way.REQUEST, Act.STALL, pattern=b"COMMIT", forward=True))
        writing = asyncio.create_task(insert(panels, between))
        await between.struck.wait()
        while not await rows(panels):  # noqa: ASYNC110 (the server tells nobody)
            await asyncio.sleep(0)
        assert not writing.done()
        between.cut()
        with pytest.raises(psycopg.OperationalError):
            await writing


@pytest.mark.parametrize("way", list(Way))
async def test_a_cut_after_so_many_bytes_lets_exactly_those_through(way: Way) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                heard.put_nowait(data)
                writer.write(data)
        except ConnectionError:
            heard.put_nowait(b"reset")
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, proxy(server.sockets[0].getsockname()[1]) as between:
        between.arm(Fault(way, after_bytes=7))
        reader, writer = await asyncio.open_connection("127.0.0.1", between.port)
        writer.write(b"abcdef")
        assert await reader.readexactly(6) == b"abcdef"
        writer.write(b"ghi")
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(100)
        writer.close()
        arrived = b""
        while not arrived.endswith(b"reset"):
            arrived += await heard.get()
        assert arrived == (b"abcdefgreset" if way is Way.REQUEST else b"abcdefghireset")


def test_a_pattern_in_pieces_is_found_and_one_that_passed_before_is_not() -> None:
    watch, fault = _Watch(Way.REQUEST), Fault(Way.REQUEST, pattern=b"COMMIT")
    assert watch.look(b"xCOMMIT", [fault]) is not None
    assert watch.look(b"more", [fault]) is None
    assert watch.look(b"COM", [fault]) is None
    found = watch.look(b"MIT", [fault])
    assert found is not None
    assert found.forwarded == 0


async def test_a_stall_keeps_the_connection_and_nothing_passes_until_it_flows(
    panels: str, postgres: PostgresServer
) -> None:
    async with proxy(postgres.home.port) as between, await connect(panels, between) as connection:
        between.stall()
        asking = asyncio.create_task(connection.execute("SELECT 1"))
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            await psycopg.AsyncConnection.connect(make_conninfo(panels, port=between.port, connect_timeout=2))
        assert not asking.done()
        between.flow()
        assert await (await asking).fetchone() == (1,)


async def test_a_refusing_proxy_resets_until_it_accepts(panels: str, postgres: PostgresServer) -> None:
    async with proxy(postgres.home.port) as between:
        async with await connect(panels, between) as connection:
            between.refuse()
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            await connect(panels, between)
        between.accept()
        await insert(panels, between)


async def test_a_server_that_is_down_looks_down_through_the_proxy(panels: str, own_valkey: ValkeyServer) -> None:
    async with (
        proxy(own_valkey.home.port) as between,
        redis.asyncio.Redis.from_url(own_valkey.url(port=between.port), retry=Retry(NoBackoff(), 0)) as client,
    ):
        assert await client.ping()
        own_valkey.kill()
        with pytest.raises(RedisError):
            await client.ping()
        own_valkey.start()
        assert await client.ping()


async def test_a_slow_server_is_slower_than_the_time_out(valkey: ValkeyServer) -> None:
    async with (
        proxy(valkey.home.port) as between,
        redis.asyncio.Redis.from_url(
            valkey.url(port=between.port), retry=Retry(NoBackoff(), 0), socket_timeout=0.5
        ) as client,
    ):
        assert await client.ping()
        between.delay_s = 5.0
        with pytest.raises(redis.TimeoutError):
            await client.ping()
