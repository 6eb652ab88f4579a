import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from simulators.servers import ValkeyServer


def client_of(server: ValkeyServer) -> redis.Redis:
    return redis.Redis.from_url(server.url(), retry=Retry(NoBackoff(), 0), socket_timeout=1.0)


def test_a_killed_server_comes_back_empty_on_the_same_address(own_valkey: ValkeyServer) -> None:
    with client_of(own_valkey) as client:
        client.set("a", "b")
        own_valkey.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("a")
        own_valkey.start()
        assert client.get("a") is None
        own_valkey.restart()
        assert client.ping()


def test_a_frozen_server_does_not_answer_until_it_thaws(own_valkey: ValkeyServer) -> None:
    with client_of(own_valkey) as client:
        own_valkey.freeze()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        own_valkey.thaw()
        assert client.ping()


def fill(client: redis.Redis) -> None:
    for number in range(10_000):
        client.set(f"k{number}", "x" * 10_000)


def test_a_full_server_refuses_writes_and_still_reads(own_valkey: ValkeyServer) -> None:
    with client_of(own_valkey) as client:
        client.set("a", "b")
        with pytest.raises(redis.OutOfMemoryError):
            fill(client)
        assert client.get("a") == b"b"


def test_streams_and_expiry_are_real(valkey: ValkeyServer) -> None:
    with client_of(valkey) as client:
        for number in range(10):
            client.xadd("REALTIME_UPDATES", {"n": number}, maxlen=3, approximate=False)
        assert client.xlen("REALTIME_UPDATES") == 3
        client.set("SESSION:1", "x", px=1)
        while client.exists("SESSION:1"):
            pass


def test_strangers_need_the_password(valkey: ValkeyServer) -> None:
    with (
        redis.Redis(port=valkey.home.port, retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
