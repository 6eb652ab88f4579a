"""A proxy of bytes between a client and a server, where a test cuts, stalls, delays and refuses."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

_CHUNK = 65_536
_RESET_ON_CLOSE = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class Way(StrEnum):
    """A direction of bytes."""

    REQUEST = "request"
    ANSWER = "answer"


class Act(StrEnum):
    """What happens where a fault strikes."""

    CUT = "cut"
    """Both sides see the connection reset; what came before was forwarded."""
    STALL = "stall"
    """The connection stays open and nothing passes any more, in either way."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that strikes once, in the first connection that comes to its place.

    The place is after `after_bytes` of one connection in one way, or at the next pattern of bytes. What came before
    it is forwarded; with `forward` also the pattern and what came together with it.
    """

    way: Way
    act: Act = Act.CUT
    after_bytes: int | None = None
    pattern: bytes = b""
    forward: bool = False

    @classmethod
    def before_commit(cls, act: Act = Act.CUT) -> "Fault":
        """The server never hears of a COMMIT: the transaction is not committed."""
        return cls(Way.REQUEST, act, pattern=b"COMMIT")

    @classmethod
    def after_commit(cls, act: Act = Act.CUT) -> "Fault":
        """The server commits and its answer is withheld: the client cannot know."""
        return cls(Way.ANSWER, act, pattern=b"COMMIT\0")


class Proxy:
    """Forwards every connection to one server until told otherwise. `faults` strike in any order, once each."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.faults: list[Fault] = []
        self.delay_s = 0.0
        self.refuses = False
        self.connections = 0
        """Connections taken so far."""
        self.struck = asyncio.Event()
        """Set when the last of the faults has struck."""
        self.port = 0
        self._server = server
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def arm(self, *faults: Fault) -> None:
        """Let these faults strike, and forget what struck before."""
        self.faults = list(faults)
        self.struck.clear()

    def stall(self) -> None:
        """Keep every connection, present and future, and forward nothing until `flow`."""
        self._flowing.clear()

    def flow(self) -> None:
        """Forward again, what was held back first."""
        self._flowing.set()

    def cut(self) -> None:
        """Reset every connection now."""
        for link in tuple(self._links):
            link.reset()

    def refuse(self) -> None:
        """Reset every connection, present and future, until `accept`."""
        self.refuses = True
        self.cut()

    def accept(self) -> None:
        """Take connections again."""
        self.refuses = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.refuses:
            _reset(writer)
            return
        try:
            ends = await asyncio.open_connection(*self._server)
        except OSError:
            _reset(writer)
            return
        link = _Link(writer, ends[1])
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(Way.REQUEST, reader, ends[1], link))
                both.create_task(self._forward(Way.ANSWER, ends[0], writer, link))
        finally:
            self._links.discard(link)
            await link.close()

    async def _forward(
        self, way: Way, source: asyncio.StreamReader, target: asyncio.StreamWriter, link: "_Link"
    ) -> None:
        watch = _Watch(way)
        with suppress(OSError):
            while data := await source.read(_CHUNK):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._flowing.wait()
                await link.flowing.wait()
                found = watch.look(data, self.faults)
                target.write(data if found is None else data[: found.forwarded])
                await target.drain()
                if found is not None:
                    self._strike(found.fault, link)
                    await link.flowing.wait()
                    return
        with suppress(OSError, RuntimeError):
            target.write_eof()

    def _strike(self, fault: Fault, link: "_Link") -> None:
        self.faults.remove(fault)
        if fault.act is Act.CUT:
            link.reset()
        else:
            link.flowing.clear()
        if not self.faults:
            self.struck.set()

    def _start(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="proxied connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def proxy(port: int, host: str = "127.0.0.1") -> AsyncGenerator[Proxy, None]:
    """Put a proxy before the server at a port; `Proxy.port` is where to connect. It ends with all its connections.

    Use it in the test itself: a fixture's tasks look like leaked ones.
    """
    between = Proxy((host, port))
    listening = await asyncio.start_server(between._start, "127.0.0.1", 0)
    between.port = listening.sockets[0].getsockname()[1]
    try:
        yield between
    finally:
        listening.close()
        await between._end()
        await listening.wait_closed()


@dataclass(frozen=True, slots=True)
class _Found:
    fault: Fault
    forwarded: int
    """How many of the bytes now at hand still pass."""


class _Watch:
    """Looks for the faults' places in one way of one connection, also where a pattern comes in pieces."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._passed = 0
        self._tail = b""

    def look(self, data: bytes, faults: list[Fault]) -> _Found | None:
        """Return the first fault that strikes in these bytes."""
        here = (self._place(fault, data) for fault in faults if fault.way is self._way)
        found = min((each for each in here if each), key=lambda each: each.forwarded, default=None)
        longest = max((len(fault.pattern) for fault in faults), default=0)
        self._passed += len(data)
        self._tail = (self._tail + data)[-longest:] if longest else b""
        return found

    def _place(self, fault: Fault, data: bytes) -> _Found | None:
        if fault.after_bytes is not None:
            left = fault.after_bytes - self._passed
            return _Found(fault, max(left, 0)) if left <= len(data) else None
        before = self._tail[max(len(self._tail) - len(fault.pattern) + 1, 0) :]
        at = (before + data).find(fault.pattern)
        if at < 0:
            return None
        return _Found(fault, len(data) if fault.forward else max(at - len(before), 0))


class _Link:
    """The two ends of one connection through the proxy."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._ends = (client, server)
        self.flowing = asyncio.Event()
        self.flowing.set()

    def reset(self) -> None:
        """Break both ends at once; whoever waits for them goes on and finds them broken."""
        self.flowing.set()
        for end in self._ends:
            _reset(end)

    async def close(self) -> None:
        """Close both ends."""
        for end in self._ends:
            end.close()
            with suppress(OSError):
                await end.wait_closed()


def _reset(end: asyncio.StreamWriter) -> None:
    """Close so that the other side gets a reset, not an end of data."""
    held: socket.socket | None = end.get_extra_info("socket")
    if held is not None and held.fileno() >= 0:
        with suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    end.transport.abort()
