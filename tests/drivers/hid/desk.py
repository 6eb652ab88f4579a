"""A keyboard for tests: a pipe in place of the device file, and the kernel's answers about its keys."""

import asyncio
import errno
import fcntl
import os
import struct
import termios
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from pathlib import Path

from simulators.wire.keyboard import Manner, Report, event, report, reports

DESK_KEYS = frozenset(range(1, 128))
_PIECE = 100 * struct.calcsize("llHHi")  # pipes take so little whole or not at all


def typed(
    text: str, *, at_ns: int = 10**12, step_ns: int | Iterable[int] = 4_000_000, manner: Manner | None = None
) -> bytes:
    """Type a text and its Enter, a report every `step_ns`."""
    how = manner or Manner()
    return b"".join(
        report(when, keys, scan_codes=how.scan_codes) for when, keys in timed(reports(text, how), at_ns, step_ns)
    )


def timed(what: Iterable[Report], at_ns: int, step_ns: int | Iterable[int]) -> Iterator[tuple[int, Report]]:
    steps = repeat(step_ns) if isinstance(step_ns, int) else chain(step_ns, repeat(1_000_000))
    return zip(accumulate(chain((at_ns,), steps)), what, strict=False)


def dropped(at_ns: int) -> bytes:
    """What the kernel says when its reader was too slow."""
    return event(at_ns, 0, 3, 0) + event(at_ns, 0, 0, 0)


@dataclass
class Desk:
    """The keyboard's end. `file` is there while it is plugged; `down` and `light` are what the kernel would answer."""

    file: Path
    keys: frozenset[int] = DESK_KEYS
    down: set[int] = field(default_factory=set)
    light: bool = False
    refuses: int = 0
    asked: list[tuple[int, bytes | int]] = field(default_factory=list)
    _end: int = -1

    def __post_init__(self) -> None:
        self.plug()

    def plug(self) -> None:
        os.mkfifo(self.file)
        self._end = os.open(self.file, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        if self._end >= 0:
            self.file.unlink()
            os.close(self._end)
            self._end = -1

    def ask(self, _descriptor: int, request: int, argument: bytes | int) -> bytes | int:
        """Stand for the kernel; the numbers are what a C compiler makes of linux/input.h on a 64-bit PC."""
        self.asked.append((request, argument))
        match request:
            case 0x80604521:  # EVIOCGBIT(EV_KEY, 96)
                return _bits(self.keys, 96)
            case 0x80604518:  # EVIOCGKEY(96)
                return _bits(self.down, 96)
            case 0x80024519:  # EVIOCGLED(2)
                return _bits({1} if self.light else set(), 2)
            case 0x400445A0:  # EVIOCSCLOCKID
                return argument
            case 0x40044590 if self.refuses:  # EVIOCGRAB
                raise OSError(self.refuses, os.strerror(self.refuses))
            case 0x40044590:
                return 0
        raise OSError(errno.ENOTTY, "unknown request")

    @property
    def grabs(self) -> int:
        """How often its keys were taken."""
        return sum(request == 0x40044590 and argument == 1 for request, argument in self.asked)

    async def send(self, data: bytes) -> None:
        for at in range(0, len(data), _PIECE):
            while True:
                try:
                    os.write(self._end, data[at : at + _PIECE])
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.001)

    async def type(self, text: str, manner: Manner | None = None) -> None:
        """Type now, a report a microsecond."""
        await self.send(typed(text, at_ns=time.monotonic_ns(), step_ns=1000, manner=manner))

    async def read(self) -> None:
        """Return when the other program has read everything."""
        async with asyncio.timeout(60):
            while self._unread():  # noqa: ASYNC110 - a pipe has no event for it
                await asyncio.sleep(0.001)

    def _unread(self) -> int:
        return int(struct.unpack("I", fcntl.ioctl(self._end, termios.FIONREAD, bytes(4)))[0])


def _bits(numbers: Iterable[int], size: int) -> bytes:
    return sum(1 << number for number in numbers).to_bytes(size, "little")
