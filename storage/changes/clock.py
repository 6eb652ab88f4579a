"""What time a change carries: wall, boot, monotonic and hybrid logical time, and how far the clock is to be trusted."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_SYNCHRONISED: Final = "/run/systemd/timesync/synchronized"
_COUNTER_BITS: Final = 16
_SLACK_MS: Final = 1_000


class ClockState(StrEnum):
    """How far a wall time is to be trusted."""

    SYNCED = "synced"  # set by a time server since this boot
    UNKNOWN = "unknown"  # nobody says
    BEHIND = "behind"  # earlier than a time already recorded: the clock was set back, or was ahead before


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at the clocks."""

    wall: datetime
    boot_id: str
    monotonic_ns: int
    state: ClockState


class Clock(Protocol):
    """Where the store takes its times from."""

    def __call__(self) -> Moment:
        """Look at the clocks."""


class SystemClock:
    """The clocks of this machine."""

    def __init__(self) -> None:
        try:
            self._boot_id = _BOOT_ID.read_text(encoding="ascii").strip()
        except OSError:
            self._boot_id = ""

    def __call__(self) -> Moment:
        """Look at the clocks."""
        state = ClockState.SYNCED if os.access(_SYNCHRONISED, os.F_OK) else ClockState.UNKNOWN
        return Moment(datetime.now(UTC), self._boot_id, time.monotonic_ns(), state)


class LogicalClock:
    """A hybrid logical clock: milliseconds of wall time and a counter in one integer that only grows."""

    def __init__(self, last: int) -> None:
        self._last = last

    def follow(self, wall: datetime) -> bool:
        """Catch up with the wall time; say whether that is behind what was recorded, by more than counting explains."""
        now_ms = int(wall.timestamp() * 1000)
        behind = now_ms + _SLACK_MS < self._last >> _COUNTER_BITS
        self._last = max(self._last, now_ms << _COUNTER_BITS)
        return behind

    def tick(self) -> int:
        """Give the next stamp."""
        self._last += 1
        return self._last
