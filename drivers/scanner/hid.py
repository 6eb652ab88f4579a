"""Scanners that type like a keyboard (HID): one barcode an Enter, or a pause; no hand-shake, no feedback."""

from dataclasses import dataclass, field
from datetime import datetime

from drivers.framing import Frame
from drivers.hid.typist import Typing, Typist
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner.text import read_scan


@dataclass(frozen=True, slots=True)
class HidSettings:
    """How a scanner that types ends its barcodes."""

    typing: Typing = field(default_factory=Typing)


class HidScanner:
    """Reads one scan from what is typed up to an Enter. `raw` is what was typed, as text (`drivers.hid.typist`)."""

    speaks_unasked = False

    def __init__(self, settings: HidSettings, device: str) -> None:
        self._device = device
        self._typist = Typist(settings.typing)

    @property
    def idle_after_s(self) -> float | None:
        """How long a silence means something, else None."""
        return self._typist.idle_after_s

    @property
    def heard(self) -> bytes:
        """What the events fed last typed: text, CR for Enter, other control characters for theirs, SUB for the rest."""
        return self._typist.heard

    def opened(self) -> bytes:
        """Forget what was typed before; nothing to send."""
        self._typist.reset()
        return b""

    def feed(self, chunk: Chunk) -> Output:
        """Return the scans that `chunk` completes."""
        return self._read(self._typist.feed(chunk.data), chunk.wall, chunk.monotonic_ns)

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """End what was typed, or give it up, unless its last key was later than it looked."""
        return self._read(self._typist.idle(monotonic_ns), wall, monotonic_ns)

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return nothing: this scanner cannot hear."""
        return b""

    def arm(self, serial: str | None) -> bytes | None:
        """Return nothing to send: a scanner is always ready."""
        return b""

    def _read(self, frames: list[Frame], wall: datetime, monotonic_ns: int) -> Output:
        return Output(tuple(self._reading(frame, wall, monotonic_ns) for frame in frames))

    def _reading(self, frame: Frame, wall: datetime, monotonic_ns: int) -> Scan | Garbled:
        if not frame.fault:
            return read_scan(frame.raw, frame.raw, self._device, wall, monotonic_ns)
        reason = f"What was typed cannot be used: {frame.fault}."
        return Garbled(device=self._device, raw=frame.raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)
