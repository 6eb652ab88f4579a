"""Two pages for machines that watch: `/healthz` and `/metrics`, over HTTP/1.1, answered from memory."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from daemon.accepting import close_server

log = logging.getLogger(__name__)

_LONGEST_REQUEST: Final = 8 * 1024
_PATIENCE_S: Final = 5.0
_MOST_CLIENTS: Final = 16
_AGAIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """What a request is answered with."""

    text: str
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "text/plain; charset=utf-8"


Make = Callable[[], Page]
"""Makes a page at once, from memory."""


def health(*, well: bool, **told: object) -> Page:
    """Say in JSON how it is: 200 where work goes on, 503 where it does not."""
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return Page(json.dumps(told, ensure_ascii=False) + "\n", status, "application/json")


class PageServer:
    """Serves pages at an address for as long as it runs. A port that is taken is tried again; nothing else waits."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Make]) -> None:
        self._host, self._port = host, port
        self._pages = pages
        self._clients: set[asyncio.Task[None]] = set()
        self.address: tuple[str, int] | None = None

    async def run(self) -> None:
        """Serve until cancelled."""
        server = await self._bound()
        self.address = server.sockets[0].getsockname()[:2]
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.address = None
            await close_server(server)
            for client in self._clients:
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)

    async def _bound(self) -> asyncio.Server:
        said = False
        while True:
            try:
                return await asyncio.start_server(self._came, self._host, self._port, limit=_LONGEST_REQUEST)
            except (OSError, UnicodeError) as error:  # the latter: a host name that can be none
                if not said:
                    why = getattr(error, "strerror", None) or str(error)
                    log.warning("No metrics at %s:%d: %s. It is tried again.", self._host, self._port, why)
                said = True
            await asyncio.sleep(_AGAIN_S)

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= _MOST_CLIENTS or self.address is None:
            writer.transport.abort()
            return
        client = asyncio.create_task(self._serve(reader, writer), name="page")
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)
        client.add_done_callback(lambda _: writer.transport.abort())  # also of one that was cancelled before it began

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(request))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.debug("A watcher was lost: %s", error)

    def _answer(self, request: bytes) -> bytes:
        method, target, *_ = (*request.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", "")
        page = self._page(method, target.partition("?")[0])
        body = page.text.encode()
        head = (
            f"HTTP/1.1 {page.status.value} {page.status.phrase}\r\nContent-Type: {page.content_type}\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + (b"" if method == "HEAD" else body)

    def _page(self, method: str, path: str) -> Page:
        if method not in ("GET", "HEAD"):
            return Page("Only GET.\n", HTTPStatus.METHOD_NOT_ALLOWED)
        make = self._pages.get(path)
        if make is None:
            return Page(f"Here are: {' '.join(self._pages)}\n", HTTPStatus.NOT_FOUND)
        try:
            return make()
        except Exception:  # a page that fails must not stop a line
            log.exception("The page %s failed.", path)
            return Page("It failed; see the log.\n", HTTPStatus.INTERNAL_SERVER_ERROR)
