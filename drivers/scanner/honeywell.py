"""Honeywell scanners (Xenon, Granit) that wait for the host: host-ACK escapes, or ACK/NAK.

Source: Xenon/Granit User's Guide, chapters on serial set-up (ACK/NAK) and on host ACK. In host-ACK mode the scanner
is blocked for up to 10 s until an escape string ending in a comma arrives; in ACK/NAK mode it waits 2 s for one byte,
and a NAK makes it send the same barcode again.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from drivers.framing import Framing, Noise
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading
from drivers.scanner.plain import PlainScanner, PlainSettings


class HandShake(StrEnum):
    """What the scanner is set to wait for."""

    HOST_ACK = "host_ack"
    ACK_NAK = "ack_nak"


ACK = b"\x06"
NAK = b"\x15"
BEEP = b"\x16\x07\r"  # SYN BEL CR
GREEN_LED_135_MS = b"\x1b1,"
GOOD_READ = b"\x1b7,"
BAD_READ = b"\x1b8,\x1b8,"

_WORDS = {
    # A refused scan is stored all the same: NAK would make the scanner send it again and again.
    HandShake.ACK_NAK: {Answer.GOOD: ACK, Answer.BAD: ACK + BEEP + BEEP, Answer.SEEN: ACK},
    # Without any escape the scanner would stay blocked; the short LED ends the wait without a sound.
    HandShake.HOST_ACK: {Answer.GOOD: GOOD_READ, Answer.BAD: BAD_READ, Answer.SEEN: GREEN_LED_135_MS},
}
_SOUNDS = {True: 3 * BEEP, False: 2 * BEEP}
"""This scanner has one beep that needs no scan: their number says good or bad."""


@dataclass(frozen=True, slots=True)
class HoneywellSettings:
    """How a Honeywell scanner frames its barcodes and what it waits for.

    In ACK/NAK mode an unreadable frame is asked for again at once, at most `nak_limit` times in a row.
    """

    framing: Framing = field(default_factory=Framing)
    hand_shake: HandShake = HandShake.HOST_ACK
    nak_limit: int = 3


class HoneywellScanner:
    """Reads like a plain scanner and answers in the scanner's own words, only when asked to by `answer`."""

    speaks_unasked = False

    def __init__(self, settings: HoneywellSettings, device: str) -> None:
        self._settings = settings
        self._plain = PlainScanner(PlainSettings(settings.framing), device)
        self._naks = 0
        self._unanswered = 0

    @property
    def idle_after_s(self) -> float | None:
        """The frame gap while part of a frame waits, else None."""
        return self._plain.idle_after_s

    @property
    def noise(self) -> Noise:
        """Bytes outside any frame."""
        return self._plain.noise

    def opened(self) -> bytes:
        """Forget a partial frame and whom an answer is owed; nothing to send."""
        self._naks = self._unanswered = 0
        return self._plain.opened()

    def feed(self, chunk: Chunk) -> Output:
        """Return the scans that `chunk` completes, and a NAK for each frame worth asking for again."""
        return self._asking_again(self._plain.feed(chunk))

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """End the waiting frame, or give it up and ask for it again."""
        return self._asking_again(self._plain.idle(wall, monotonic_ns))

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return the escape or byte that ends the scanner's wait for `reading`.

        An unreadable frame is answered here in host-ACK mode only; in ACK/NAK mode its NAK is already out.
        """
        self._unanswered = max(0, self._unanswered - 1)
        if isinstance(reading, Garbled) and self._settings.hand_shake is HandShake.ACK_NAK:
            return b""
        return _WORDS[self._settings.hand_shake][answer]

    def arm(self, serial: str | None) -> bytes | None:
        """Return nothing to send: a scanner is always ready."""
        return b""

    def sound(self, *, good: bool) -> bytes | None:
        """Return three beeps for good, two for bad; None while a scan is coming in or waits for its answer."""
        return None if self._unanswered or self._plain.idle_after_s is not None else _SOUNDS[good]

    def _asking_again(self, output: Output) -> Output:
        self._unanswered += len(output.readings)
        if self._settings.hand_shake is HandShake.HOST_ACK:
            return output
        return Output(output.readings, b"".join(self._nak_for(reading) for reading in output.readings))

    def _nak_for(self, reading: Reading) -> bytes:
        """Return NAK for an unreadable frame; nothing beyond the limit: the scanner reports the error itself."""
        if not isinstance(reading, Garbled):
            self._naks = 0
            return b""
        self._naks += 1
        return NAK if self._naks <= self._settings.nak_limit else b""
