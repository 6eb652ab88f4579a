"""Where simulated devices are plugged in: pseudo-terminals behind stable links, and TCP listeners.

Bytes sent while nobody has opened a pseudo-terminal wait in it: one slave descriptor stays open on this side.
"""

import asyncio
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

OnBytes = Callable[[bytes], None]


class Port(Protocol):
    """A plug. Everything is idempotent; writing to a port that is not plugged in loses the bytes."""

    @property
    def plugged(self) -> bool:
        """Whether the device is there."""
        ...

    @property
    def address(self) -> str:
        """What the host opens: a path, or `tcp:host:port`."""
        ...

    async def plug(self) -> None:
        """Appear."""
        ...

    async def unplug(self) -> None:
        """Disappear: the host sees a hang-up."""
        ...

    async def rename(self) -> None:
        """Disappear and come back at once as another terminal under the same address."""
        ...

    def pause(self) -> None:
        """Stop reading."""
        ...

    def resume(self) -> None:
        """Read again."""
        ...

    async def write(self, data: bytes) -> bool:
        """Write all of it; False when the port went away before the last byte was out."""
        ...


class PtyPort:
    """A raw pseudo-terminal behind a symbolic link."""

    def __init__(self, link: Path, on_bytes: OnBytes) -> None:
        self._link = link
        self._on_bytes = on_bytes
        self._ends: tuple[int, int] | None = None
        self._writable: asyncio.Future[None] | None = None

    @property
    def plugged(self) -> bool:
        """Whether the link leads to a terminal."""
        return self._ends is not None

    @property
    def address(self) -> str:
        """The path of the link."""
        return str(self._link)

    async def plug(self) -> None:
        """Open a terminal and point the link at it."""
        if self._ends is None:
            self._install(_raw_pty())

    async def unplug(self) -> None:
        """Take the link away and close both ends."""
        if self._ends is not None:
            self._link.unlink(missing_ok=True)
            self._close()

    async def rename(self) -> None:
        """Swap the link to a new terminal, opened before the old one is closed so that its name differs."""
        fresh = _raw_pty()
        await self.unplug()
        self._install(fresh)

    def pause(self) -> None:
        """Stop reading: what the host writes stays in the terminal."""
        if self._ends is not None:
            asyncio.get_running_loop().remove_reader(self._ends[0])

    def resume(self) -> None:
        """Read again."""
        if self._ends is not None:
            asyncio.get_running_loop().add_reader(self._ends[0], self._read)

    async def write(self, data: bytes) -> bool:
        """Write all of it, waiting while the terminal is full."""
        rest, ends = memoryview(data), self._ends
        while rest and ends is not None and self._ends is ends:  # after a rename it is another terminal
            try:
                rest = rest[os.write(ends[0], rest) :]
            except BlockingIOError:
                await self._wait_writable(ends[0])
            except OSError:
                return False
        return not rest

    def _install(self, ends: tuple[int, int]) -> None:
        self._ends = ends
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(ends[1]))
        fresh.replace(self._link)
        self.resume()

    def _close(self) -> None:
        self.pause()
        ends, self._ends = self._ends, None
        if self._writable is not None:
            _finish(self._writable)
        for end in ends or ():
            os.close(end)

    def _read(self) -> None:
        if self._ends is None:
            return
        with suppress(OSError):
            self._on_bytes(os.read(self._ends[0], 65536))

    async def _wait_writable(self, master: int) -> None:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        self._writable = waiting
        loop.add_writer(master, _finish, waiting)
        try:
            await waiting
        finally:
            loop.remove_writer(master)


def _finish(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _raw_pty() -> tuple[int, int]:
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave


class TcpPort:
    """A listener on the loopback address, as a serial server has one; the latest client is the host."""

    def __init__(self, port: int, on_bytes: OnBytes) -> None:
        self._port = port
        self._on_bytes = on_bytes
        self._server: asyncio.Server | None = None
        self._client: asyncio.StreamWriter | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Event()
        self._reading.set()

    @property
    def plugged(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    @property
    def address(self) -> str:
        """`tcp:127.0.0.1:port`."""
        return f"tcp:127.0.0.1:{self._port}"

    async def plug(self) -> None:
        """Listen; port 0 becomes a free one and stays the same from then on."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        """Stop listening and reset the connection."""
        server, self._server = self._server, None
        self._drop_client()
        if server is not None:
            server.close()
            self._reading.set()
            await asyncio.gather(*self._serving)
            await server.wait_closed()

    async def rename(self) -> None:
        """Go and come back: a network address has no other name to come back under."""
        await self.unplug()
        await self.plug()

    def pause(self) -> None:
        """Stop reading."""
        self._reading.clear()

    def resume(self) -> None:
        """Read again."""
        self._reading.set()

    async def write(self, data: bytes) -> bool:
        """Write all of it to the client; False when there is none."""
        if self._client is None:
            return False
        self._client.write(data)
        with suppress(ConnectionError):
            await self._client.drain()
            return True
        return False

    def _drop_client(self) -> None:
        if self._client is not None:
            self._client.transport.abort()
        self._client = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._drop_client()
        self._client = writer
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._reading.wait()
                self._on_bytes(data)
        if self._client is writer:
            self._client = None
        writer.close()
