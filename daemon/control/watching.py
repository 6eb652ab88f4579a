"""Following one station over the control socket, for screens."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from daemon.control.client import LONGEST_ANSWER, absent, body_of, request_line, result_of


async def watch(path: Path, station: int, *, silence_s: float = 10.0) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a station's view now and at every change. Raises ControlError; DaemonAbsent after `silence_s` of silence.

    Close it (`contextlib.aclosing`) to hang up.
    """
    try:
        async with _connected(path, request_line("station.watch", {"station": station})) as lines:
            yield result_of(await _line(lines, silence_s))
            while True:
                event: dict[str, Any] = body_of(await _line(lines, silence_s))["event"]
                yield event
    except OSError as error:
        raise absent(path, error) from error


async def _line(lines: asyncio.StreamReader, silence_s: float) -> bytes:
    async with asyncio.timeout(silence_s):
        return await lines.readline()


@asynccontextmanager
async def _connected(path: Path, request: bytes) -> AsyncGenerator[asyncio.StreamReader, None]:
    reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_ANSWER)
    try:
        writer.write(request)
        await writer.drain()
        yield reader
    finally:
        writer.transport.abort()
