"""Scanners that only talk: one barcode a frame, no hand-shake, no feedback."""

from dataclasses import dataclass, field
from datetime import datetime

from drivers.framing import Cutter, Frame, Framing, Noise
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner.text import read_scan


@dataclass(frozen=True, slots=True)
class PlainSettings:
    """How a scanner without feedback frames its barcodes."""

    framing: Framing = field(default_factory=Framing)


class PlainScanner:
    """Reads one scan a frame. Without a checksum on the wire a substituted character cannot be noticed here."""

    speaks_unasked = False

    def __init__(self, settings: PlainSettings, device: str) -> None:
        self._device = device
        self._cutter = Cutter(settings.framing)

    @property
    def idle_after_s(self) -> float | None:
        """The frame gap while part of a frame waits, else None."""
        return self._cutter.idle_after_s

    @property
    def noise(self) -> Noise:
        """Bytes outside any frame."""
        return self._cutter.noise

    def opened(self) -> bytes:
        """Forget a partial frame; nothing to send."""
        self._cutter.reset()
        return b""

    def feed(self, chunk: Chunk) -> Output:
        """Return the scans that `chunk` completes."""
        return self._read(self._cutter.feed(chunk.data), chunk.wall, chunk.monotonic_ns)

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """End the waiting frame, or give it up."""
        return self._read(self._cutter.idle(), wall, monotonic_ns)

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return nothing: this scanner cannot hear."""
        return b""

    def arm(self, serial: str | None) -> bytes | None:
        """Return nothing to send: a scanner is always ready."""
        return b""

    def _read(self, frames: list[Frame], wall: datetime, monotonic_ns: int) -> Output:
        return Output(tuple(self._reading(frame, wall, monotonic_ns) for frame in frames))

    def _reading(self, frame: Frame, wall: datetime, monotonic_ns: int) -> Scan | Garbled:
        if frame.fault:
            return Garbled(
                device=self._device,
                raw=frame.raw,
                wall=wall,
                monotonic_ns=monotonic_ns,
                reason=f"The frame cannot be used: {frame.fault}.",
            )
        return read_scan(frame.raw, frame.raw, self._device, wall, monotonic_ns)
