"""Barcodes a second through a scanner driver, against plain loops over the same kind of pseudo-terminal."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import perf_counter

from drivers.device import SupervisedDevice
from drivers.link.serial import serial_link
from drivers.readings import DeviceState, DeviceStatus, Reading, Scan
from drivers.scanner import PlainScanner, PlainSettings
from tests.bench.figures import Figure, times
from tests.bench.site import serial
from tests.bench.terminal import Terminal

_FRAMES = 20_000
_BURST = 64
_ROUNDS = 3


def measure(folder: Path) -> list[Figure]:
    """Take turns, and compare the best round of each way."""
    folder.mkdir(parents=True)
    best = dict.fromkeys(_WAYS, 0.0)
    for _ in range(_ROUNDS):
        for name, way in _WAYS.items():
            best[name] = max(best[name], asyncio.run(_rate(folder / "scanner", way)))
    driver = best.pop(_DRIVER)
    return [
        Figure(f"frames/s: {_DRIVER} / {name}", "≥ 0.5", f"{driver:.0f} / {rate:.0f}", times(driver / rate))
        for name, rate in best.items()
    ]


class Tally:
    """Counts frames, and ends the round with the last one."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.complete = asyncio.Event()
        self.last: Scan | None = None
        self._count = 0

    def add(self, frames: int = 1) -> None:
        """Count frames that came."""
        self._count += frames
        if self._count >= _FRAMES:
            self.complete.set()


Way = Callable[[Path, Tally], "asyncio.Task[None]"]
"""Opens a port and counts the frames that come, until cancelled."""


async def _rate(link: Path, way: Way) -> float:
    tally = Tally()
    with Terminal(link) as terminal:
        task = way(link, tally)
        await tally.opened.wait()
        talking = Thread(target=_talk, args=(terminal,))
        began = perf_counter()
        talking.start()
        await tally.complete.wait()
        took = perf_counter() - began
        talking.join()
        task.cancel()
        await asyncio.wait([task])
    return _FRAMES / took


def _talk(terminal: Terminal) -> None:
    for first in range(0, _FRAMES, _BURST):
        numbers = range(first, min(first + _BURST, _FRAMES))
        terminal.say(b"".join(f"{serial(number)}\r".encode() for number in numbers))


def _by_driver(link: Path, tally: Tally) -> "asyncio.Task[None]":
    async def emit(said: Reading | DeviceStatus) -> None:
        if isinstance(said, Scan):
            tally.last = said
            tally.add()
        elif isinstance(said, DeviceStatus) and said.state is DeviceState.ONLINE:
            tally.opened.set()

    device = SupervisedDevice("scanner", lambda: serial_link(str(link)), PlainScanner(PlainSettings(), "scanner"))
    return asyncio.create_task(device.run(emit))


def _plainly(link: Path, tally: Tally, take: Callable[[list[bytes]], object]) -> "asyncio.Task[None]":
    """Split lines in a reader callback, as directly as asyncio allows."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        descriptor = os.open(link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        held = b""

        def read() -> None:
            nonlocal held
            *lines, held = (held + os.read(descriptor, 4096)).split(b"\r")
            take(lines)
            tally.add(len(lines))

        loop.add_reader(descriptor, read)
        tally.opened.set()
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    return asyncio.create_task(run())


def _by_loop(link: Path, tally: Tally) -> "asyncio.Task[None]":
    def take(lines: list[bytes]) -> None:
        for raw in lines:
            wall, monotonic_ns = datetime.now(UTC), time.monotonic_ns()
            tally.last = Scan(device="scanner", raw=raw, wall=wall, monotonic_ns=monotonic_ns, text=raw.decode())

    return _plainly(link, tally, take)


def _by_counting(link: Path, tally: Tally) -> "asyncio.Task[None]":
    return _plainly(link, tally, len)


_DRIVER = "scanner driver"
_WAYS: dict[str, Way] = {
    _DRIVER: _by_driver,
    "add_reader loop making the same readings": _by_loop,
    "add_reader loop only splitting lines": _by_counting,
}
