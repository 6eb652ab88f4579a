"""From what passes over wires to lines for a person: bytes gathered until something was read of them, badges masked."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from daemon.wiring.hearing import words_of
from daemon.wiring.wirewords import masked
from drivers.readings import Garbled, Reading, TesterFault
from drivers.tap import Passed

PAUSE_NS: Final = 1_000_000_000
"""Bytes of which nothing was read for so long are shown as they are."""

_LONGEST: Final = 1024
_UNREAD: Final = "Nothing was read of this: no end came, or it lies outside a frame."


@dataclass(frozen=True, slots=True, kw_only=True)
class WireLine:
    """One line: `data`, without badges, went to the device or came from it; what it was read as, or why it was not."""

    device: str
    at: datetime
    sent: bool
    data: bytes
    said: tuple[str, ...] = ()
    fault: str = ""


@dataclass(slots=True)
class _Held:
    """Bytes of which nothing was read yet; a badge may begin in them."""

    at: datetime
    last_ns: int
    data: bytearray = field(default_factory=bytearray)


class Earshot:
    """Gathers what passes until it can be told. Never shows a part of a frame that may still become a badge."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    @property
    def waits(self) -> bool:
        """Tell whether bytes wait for their reading."""
        return bool(self._held)

    def take(self, passed: Passed) -> tuple[WireLine, ...]:
        """Take a moment; give the lines it completes."""
        if passed.sent:
            return (WireLine(device=passed.device, at=passed.wall, sent=True, data=masked(passed.sent)),)
        held = self._held.setdefault(passed.device, _Held(passed.wall, passed.monotonic_ns))
        held.data += passed.heard
        held.last_ns = passed.monotonic_ns
        if passed.readings or len(held.data) > _LONGEST:
            return (self._told(passed.device, passed.readings),)
        return ()

    def paused(self, now_ns: int) -> tuple[WireLine, ...]:
        """Give what waited for its reading in vain."""
        stale = [device for device, held in self._held.items() if now_ns - held.last_ns >= PAUSE_NS]
        return tuple(self._told(device, ()) for device in stale)

    def _told(self, device: str, readings: tuple[Reading, ...]) -> WireLine:
        held = self._held.pop(device)
        faults = [one.reason for one in readings if isinstance(one, Garbled | TesterFault)]
        return WireLine(
            device=device, at=held.at, sent=False, data=masked(bytes(held.data), readings),
            said=tuple(words_of(one) for one in readings if not isinstance(one, Garbled | TesterFault)),
            fault=" ".join(faults) if readings else _UNREAD,
        )  # fmt: skip
