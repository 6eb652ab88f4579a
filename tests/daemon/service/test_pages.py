"""The pages for machines: answered as HTTP says, whatever the other side does."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.config import HttpPart
from daemon.service.pages import Make, Page, PageServer, health


def broken() -> Page:
    raise RuntimeError("nothing works")


PAGES: Mapping[str, Make] = {
    "/healthz": lambda: health(well=True, says="ä"),
    "/sick": lambda: health(well=False),
    "/broken": broken,
}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PC that is busy with other tests may take its time to ask."""
    monkeypatch.setattr("daemon.service.pages._PATIENCE_S", 60.0)


@asynccontextmanager
async def serving(pages: Mapping[str, Make] = PAGES) -> AsyncIterator[tuple[str, int]]:
    server = PageServer("127.0.0.1", 0, pages)
    running = asyncio.create_task(server.run(), name="pages")
    try:
        async with asyncio.timeout(60):
            while server.address is None:  # noqa: ASYNC110 -- it says it nowhere else
                await asyncio.sleep(0.01)
        yield server.address
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def answered(address: tuple[str, int], request: bytes) -> bytes:
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(request)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.write_eof()
        try:
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()


def parts(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split(" ")[1]), dict(line.split(": ", 1) for line in lines), body


async def test_a_page_is_answered_whole_and_with_its_length() -> None:
    async with serving() as address:
        status, headers, body = parts(await answered(address, b"GET /healthz?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"))
        assert (status, headers["Content-Type"], headers["Connection"]) == (200, "application/json", "close")
        assert json.loads(body) == {"says": "ä"}
        assert int(headers["Content-Length"]) == len(body)
        status, headers, none = parts(await answered(address, b"HEAD /healthz HTTP/1.1\r\n\r\n"))
        assert (status, int(headers["Content-Length"]), none) == (200, len(body), b"")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /sick HTTP/1.1", HTTPStatus.SERVICE_UNAVAILABLE),
        (b"GET /other HTTP/1.1", HTTPStatus.NOT_FOUND),
        (b"GET / HTTP/1.0", HTTPStatus.NOT_FOUND),
        (b"POST /healthz HTTP/1.1", HTTPStatus.METHOD_NOT_ALLOWED),
        (b"GET /broken HTTP/1.1", HTTPStatus.INTERNAL_SERVER_ERROR),
        (b"nonsense", HTTPStatus.METHOD_NOT_ALLOWED),
        (b"", HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
async def test_everything_else_has_its_status(request_line: bytes, status: HTTPStatus) -> None:
    async with serving() as address:
        assert parts(await answered(address, request_line + b"\r\n\r\n"))[0] == status


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400) | st.binary(min_size=9_000, max_size=20_000))
def test_no_request_of_any_bytes_ends_the_server(noise: bytes) -> None:
    async def ask() -> None:
        async with serving() as address:
            await answered(address, noise)
            assert parts(await answered(address, b"GET /healthz HTTP/1.1\r\n\r\n"))[0] == HTTPStatus.OK

    asyncio.run(ask())


async def test_watchers_that_say_nothing_take_no_place_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.service.pages._PATIENCE_S", 0.3)
    async with serving() as address:
        mute = [await asyncio.open_connection(*address) for _ in range(20)]
        async with asyncio.timeout(60):
            for reader, _ in mute:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        for _, writer in mute:
            writer.transport.abort()
        monkeypatch.setattr("daemon.service.pages._PATIENCE_S", 60.0)
        assert parts(await answered(address, b"GET /healthz HTTP/1.1\r\n\r\n"))[0] == HTTPStatus.OK


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example", "192.0.2.7"])
async def test_an_address_that_is_none_of_this_pc_stops_nothing(host: str) -> None:
    running = asyncio.create_task(PageServer(host, 1, PAGES).run(), name="pages")
    await asyncio.wait([running], timeout=0.5)
    assert not running.done()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("steps", range(8))
async def test_whoever_comes_as_the_server_stops_is_hung_up_on(steps: int) -> None:
    async with serving() as address:
        client = socket.create_connection(address)
        for _ in range(steps):
            await asyncio.sleep(0)
    with client:
        client.settimeout(60)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.to_thread(client.recv, 1) == b""


async def test_a_port_that_is_taken_is_had_as_soon_as_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.service.pages._AGAIN_S", 0.05)
    async with contextlib.AsyncExitStack() as stack:
        host, port = await stack.enter_async_context(serving())
        second = PageServer(host, port, PAGES)
        running = asyncio.create_task(second.run(), name="pages")
        await asyncio.sleep(0.2)
        assert (second.address, running.done()) == (None, False)
        await stack.aclose()
        async with asyncio.timeout(60):
            while second.address is None:  # noqa: ASYNC110 -- it says it nowhere else
                await asyncio.sleep(0.01)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def test_a_line_listens_for_its_own_pc_unless_told_otherwise() -> None:
    assert HttpPart().address(2) == ("127.0.0.1", 8402)
    assert HttpPart(listen="0.0.0.0:9000").address(2) == ("0.0.0.0", 9000)
    assert HttpPart(listen="[::1]:9000").address(2) == ("::1", 9000)
    for wrong in ("8401", "a:b", "::1:8401", "x:", "127.0.0.1:65536"):
        with pytest.raises(ValueError, match="listen"):
            HttpPart(listen=wrong)
