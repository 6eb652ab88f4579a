"""Asks the kernel for a keyboard: opens it, makes sure it is one, takes its keys for this program alone.

The requests are those of linux/input.h, encoded as asm-generic/ioctl.h says.
"""

import errno
import fcntl
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.errors import DriverError, LinkLost, NeedsPerson, PortAbsent, PortBusy, PortForbidden
from drivers.hid.events import EVENT_BYTES, KEY, LED_CAPS_LOCK, told_state
from drivers.hid.find import TYPING_KEYS
from drivers.holders import holders

Ask = Callable[[int, int, bytes | int], bytes | int]
"""`ioctl`, or what stands for it."""

READ_BYTES: Final = 64 * EVENT_BYTES
_KEY_BYTES, _LED_BYTES = 0x300 // 8, 0x10 // 8
_READ, _WRITE = 2, 1


def _request(way: int, number: int, size: int) -> int:
    return way << 30 | size << 16 | ord("E") << 8 | number


GET_KEYS: Final = _request(_READ, 0x18, _KEY_BYTES)  # EVIOCGKEY: those that are down
GET_LIGHTS: Final = _request(_READ, 0x19, _LED_BYTES)  # EVIOCGLED
GET_KEY_BITS: Final = _request(_READ, 0x20 + KEY, _KEY_BYTES)  # EVIOCGBIT: those it has
GRAB: Final = _request(_WRITE, 0x90, 4)  # EVIOCGRAB
SET_CLOCK: Final = _request(_WRITE, 0xA0, 4)  # EVIOCSCLOCKID


def ioctl(descriptor: int, request: int, argument: bytes | int) -> bytes | int:
    """Ask the kernel. Raises OSError."""
    return fcntl.ioctl(descriptor, request, argument)


@dataclass(frozen=True, slots=True)
class Grabbed:
    """A keyboard whose keys nobody else gets, until it is closed."""

    descriptor: int
    ask: Ask = ioctl

    def restate(self) -> bytes:
        """Forget what waits to be read, and tell how the keys are now. Raises OSError when it is gone."""
        try:
            while os.read(self.descriptor, READ_BYTES):
                pass
        except BlockingIOError:
            pass
        down = _bits(self.ask(self.descriptor, GET_KEYS, bytes(_KEY_BYTES)))
        lights = _bits(self.ask(self.descriptor, GET_LIGHTS, bytes(_LED_BYTES)))
        return told_state(time.monotonic_ns(), down, caps_lock=LED_CAPS_LOCK in lights)

    def close(self) -> None:
        """Let go."""
        os.close(self.descriptor)


def grab(file: str, verify: Callable[[], None] | None, ask: Ask = ioctl) -> Grabbed:
    """Open the keyboard at `file` and take its keys; `verify` is asked in between.

    Raises PortAbsent, PortBusy (with who has it open), PortForbidden, NeedsPerson (no keyboard), LinkLost, and what
    `verify` raises.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise _translated(file, error) from error
    try:
        _take(file, descriptor, verify, ask)
    except OSError as error:
        os.close(descriptor)
        raise _translated(file, error) from error
    except BaseException:
        os.close(descriptor)
        raise
    return Grabbed(descriptor, ask)


def _take(file: str, descriptor: int, verify: Callable[[], None] | None, ask: Ask) -> None:
    if not _bits(ask(descriptor, GET_KEY_BITS, bytes(_KEY_BYTES))) >= TYPING_KEYS:
        raise NeedsPerson(f"{file} types no text.", todo="Configure the scanner's own place: sunline device ports")
    ask(descriptor, SET_CLOCK, struct.pack("i", time.CLOCK_MONOTONIC))
    if verify is not None:
        verify()  # while the file is open, its number is nobody else's
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not needed for the grab: it shows who has it
    ask(descriptor, GRAB, 1)


def _bits(answer: bytes | int) -> frozenset[int]:
    """Give the numbers of the bits that are set."""
    data = answer if isinstance(answer, bytes) else b""
    return frozenset(8 * at + bit for at, byte in enumerate(data) for bit in range(8) if byte >> bit & 1)


def _translated(file: str, error: OSError) -> DriverError:
    match error.errno:
        case errno.ENOENT | errno.ENXIO | errno.ENODEV | errno.ENOTDIR:
            return PortAbsent(f"{file} is not there.")
        case errno.EBUSY | errno.EAGAIN:
            return _busy(file)
        case errno.EACCES | errno.EPERM:
            todo = "Name it a scanner in a udev rule, then plug it in again: docs/hid-scanners.md."
            return PortForbidden(f"This user may not open {file}.", todo=todo)
        case errno.ENOTTY | errno.EINVAL | errno.EISDIR:
            return NeedsPerson(f"{file} is not a keyboard.", todo="Configure the scanner's own place.")
        case _:
            return LinkLost(f"{file} could not be opened: {error}.")


def _busy(file: str) -> PortBusy:
    """Whoever has it open may be the one who took the keys; a desktop has every keyboard open and takes none."""
    others = [str(one) for one in holders([file])[file] if one.pid != os.getpid()]
    who = f" (open in {', '.join(others)})" if others else ""
    return PortBusy(
        f"{file} is used by another program{who}.",
        todo="End the program that takes this scanner's keys for itself: only one can.",
    )
