"""The operations on stations: their view, once or as it changes, their command sheet, a scan typed by a person."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from daemon.control.calls import Call, NoArguments
from daemon.control.face import Runner
from daemon.control.views.plain import Json
from daemon.control.views.sheets import command_sheet
from daemon.control.views.station import look_at
from daemon.control.views.status import line_status
from drivers.readings import Scan
from stations.office.finding import station_numbered
from stations.office.wording import one_line

HEARTBEAT_S: Final = 2.0
"""A watched view is sent at least this often, so that whoever watches knows that the daemon lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfStation:
    """One station."""

    station: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendScan:
    """A scan typed by a person whose scanner is dead."""

    station: int
    text: str


async def status(call: Call, _: NoArguments) -> Json:
    """Say how the line is."""
    return await line_status(call.line)


async def view(call: Call, args: OfStation) -> Json:
    """Give a station's view."""
    return await look_at(call.line, station_numbered(args.station))


async def watch(call: Call, args: OfStation) -> AsyncGenerator[Json, None]:
    """Give a station's view now, whenever it changed, and every HEARTBEAT_S; changes in between become one."""
    number = station_numbered(args.station)
    while True:
        runner = call.line.runner
        with _watching(runner) as changed:
            while call.line.runner is runner:
                changed.clear()
                yield await look_at(call.line, number)
                await _sleep_until(changed)


async def sheet(call: Call, args: OfStation) -> Json:
    """Give what a station's command sheet says."""
    return command_sheet(call.runner.surroundings, station_numbered(args.station))


async def scan(call: Call, args: SendScan) -> Json:
    """Take a scan as if a scanner had sent it; gives the answer and what the station says now."""
    number = station_numbered(args.station)
    text = one_line("The scan", args.text, 200)
    reading = Scan(
        device=f"keyboard:{call.peer.os_user}", raw=args.text.encode(), text=text,
        wall=call.line.standing().at, monotonic_ns=time.monotonic_ns(),
    )  # fmt: skip
    answer = await call.line.take(number, reading)
    return {"answer": answer.value, "view": await look_at(call.line, number)}


@contextmanager
def _watching(runner: Runner | None) -> Iterator[asyncio.Event]:
    if runner is None:
        yield asyncio.Event()
        return
    with runner.watching() as changed:
        yield changed


async def _sleep_until(changed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            await changed.wait()
    except TimeoutError:
        return
