"""A keyboard made of the kernel's own parts (/dev/uinput), and what a scanner that is one goes through.

Run as a program it prints what came of it in JSON: for a machine where there are no tests.
"""

import asyncio
import fcntl
import json
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from drivers.errors import LinkLost, PortBusy
from drivers.hid import hid_link
from drivers.hid.typist import STALE_S
from drivers.link.base import ByteLink
from drivers.protocol import DeviceProtocol
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner import HidSettings, scanner_protocol
from simulators.wire.keyboard import report, reports

UINPUT: Final = Path("/dev/uinput")
SERIAL: Final = "CRS25WT6000001"
_CREATE, _DESTROY, _SETUP = 0x5501, 0x5502, 0x405C5503
_SET_KIND, _SET_KEY, _NAME = 0x40045564, 0x40045565, 0x8040552C
_USB: Final = 3
ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Made:
    """A keyboard the kernel has made; `file` is where its keys are read."""

    descriptor: int
    file: Path

    def type(self, text: str, pause_s: float = 0.002) -> float:
        """Type a text and Enter, a report each pause as over USB, by the kernel's times; give the longest pause."""
        typed_at = [time.monotonic()]
        for keys in reports(text):
            os.write(self.descriptor, report(0, keys))
            typed_at.append(time.monotonic())
            time.sleep(pause_s)
        return max(later - before for before, later in pairwise(typed_at))


@contextmanager
def keyboard() -> Iterator[Made]:
    """Make a keyboard, which is unplugged at the end."""
    descriptor = os.open(UINPUT, os.O_RDWR | os.O_CLOEXEC)
    try:
        for kind in (1, 4):
            fcntl.ioctl(descriptor, _SET_KIND, kind)
        for key in range(1, 128):
            fcntl.ioctl(descriptor, _SET_KEY, key)
        fcntl.ioctl(descriptor, _SETUP, struct.pack("HHHH80sI", _USB, 0x0C2E, 0x0B61, 1, b"a scanner for tests", 0))
        fcntl.ioctl(descriptor, _CREATE)
        name = bytes(fcntl.ioctl(descriptor, _NAME, bytes(64))).split(b"\0")[0].decode()
        yield Made(descriptor, _node(Path("/sys/devices/virtual/input") / name))
    finally:
        os.close(descriptor)


def _node(device: Path) -> Path:
    """Wait for the device file of an input device."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for entry in device.glob("event*"):
            if (file := Path("/dev/input") / entry.name).exists():
                return file
        time.sleep(0.01)
    raise TimeoutError(f"{device} has no device file")


async def ordeal() -> dict[str, object]:
    """Go through it; again where the machine stood still between two keys, which breaks a scan off."""
    for _ in range(ATTEMPTS):
        came, slowest_s = await _ordeal()
        if slowest_s < STALE_S / 2:
            break
    return came


async def _ordeal() -> tuple[dict[str, object], float]:
    """Scan, be refused to a second reader, overflow the kernel's memory, scan again, be unplugged."""
    came: dict[str, object] = {}
    pauses_s: list[float] = []
    protocol = scanner_protocol(HidSettings(), "s")
    with keyboard() as made:
        link = hid_link(str(made.file))
        await link.open()
        await asyncio.sleep(0.2)
        pauses_s.append(made.type(SERIAL))
        came["first"] = await _read(link, protocol, 1)
        try:
            await hid_link(str(made.file)).open()
        except PortBusy as busy:
            came["second reader"] = str(busy)
        wire = link._wire
        assert wire is not None
        wire.transport.pause_reading()
        await asyncio.sleep(0.5)
        for _ in range(5):
            made.type(SERIAL, 0)
        wire.transport.resume_reading()
        await asyncio.sleep(0.3)
        pauses_s.append(made.type(SERIAL))
        came["overflow"] = await _read(link, protocol, 2)
    try:
        while await link.receive(10) is not None:
            pass
    except LinkLost as lost:
        came["unplugged"] = str(lost)
    await link.close()
    return came, max(pauses_s)


async def _read(link: ByteLink, protocol: DeviceProtocol, count: int) -> list[str]:
    said: list[Reading] = []
    async with asyncio.timeout(60):
        while len(said) < count:
            chunk = await link.receive(0.2)
            output = protocol.feed(chunk) if chunk else protocol.idle(datetime.now(UTC), time.monotonic_ns())
            said += output.readings
    return [one.text if isinstance(one, Scan) else one.reason if isinstance(one, Garbled) else "" for one in said]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ordeal())))
