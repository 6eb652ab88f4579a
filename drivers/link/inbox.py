"""What came in on one connection and has not been taken: chunks in order, the loss behind them."""

import asyncio
import copy
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from drivers.errors import DriverError, LinkClosed, LinkLost
from drivers.protocol import Chunk

FULL_BYTES = 256 * 1024
FULL_CHUNKS = 256
_UNDERWAY_S = 0.002


class Inbox(asyncio.Protocol):
    """Receive side of one connection: a bounded queue. Full, it stops the transport from reading; nothing drops.

    `gone` is set once the transport has released its descriptor (or never had one). `last_words` reads what had
    arrived when a failed write ended the connection. `unread` tells that something arrived and is still on its way
    here: it is waited for before a silence is said.
    """

    def __init__(self, port: str) -> None:
        self.cause: DriverError | None = None
        self.last_words: Callable[[], bytes] = bytes
        self.unread: Callable[[], bool] = bool
        self.gone = asyncio.Event()
        self.writable = asyncio.Event()
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._chunks: deque[Chunk] = deque()
        self._size = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self.gone.set()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to slow down."""
        self._transport = cast("asyncio.Transport", transport)
        self.gone.clear()

    def data_received(self, data: bytes) -> None:
        """Queue one chunk with its time."""
        self.arrived(data, time.monotonic_ns())

    def arrived(self, data: bytes, at_ns: int) -> None:
        """Queue one chunk that came at a moment of the monotonic clock."""
        if not data or isinstance(self.cause, LinkClosed):
            return
        ago = timedelta(microseconds=(time.monotonic_ns() - at_ns) // 1000)
        self._chunks.append(Chunk(bytes(data), datetime.now(UTC) - ago, at_ns))
        self._size += len(data)
        self._wake()
        if self._transport is not None and not self._paused and self._full:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """Queue the loss now: the transport would first flush to a peer that has left."""
        self.break_off(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Queue what the system still holds, then the loss, if it was not known yet."""
        self._transport = None
        self.data_received(self.last_words())
        self.break_off(exc)
        # The transport closes its descriptor after this call returns.
        asyncio.get_running_loop().call_soon(self.gone.set)

    def pause_writing(self) -> None:
        """Hold writers back: bytes are waiting in this process."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """Let writers go on: the system has taken everything."""
        self.writable.set()

    def break_off(self, error: Exception | None, reason: str = "") -> None:
        """Queue the loss behind what came; only the first cause counts."""
        if self.cause is None:
            said = reason or (str(error) if error else "the other side hung up")
            self.cause = lost = LinkLost(f"{self._port}: {said}.")
            lost.__cause__, lost.at_ns = error, time.monotonic_ns()
        self.writable.set()
        self._wake()

    def seal(self, cause: DriverError) -> None:
        """End it by our own will: what was not taken is forgotten, and receiving raises `cause`."""
        self.cause = cause
        self._chunks.clear()
        self._size = 0
        self.writable.set()
        self._wake()

    def refuse(self) -> DriverError:
        """Return a fresh error that tells the first cause."""
        cause = self.cause
        if cause is None:
            raise RuntimeError("nothing is wrong with this connection")
        again = copy.copy(cause)
        again.__cause__ = cause.__cause__
        return again

    async def take(self, timeout_s: float | None) -> Chunk | None:
        """Return the next chunk; None after `timeout_s`; raises the cause when all is taken."""
        if self._waiter is not None:
            raise RuntimeError("a receive is already waiting on this link")
        if self._empty:
            await self._something(timeout_s)
        while self._empty and self.unread():
            await self._something(_UNDERWAY_S)
        if self._chunks:
            return self._next()
        if self.cause is not None:
            raise self.refuse()
        return None

    @property
    def _empty(self) -> bool:
        return not self._chunks and self.cause is None

    @property
    def _full(self) -> bool:
        return self._size >= FULL_BYTES or len(self._chunks) >= FULL_CHUNKS

    def _next(self) -> Chunk:
        chunk = self._chunks.popleft()
        self._size -= len(chunk.data)
        if self._paused and self._transport is not None and not self._chunks:
            self._paused = False
            self._transport.resume_reading()
        return chunk

    async def _something(self, timeout_s: float | None) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None if timeout_s is None else loop.call_later(timeout_s, self._wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
