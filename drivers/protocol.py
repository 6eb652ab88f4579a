"""The seam between bytes and readings: a device's wire syntax, pure, without I/O and without a clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from drivers.instrument import Answer
from drivers.readings import Reading


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they arrived, cut anywhere, never empty.

    `wall` is UTC with time zone; `monotonic_ns` orders chunks within one boot.
    """

    data: bytes
    wall: datetime
    monotonic_ns: int


@dataclass(frozen=True, slots=True)
class Output:
    """What a protocol made of its input: readings in the order they were said, and bytes to send back."""

    readings: tuple[Reading, ...] = ()
    replies: bytes = b""


class DeviceProtocol(Protocol):
    """One device's wire syntax as a state machine: bytes in, readings and replies out.

    Never blocks, never looks at a clock: time comes in with the bytes. Any cutting of the same bytes into
    chunks yields the same readings. Never raises for what the device sends: what cannot be read becomes a
    reading that says so. The supervising device calls it from one loop, one call at a time.
    """

    @property
    def idle_after_s(self) -> float | None:
        """Call `idle` when nothing arrived for so long; None: never. Looked up afresh after every call."""
        ...

    @property
    def speaks_unasked(self) -> bool:
        """True when a healthy device is never quiet for long: silence means broken, the port is reopened."""
        ...

    def opened(self) -> bytes:
        """Forget everything about the link before, and return what to send first on the fresh one."""
        ...

    def feed(self, chunk: Chunk) -> Output:
        """Take the next bytes. Partial frames are kept, bounded, until their rest comes."""
        ...

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """Nothing arrived for `idle_after_s`: end a frame by its gap, give up on an answer, ask again.

        Called again every `idle_after_s` while the silence lasts, unless that has become None.
        """
        ...

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return the bytes that tell the device about a reading it made; empty when it cannot hear."""
        ...

    def arm(self, serial: str | None) -> bytes | None:
        """Return the bytes that prepare the flash of `serial` (None: disarm); None: cannot be armed now."""
        ...


@runtime_checkable
class Legible(Protocol):
    """A wire syntax whose bytes are no text, though what they carry is."""

    @property
    def heard(self) -> bytes:
        """What the bytes fed last carry, as a serial device would have sent it."""
        ...


@runtime_checkable
class Audible(Protocol):
    """A wire syntax with sounds that belong to no reading."""

    def sound(self, *, good: bool) -> bytes | None:
        """Return the bytes of a sound for good or bad news; None while an exchange runs that they would disturb."""
        ...
