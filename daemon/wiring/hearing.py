"""What a device said last and how much of it could be read, kept in memory for whoever looks after devices."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from daemon.wiring.wirewords import is_badge, masked
from drivers.readings import FileRows, Flash, Garbled, Reading, Scan, TesterFault

LOOKED_AT: Final = 20
"""So many of the last frames are judged: enough to tell a wrong baud rate from a torn label."""

_SHOWN: Final = 60
_SHOWN_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Said:
    """What a device said at a moment, in words for people."""

    at: datetime
    text: str


@dataclass(slots=True)
class Hearing:
    """The last words of one device; `readable` tells of each of the last frames whether it could be read."""

    last: Said | None = None
    readable: deque[bool] = field(default_factory=lambda: deque(maxlen=LOOKED_AT))

    def hear(self, reading: Reading) -> None:
        """Take what was said just now."""
        self.last = Said(reading.wall, words_of(reading)[:_SHOWN])
        self.readable.append(not isinstance(reading, Garbled))

    @property
    def unreadable(self) -> int:
        """How many of the last frames could not be read."""
        return self.readable.count(False)


def words_of(reading: Reading) -> str:
    """Say what a reading says; of a badge only that it is one, as its text lets the bearer sign in."""
    match reading:
        case Scan(text=text):
            return "a badge" if is_badge(reading) else text
        case Garbled(raw=raw):
            return f"unreadable: {masked(raw)[:_SHOWN_BYTES].hex(' ')}"
        case Flash(serial_text=serial, values=values):
            return f"flash of {serial or 'a panel'}: {values.pmax_w if values.pmax_w is not None else '-'} W"
        case TesterFault(reason=reason):
            return reason
        case FileRows(file=file, rows=rows):
            return f"{file}: {len(rows)} rows"
    return ""
