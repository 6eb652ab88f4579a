"""The kernel's input events: `struct input_event` of linux/input.h, as this computer lays it out.

What a device's keys are like at a moment is told in the same form (`told_state`): SYN_DROPPED and SYN_REPORT, because
nothing before it counts, then a repeat for each key that is down and the light of Caps Lock, and SYN_REPORT.
"""

import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

_LAYOUT: Final = struct.Struct("llHHi")
EVENT_BYTES: Final = _LAYOUT.size

SYN, KEY, LED = 0x00, 0x01, 0x11
SYN_REPORT, SYN_DROPPED = 0, 3
LED_CAPS_LOCK: Final = 1
UP, DOWN, REPEAT = 0, 1, 2


class InputEvent(NamedTuple):
    """One event. `at_ns` is the kernel's time of it, on the clock the reader chose."""

    at_ns: int
    kind: int
    code: int
    value: int


def pack(event: InputEvent) -> bytes:
    """Write one event as the kernel does."""
    seconds, rest_ns = divmod(event.at_ns, 1_000_000_000)
    return _LAYOUT.pack(seconds, rest_ns // 1000, event.kind, event.code, event.value)


def unpack(data: bytes) -> list[InputEvent]:
    """Read whole events."""
    return [
        InputEvent(seconds * 1_000_000_000 + micros * 1000, kind, code, value)
        for seconds, micros, kind, code, value in _LAYOUT.iter_unpack(data)
    ]


def told_state(at_ns: int, held: Iterable[int], *, caps_lock: bool) -> bytes:
    """Tell which keys are down and whether the light of Caps Lock is on."""
    lines = (
        (SYN, SYN_DROPPED, 0),
        (SYN, SYN_REPORT, 0),
        *((KEY, code, REPEAT) for code in sorted(held)),
        (LED, LED_CAPS_LOCK, int(caps_lock)),
        (SYN, SYN_REPORT, 0),
    )
    return b"".join(pack(InputEvent(at_ns, *line)) for line in lines)


class EventCutter:
    """Cuts a byte stream into events, however it was chunked."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[InputEvent]:
        """Return the events that `data` completes."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT_BYTES
        self._rest = data[whole:]
        return unpack(data[:whole])

    def reset(self) -> None:
        """Forget a part of an event."""
        self._rest = b""
