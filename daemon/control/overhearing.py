"""The operation that shows what passes over the wires of devices, as it passes."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from daemon.control.calls import Call
from daemon.control.devices import device_named
from daemon.control.views.plain import Json, moment
from daemon.wiring.earshot import PAUSE_NS, Earshot, WireLine
from daemon.wiring.wirewords import visible
from drivers.tap import Ear, Missed, Passed

HEARTBEAT_S: Final = 2.0
"""An item comes at least this often, so that whoever watches knows that the daemon lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorDevice:
    """Listen in on one device; without a name, on all."""

    name: str | None = None


async def monitor(call: Call, args: MonitorDevice) -> AsyncGenerator[Json, None]:
    """Say who is listened to, then give every line; a client that is too slow is told how many it missed."""
    if args.name is not None:
        device_named(call, args.name)
    names = [one.standing.name for one in call.line.accounts() if args.name in (None, one.standing.name)]
    with call.line.tap.listening(args.name) as ear:
        yield {"line": call.line.place.line_number, "devices": names}
        async with aclosing(items_of(ear)) as items:
            async for item in items:
                yield item


async def items_of(ear: Ear) -> AsyncGenerator[Json, None]:
    """Give what an ear hears: lines, gaps (`missed`), and an empty item now and then."""
    shot = Earshot()
    while True:
        heard = await ear.next(PAUSE_NS / 1e9 if shot.waits else HEARTBEAT_S)
        if isinstance(heard, Missed):
            yield {"missed": heard.count}
            continue
        lines = shot.take(heard) if isinstance(heard, Passed) else ()
        for line in (*lines, *shot.paused(time.monotonic_ns())):
            yield plain_line(line)
        if heard is None:
            yield {}


def plain_line(line: WireLine) -> Json:
    """Give a line for programs."""
    return {
        "at": moment(line.at), "device": line.device, "way": "sent" if line.sent else "heard",
        "bytes": visible(line.data), "hex": line.data.hex(), "said": list(line.said), "fault": line.fault,
    }  # fmt: skip
