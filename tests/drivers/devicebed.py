"""A device on a wire for tests: its syntax, what was heard of it, its run."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from drivers.backoff import Backoff
from drivers.bell import Bell
from drivers.device import SupervisedDevice
from drivers.errors import PortAbsent
from drivers.instrument import Answer, Emit
from drivers.link import ByteLink, serial_link
from drivers.protocol import Chunk, Output
from drivers.readings import DeviceState, DeviceStatus, Reading, Scan

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer


@dataclass
class Lines:
    """A wire syntax for tests: a line is a scan, `?` is a bug, a gap asks `ping`."""

    speaks_unasked: bool = False
    idle_after_s: float | None = None
    greeting: bytes = b""
    _rest: bytes = b""

    def opened(self) -> bytes:
        self._rest = b""
        return self.greeting

    def feed(self, chunk: Chunk) -> Output:
        if b"?" in chunk.data:
            raise ZeroDivisionError
        *lines, self._rest = (self._rest + chunk.data).split(b"\r")
        return Output(tuple(scan_of(line, chunk) for line in lines), b"ack" * len(lines))

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        self.idle_after_s = None
        return Output(replies=b"ping")

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        return answer.value.encode()

    def arm(self, serial: str | None) -> bytes | None:
        return {None: b"", "refuse": None}.get(serial, f"arm {serial}".encode())


def scan_of(line: bytes, chunk: Chunk) -> Scan:
    return Scan(device="s", raw=line, wall=chunk.wall, monotonic_ns=chunk.monotonic_ns, text=line.decode("latin-1"))


@dataclass
class Heard:
    """What a device emitted, in order; `until` waits for a condition on it."""

    items: list[Reading | DeviceStatus] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)

    async def emit(self, item: Reading | DeviceStatus) -> None:
        self.items.append(item)
        self.bell.ring()

    @property
    def states(self) -> list[DeviceState]:
        return [item.state for item in self.items if isinstance(item, DeviceStatus)]

    @property
    def texts(self) -> list[str]:
        return [item.text for item in self.items if isinstance(item, Scan)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await self.bell.wait(self.bell.rings, 60)

    async def state(self, state: DeviceState) -> DeviceStatus:
        await self.until(lambda: self.states[-1:] == [state])
        return next(item for item in reversed(self.items) if isinstance(item, DeviceStatus))


@contextlib.asynccontextmanager
async def running(device: SupervisedDevice, emit: Emit) -> AsyncIterator[None]:
    task = asyncio.create_task(device.run(emit), name=device.name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()


def quick() -> Backoff:
    return Backoff(first_s=0.005, cap_s=0.02)


def found(peer: "PtyPeer") -> Callable[[], ByteLink]:
    def make() -> ByteLink:
        if not peer.file.is_symlink():
            raise PortAbsent(f"No port {peer.file.name} is plugged in.")
        return serial_link(str(peer.file), stall_s=0.3, drain_s=0.3)

    return make
