"""The toy line behind real pseudo-terminals and a control socket: a host in miniature."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.simulators.toy import ToyLine

Answer = Callable[[bytes], Awaitable[bytes]]
GOOD, BAD = b"\x1b7,", b"\x1b8,\x1b8,"


async def frames(path: Path, answer: Answer) -> None:
    """Read frames that end in CR from a port for ever, opening it again whenever it is lost."""
    while True:
        with suppress(OSError):
            port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                await read_until_lost(port, answer)
            finally:
                asyncio.get_running_loop().remove_reader(port)
                os.close(port)
        await asyncio.sleep(0.02)


async def read_until_lost(port: int, answer: Answer) -> None:
    readable = asyncio.Event()
    asyncio.get_running_loop().add_reader(port, readable.set)
    rest = b""
    while True:
        await readable.wait()
        readable.clear()
        try:
            data = os.read(port, 4096)
        except BlockingIOError:
            continue
        if not data:
            return
        *whole, rest = (rest + data).split(b"\r")
        for frame in whole:
            os.write(port, await answer(frame.strip(b"\n")))


class ToyHost:
    def __init__(self, folder: Path, *, feed: bool = True) -> None:
        self.toy = ToyLine()
        self.socket = folder / "control.sock" if feed else None
        self._folder = folder
        self._watchers: dict[int, list[asyncio.StreamWriter]] = {}

    async def run(self) -> None:
        server = None
        if self.socket is not None:
            server = await asyncio.start_unix_server(self._watch, str(self.socket))
        try:
            async with asyncio.TaskGroup() as group:
                for number in self.toy.stations:
                    group.create_task(frames(self._folder / f"scanner-{number}", self._scanned(number)))
                group.create_task(frames(self._folder / "tester-4", self._flashed))
        finally:
            if server is not None:
                server.close()
                await server.wait_closed()
            for writers in self._watchers.values():
                for writer in writers:
                    writer.transport.abort()

    def _scanned(self, number: int) -> Answer:
        async def answer(frame: bytes) -> bytes:
            try:
                text = frame.decode("ascii")
            except UnicodeDecodeError:
                return BAD
            good, screen = self.toy.scan(number, text)
            await self._show(number, screen)
            return GOOD if good else BAD

        return answer

    async def _flashed(self, frame: bytes) -> bytes:
        serial = frame.decode("utf-8", "replace").split(",")[0]
        await self._show(4, self.toy.flash(4, serial))
        return b""

    async def _show(self, number: int, screen: dict[str, Any]) -> None:
        for writer in self._watchers.get(number, []):
            writer.write(json.dumps({"id": 1, "event": screen}).encode() + b"\n")

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(await reader.readline())
        assert asked["op"] == "station.watch"
        self._watchers.setdefault(asked["args"]["station"], []).append(writer)
        writer.write(json.dumps({"id": asked["id"], "ok": True, "result": {}}).encode() + b"\n")
        await reader.read()
        writer.close()


def opened_port(path: Path) -> int:
    """Open a port that exists, blocking; it is raw already and what it said before still waits in it."""
    return os.open(path, os.O_RDWR | os.O_NOCTTY)
