"""Listening in on wires: what passed and what was read of it, for whoever watches; no device ever waits for that."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from drivers.instrument import Answer
from drivers.protocol import Audible, Chunk, DeviceProtocol, Legible, Output
from drivers.readings import Reading

MOST: Final = 256
"""So many moments wait for a listener at most."""

MOST_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What passed over a device's wire at one moment: bytes one way, and the readings that were complete with them.

    Of a scanner that types, `heard` is the text. Readings without bytes: a silence completed them.
    """

    device: str
    wall: datetime
    monotonic_ns: int
    heard: bytes = b""
    sent: bytes = b""
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """So many moments a listener was too slow for."""

    count: int


class Ear:
    """One listener's bounded queue. While it is full, moments are counted instead of kept."""

    def __init__(self, device: str | None) -> None:
        self._device = device
        self._queue: deque[Passed] = deque()
        self._size = 0
        self._missed = 0
        self._news = asyncio.Event()

    def put(self, passed: Passed) -> None:
        """Take a moment, at once and without fail."""
        if self._device not in (None, passed.device):
            return
        if self._missed or len(self._queue) >= MOST or self._size >= MOST_BYTES:
            self._missed += 1
        else:
            self._queue.append(passed)
            self._size += len(passed.heard) + len(passed.sent)
        self._news.set()

    async def next(self, timeout_s: float | None = None) -> Passed | Missed | None:
        """Return the next moment, or how many are missing here; None when nothing passed for `timeout_s`."""
        if not (self._queue or self._missed):
            self._news.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._news.wait()
            except TimeoutError:
                return None
        if self._queue:
            passed = self._queue.popleft()
            self._size -= len(passed.heard) + len(passed.sent)
            return passed
        missed, self._missed = Missed(self._missed), 0
        return missed


class Tap:
    """Where many wires are listened in on."""

    def __init__(self) -> None:
        self._ears: set[Ear] = set()

    @property
    def is_heard(self) -> bool:
        """Tell whether anybody listens."""
        return bool(self._ears)

    def tell(self, passed: Passed) -> None:
        """Hand a moment to everybody who listens; waits for nobody."""
        for ear in self._ears:
            ear.put(passed)

    @contextlib.contextmanager
    def listening(self, device: str | None = None) -> Iterator[Ear]:
        """Listen in on one device, or on all."""
        ear = Ear(device)
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)


class Overheard:
    """A `DeviceProtocol` that behaves exactly like the one inside, and tells the tap what passes."""

    def __init__(self, protocol: DeviceProtocol, device: str, tap: Tap) -> None:
        self._protocol = protocol
        self._device = device
        self._tap = tap
        self._legible = protocol if isinstance(protocol, Legible) else None

    @property
    def idle_after_s(self) -> float | None:
        """See `DeviceProtocol`."""
        return self._protocol.idle_after_s

    @property
    def speaks_unasked(self) -> bool:
        """See `DeviceProtocol`."""
        return self._protocol.speaks_unasked

    def opened(self) -> bytes:
        """Begin anew; see `DeviceProtocol.opened`."""
        return self._sends(self._protocol.opened())

    def feed(self, chunk: Chunk) -> Output:
        """Take bytes; see `DeviceProtocol.feed`."""
        output = Output()
        try:
            output = self._protocol.feed(chunk)
        finally:
            heard = chunk.data if self._legible is None else self._legible.heard
            self._tell(chunk.wall, chunk.monotonic_ns, heard=heard, readings=output.readings)
        self._sends(output.replies)
        return output

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """Let a silence pass; see `DeviceProtocol.idle`."""
        output = self._protocol.idle(wall, monotonic_ns)
        if output.readings:
            self._tell(wall, monotonic_ns, readings=output.readings)
        self._sends(output.replies)
        return output

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Answer a reading; see `DeviceProtocol.answer`."""
        return self._sends(self._protocol.answer(reading, answer))

    def arm(self, serial: str | None) -> bytes | None:
        """Prepare a flash; see `DeviceProtocol.arm`."""
        order = self._protocol.arm(serial)
        return self._sends(order) if order is not None else None

    def sound(self, *, good: bool) -> bytes | None:
        """Make a sound; see `Audible.sound`. A device without sounds has nothing to send."""
        sound = self._protocol.sound(good=good) if isinstance(self._protocol, Audible) else b""
        return self._sends(sound) if sound is not None else None

    def _sends(self, data: bytes) -> bytes:
        if data:
            self._tell(datetime.now(UTC), time.monotonic_ns(), sent=data)
        return data

    def _tell(
        self, wall: datetime, monotonic_ns: int, *,
        heard: bytes = b"", sent: bytes = b"", readings: tuple[Reading, ...] = (),
    ) -> None:  # fmt: skip
        if self._tap.is_heard and (heard or sent or readings):
            self._tap.tell(
                Passed(
                    device=self._device, wall=wall, monotonic_ns=monotonic_ns, heard=heard, sent=sent, readings=readings
                )
            )


def overheard(protocol: DeviceProtocol, device: str, tap: Tap | None) -> DeviceProtocol:
    """Let a tap listen in on a wire; None: nobody does."""
    return protocol if tap is None else Overheard(protocol, device, tap)
