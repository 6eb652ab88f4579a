"""Cut a byte stream into frames: by line end, by markers or by an idle gap; bounded, resynchronising, counting noise.

Pure. Cutting depends on the bytes and on calls of `idle`, never on how the bytes were chunked.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """What ends a frame."""

    CR = "cr"
    LF = "lf"
    CRLF = "crlf"  # the pair only; a single CR or LF is data
    LINE = "line"  # any of the three
    GAP = "gap"  # no terminator: silence of `gap_s`


_TERMINATOR = {Ending.CR: rb"\r", Ending.LF: rb"\n", Ending.CRLF: rb"\r\n", Ending.LINE: rb"[\r\n]"}
_LINE_ENDS = b"\r\n"
_SAMPLE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Framing:
    """How a device frames what it says.

    `start` opens a frame (STX, or any text); what lies outside is noise. `end` closes it (ETX) instead of the line
    end named by `ending`. `max_length` bounds a frame, in bytes. A frame without terminator is ended by `gap_s` of
    silence; a terminated frame whose terminator is `stale_s` late is given up, so that it never glues to the next.
    """

    ending: Ending = Ending.LINE
    start: bytes = b""
    end: bytes = b""
    max_length: int = 256
    gap_s: float = 0.1
    stale_s: float = 0.5

    def __post_init__(self) -> None:
        if self.max_length < 1 or self.gap_s <= 0 or self.stale_s <= 0:
            raise ValueError("max_length, gap_s and stale_s must be greater than zero")
        if self.start and self.start == self.end:
            raise ValueError("start and end of a frame must differ")


@dataclass(frozen=True, slots=True)
class Frame:
    """What lay between two borders. `fault` says in words why it cannot be trusted; empty when it can."""

    raw: bytes
    fault: str = ""


@dataclass(slots=True)
class Noise:
    """Bytes that belonged to no frame: how many, and the first of them."""

    count: int = 0
    sample: bytes = b""

    def add(self, data: bytes) -> None:
        """Count `data`, and keep the beginning of everything counted so far."""
        self.count += len(data)
        if len(self.sample) < _SAMPLE_BYTES:
            self.sample += data[: _SAMPLE_BYTES - len(self.sample)]


class Cutter:
    """Turns bytes into frames. Empty frames are ignored (the LF after a CR); nothing framed is dropped.

    An over-long frame yields one faulty `Frame` with its first `max_length` bytes; the rest, up to the next
    border, is noise. `noise` counts for the life of the cutter.
    """

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._held = bytearray()
        self._inside = not framing.start
        self._skipping = False
        self._end, self._end_length = _end_of(framing)
        self.noise = Noise()

    @property
    def idle_after_s(self) -> float | None:
        """How long a silence means something for what is held now; None when nothing waits."""
        opened = bool(self._framing.start) and self._inside
        if not (self._held or self._skipping or opened):
            return None
        return self._framing.gap_s if self._end is None else self._framing.stale_s

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes, return the frames they complete."""
        self._held += data
        hunting = self._framing.start or self._skipping
        frames = self._lines(self._end) if self._end and not hunting else []
        while self._step(frames):
            pass
        return frames

    def idle(self) -> list[Frame]:
        """Silence: end the frame (no terminator configured) or give it up. The next byte begins anew."""
        frames: list[Frame] = []
        rest = bytes(self._held)
        if self._inside and not self._skipping:
            self._emit(frames, rest, "" if self._end is None else "it broke off before its end")
            self._held.clear()
        self.reset()
        return frames

    def reset(self) -> None:
        """Forget what is held; it counts as noise."""
        self._discard(len(self._held))
        self._inside, self._skipping = not self._framing.start, False

    def _lines(self, end: re.Pattern[bytes]) -> list[Frame]:
        """Cut all complete frames at once, the usual case; none where one of them is too long."""
        *whole, rest = end.split(self._held)
        if max(map(len, whole), default=0) > self._framing.max_length:
            return []
        self._held = bytearray(rest)
        return [Frame(content) for part in whole if (content := part.strip(_LINE_ENDS))]

    def _step(self, frames: list[Frame]) -> bool:
        if self._skipping:
            return self._skip()
        if not self._inside:
            return self._hunt()
        return self._body(frames)

    def _hunt(self) -> bool:
        """Look for the start marker; everything before it is noise."""
        at = self._held.find(self._framing.start)
        keep = len(self._framing.start) - 1
        self._discard(at if at >= 0 else max(0, len(self._held) - keep))
        if at < 0:
            return False
        del self._held[: len(self._framing.start)]
        self._inside = True
        return True

    def _body(self, frames: list[Frame]) -> bool:
        """Cut one frame, or find it too long."""
        longest = self._framing.max_length
        match = self._end.search(self._held, 0, longest + self._end_length) if self._end else None
        if match is not None:
            content = bytes(self._held[: match.start()])
            del self._held[: match.end()]
            self._inside = not self._framing.start
            self._emit(frames, content, "")
            return True
        over = len(self._held) >= longest + self._end_length
        if over:
            self._emit(frames, bytes(self._held[:longest]), f"it is longer than {longest} bytes")
            del self._held[:longest]
            self._inside = self._skipping = not self._framing.start
        return over

    def _skip(self) -> bool:
        """After an over-long frame without start marker: drop up to its border."""
        match = self._end.search(self._held) if self._end else None
        if match is None:
            self._discard(max(0, len(self._held) - (self._end_length - 1)))
            return False
        end = match.end()
        self._discard(match.start())
        del self._held[: end - match.start()]
        self._skipping = False
        return True

    def _emit(self, frames: list[Frame], content: bytes, fault: str) -> None:
        """Split off frames that were cut short by a second start marker, ignore empty ones."""
        *broken, content = content.split(self._framing.start) if self._framing.start else [content]
        frames.extend(Frame(part, "a new one began before its end") for part in broken if part)
        content = content.strip(_LINE_ENDS)
        if content:
            frames.append(Frame(content, fault))

    def _discard(self, count: int) -> None:
        """Count the first `count` held bytes as noise; line ends between frames are none."""
        self.noise.add(bytes(self._held[:count]).translate(None, _LINE_ENDS))
        del self._held[:count]


def _end_of(framing: Framing) -> tuple[re.Pattern[bytes] | None, int]:
    """Return the pattern that ends a frame and its length in bytes; (None, 1) when only silence ends it."""
    if framing.end:
        return re.compile(re.escape(framing.end)), len(framing.end)
    if framing.ending is Ending.GAP:
        return None, 1
    return re.compile(_TERMINATOR[framing.ending]), 2 if framing.ending is Ending.CRLF else 1
