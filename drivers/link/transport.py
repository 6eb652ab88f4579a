"""The one link behind every kind of connection: exact open, close, abort and cancel over an asyncio transport."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from drivers.errors import LinkClosed
from drivers.link.inbox import Inbox
from drivers.protocol import Chunk

_POLL_S = 0.005


@dataclass(slots=True)
class Wire:
    """One live connection.

    `send` takes bytes at once, `unsent` counts those that have not left, `discard` forgets them. None raises for a
    connection that is gone.
    """

    transport: asyncio.Transport
    send: Callable[[bytes], None]
    unsent: Callable[[], int]
    discard: Callable[[], None]
    _dropped: bool = False

    def drop(self) -> None:
        """Release the connection without sending anything more. Idempotent."""
        if self._dropped:
            return
        self._dropped = True
        self.discard()
        # pyserial-asyncio fails when told to abort a transport whose end is already scheduled.
        if not self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()


Connect = Callable[[Inbox], Coroutine[Any, Any, Wire]]
"""Opens one connection that delivers into the inbox. Failed or cancelled it leaves nothing behind."""


class TransportLink:
    """A `ByteLink` over whatever `connect` opens."""

    def __init__(self, port: str, connect: Connect, *, drain_s: float = 1.0, stall_s: float = 5.0) -> None:
        self._port = port
        self._connect = connect
        self._drain_s = drain_s
        self._stall_s = stall_s
        self._attempt: asyncio.Task[Wire] | None = None
        self._wire: Wire | None = None
        self._writing = asyncio.Lock()
        self._inbox = Inbox(port)
        self._inbox.seal(self._closed())

    @property
    def port(self) -> str | None:
        """The device file or address."""
        return self._port

    async def open(self) -> None:
        """Connect; see `ByteLink.open`."""
        if self._attempt is not None or (self._wire is not None and self._inbox.cause is None):
            raise RuntimeError(f"{self._port} is already open")
        previous, inbox = self._inbox, Inbox(self._port)
        if self._wire is not None:
            self._wire.drop()
        attempt = asyncio.create_task(self._fresh(previous, inbox), name=f"open {self._port}")
        self._attempt = attempt
        try:
            wire = await attempt
        except BaseException as error:
            self._withdraw(attempt)
            if isinstance(error, asyncio.CancelledError) and not _being_cancelled():
                raise self._closed() from None
            raise
        if self._attempt is not attempt:  # aborted between the connection and this line
            wire.drop()
            raise self._closed()
        self._attempt, self._wire, self._inbox = None, wire, inbox

    async def receive(self, timeout_s: float | None = None) -> Chunk | None:
        """Return the next bytes; see `ByteLink.receive`."""
        return await self._inbox.take(timeout_s)

    async def write(self, data: bytes) -> None:
        """Hand over `data`; see `ByteLink.write`."""
        async with self._writing:  # one message at a time: each is whole, and its stall its own
            inbox, wire = self._inbox, self._wire
            if inbox.cause is not None or wire is None:
                raise inbox.refuse()
            if data:
                wire.send(data)
                await self._taken(inbox, wire)

    async def close(self) -> None:
        """Drain and release; see `ByteLink.close`."""
        inbox, wire = self._inbox, self._wire
        try:
            if wire is not None and inbox.cause is None:
                inbox.seal(self._closed())
                await _drained(inbox, wire, self._drain_s)
                if not wire.unsent():
                    wire.transport.close()
                    self._wire = None  # nothing is left that aborting might discard
        finally:
            self.abort()
        await inbox.gone.wait()

    def abort(self) -> None:
        """Release at once; see `ByteLink.abort`."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
        if self._wire is not None and not self._inbox.gone.is_set():
            self._wire.drop()
        self._wire = None
        self._inbox.seal(self._closed())

    async def _fresh(self, previous: Inbox, inbox: Inbox) -> Wire:
        await previous.gone.wait()  # its lock on the port is released only then
        wire = await self._connect(inbox)
        wire.transport.set_write_buffer_limits(high=0)
        return wire

    def _withdraw(self, attempt: asyncio.Task[Wire]) -> None:
        if self._attempt is attempt:
            self._attempt = None
        if attempt.done() and not attempt.cancelled() and attempt.exception() is None:
            attempt.result().drop()

    async def _taken(self, inbox: Inbox, wire: Wire) -> None:
        if wire.transport.is_closing():  # asyncio tells of a failed send only in its next round
            await inbox.gone.wait()
        left = wire.transport.get_write_buffer_size()
        while not inbox.writable.is_set():
            try:
                async with asyncio.timeout(self._stall_s):
                    await inbox.writable.wait()
            except TimeoutError as error:
                now_left = wire.transport.get_write_buffer_size()
                if now_left >= left:
                    inbox.break_off(error, f"the device has taken no bytes for {self._stall_s:g} s")
                    wire.drop()
                left = now_left
        if inbox.cause is not None:
            raise inbox.refuse()

    def _closed(self) -> LinkClosed:
        return LinkClosed(f"{self._port} is closed.")


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _drained(inbox: Inbox, wire: Wire, limit_s: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + limit_s
    while wire.unsent() and not inbox.gone.is_set() and loop.time() < end:  # noqa: ASYNC110 - no event exists
        await asyncio.sleep(_POLL_S)
