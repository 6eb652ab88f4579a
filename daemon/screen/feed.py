"""Views of one station as they change, over the control socket; comes back by itself when the daemon does."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.screen.view import StationView

_LONGEST_LINE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lost:
    """The daemon does not answer; `reason` says more, or is empty."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: between attempts, for an answer, and in silence before asking whether anybody is there."""

    retry_s: float = 1.0
    answer_s: float = 3.0
    silence_s: float = 5.0


class NoSuchStation(Exception):
    """The daemon answered that it will not show this station; says why."""


class _Unanswered(Exception):
    pass


async def views(path: Path, station: int, patience: Patience | None = None) -> AsyncGenerator[StationView | Lost, None]:
    """Yield the station's view now and at each change, and Lost whenever the daemon is gone; never ends by itself.

    Raises NoSuchStation when a running daemon refuses.
    """
    wait = patience or Patience()
    while True:
        try:
            async with _asked(path, "station.watch", station, wait) as (first, reader):
                yield first
                async for view in _changes(path, station, reader, wait):
                    yield view
        except (OSError, _Unanswered, ValueError, LookupError, TypeError, AttributeError) as error:
            yield Lost(str(error) if isinstance(error, _Unanswered) else "")
        await asyncio.sleep(wait.retry_s)


async def _changes(
    path: Path, station: int, reader: asyncio.StreamReader, wait: Patience
) -> AsyncGenerator[StationView, None]:
    while True:
        try:
            line = await asyncio.wait_for(reader.readline(), wait.silence_s)
        except TimeoutError:
            async with _asked(path, "station.view", station, wait) as (view, _):
                yield view
            continue
        if not line:
            raise _Unanswered
        yield StationView.read(json.loads(line)["event"])


@asynccontextmanager
async def _asked(
    path: Path, op: str, station: int, wait: Patience
) -> AsyncGenerator[tuple[StationView, asyncio.StreamReader], None]:
    reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_LINE)
    try:
        writer.write(json.dumps({"id": 1, "op": op, "args": {"station": station}}).encode() + b"\n")
        try:
            line = await asyncio.wait_for(reader.readline(), wait.answer_s)
        except TimeoutError as error:
            raise _Unanswered("It runs, but does not answer.") from error
        yield _first(line), reader
    finally:
        writer.close()


def _first(line: bytes) -> StationView:
    if not line:
        raise _Unanswered
    answer: dict[str, Any] = json.loads(line)
    if not answer["ok"]:
        raise NoSuchStation(answer["error"]["message"])
    return StationView.read(answer["result"])
