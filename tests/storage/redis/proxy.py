"""A byte-level proxy before a server: it forwards, holds answers back, or answers something else."""

import asyncio
import ssl
from enum import Enum
from pathlib import Path


class Mode(Enum):
    FORWARD = "forward"
    STALL = "stall"
    TRICKLE = "trickle"
    NONSENSE = "nonsense"


class Proxy:
    def __init__(self, target: int, *, tls: ssl.SSLContext | None = None, path: Path | None = None) -> None:
        self.mode = Mode.FORWARD
        self.nonsense = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        self.accepted = 0
        self._closing = False
        self._target = target
        self._tls = tls
        self._path = path
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Proxy":
        if self._path is not None:
            self._server = await asyncio.start_unix_server(self._accept, self._path)
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._closing = True
        self._server.close()
        await self._server.wait_closed()
        await asyncio.sleep(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"unix://{self._path}" if self._path else f"redis://127.0.0.1:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._closing:
            writer.transport.abort()
            return
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except BaseException as error:
            writer.transport.abort()
            if isinstance(error, OSError):
                return
            raise
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forth(reader, back_writer))
                group.create_task(self._back(back_reader, writer))
        except* OSError:
            pass
        finally:
            writer.transport.abort()
            back_writer.transport.abort()

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            match self.mode:
                case Mode.FORWARD:
                    writer.write(data)
                case Mode.STALL:
                    continue
                case Mode.NONSENSE:
                    writer.write(self.nonsense)
                case Mode.TRICKLE:
                    for place in range(len(data)):
                        writer.write(data[place : place + 1])
                        await asyncio.sleep(0.03)
            await writer.drain()
        raise ConnectionResetError
