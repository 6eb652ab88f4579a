"""Zebra scanners that speak SSI: packets with checksum, resent until acknowledged.

Source: Zebra Simple Serial Interface Programmer's Guide (72E-40451); the beep codes are those of the Symbol beep
table (0 and 2: one and three short high beeps, 6: two short low ones, 16: two long low ones). A complete barcode is
acknowledged only by `answer`, that is after it is durably stored: until then the scanner holds it and would send it
again.
"""

from dataclasses import dataclass
from datetime import datetime

from drivers.framing import Noise
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner.ssi_packet import CONTINUED, RETRANSMIT, BadPacket, Opcode, Packet, PacketCutter, encode
from drivers.scanner.text import read_scan

ACK = encode(Opcode.CMD_ACK)
NAK_RESEND = encode(Opcode.CMD_NAK, b"\x01")

_SOUNDS = {True: encode(Opcode.BEEP, b"\x02"), False: encode(Opcode.BEEP, b"\x10")}

_SYMBOLOGY = {0x01: "A", 0x03: "C", 0x1B: "d", 0x1C: "Q"}
"""SSI code type to AIM code character; the modifier is not told. Other types read `ssi-XX`."""


@dataclass(frozen=True, slots=True)
class SsiSettings:
    """What an SSI scanner hears and how patient the host is.

    `good_beep` and `bad_beep` are SSI beep codes, None for silence: a general default, not checked for every model.
    `continuation_has_type`: whether every packet of a split barcode repeats the code-type byte (general default).
    `resend_window_s`: how long after a scan its packet can still come again as a repetition.
    `stale_s`: an unfinished packet or barcode is given up after so much silence. `nak_limit`: requests to resend in
    a row before the host falls silent and lets the scanner report the transmission error itself.
    """

    good_beep: int | None = 0x00
    bad_beep: int | None = 0x06
    continuation_has_type: bool = True
    resend_window_s: float = 10.0
    stale_s: float = 0.5
    max_parts: int = 16
    nak_limit: int = 3


@dataclass(slots=True)
class _Last:
    """The last complete barcode: how to know a repetition of it, and whether it was answered."""

    key: tuple[int, bytes]
    reading: Reading
    answered: bool = False


class SsiScanner:
    """Reads packeted barcodes; repetitions of a barcode make one reading.

    A repetition is the same packet while the first is unanswered, or one marked as retransmitted shortly after.
    """

    speaks_unasked = False

    def __init__(self, settings: SsiSettings, device: str) -> None:
        self._settings = settings
        self._device = device
        self._cutter = PacketCutter()
        self._parts: list[Packet] = []
        self._last: _Last | None = None
        self._naks = 0

    @property
    def idle_after_s(self) -> float | None:
        """The patience with an unfinished packet or barcode, else None."""
        return self._settings.stale_s if self._cutter.waiting or self._parts else None

    @property
    def noise(self) -> Noise:
        """Bytes outside any packet."""
        return self._cutter.noise

    def opened(self) -> bytes:
        """Forget partial packets and whom an acknowledgement is owed; nothing to send."""
        self._cutter.reset()
        self._parts.clear()
        self._last, self._naks = None, 0
        return b""

    def feed(self, chunk: Chunk) -> Output:
        """Return the barcodes that `chunk` completes, and what the hand-shake needs at once."""
        return self._take(self._cutter.feed(chunk.data), chunk.wall, chunk.monotonic_ns)

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """Give up what is unfinished and ask for it again."""
        output = self._take(self._cutter.idle(), wall, monotonic_ns)
        if not self._parts:
            return output
        reading = self._unfinished("its other packets did not come", wall, monotonic_ns)
        return Output((*output.readings, reading), output.replies or self._nak())

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return ACK for the scan the decoder still holds, and the beep for `answer`.

        A scan the decoder no longer waits for gets its beep alone: an ACK would release the wrong barcode.
        """
        last = self._last
        if last is not None and not last.answered and reading == last.reading:
            last.answered = True
            return ACK + self._beep(answer)
        return self._beep(answer) if isinstance(reading, Scan) else b""

    def arm(self, serial: str | None) -> bytes | None:
        """Return nothing to send: a scanner is always ready."""
        return b""

    def sound(self, *, good: bool) -> bytes | None:
        """Return three short beeps for good, two long ones for bad; None while a packet comes or waits for its ACK."""
        owed = self._last is not None and not self._last.answered
        return None if owed or self._parts or self._cutter.waiting else _SOUNDS[good]

    def _take(self, packets: list[Packet | BadPacket], wall: datetime, monotonic_ns: int) -> Output:
        outputs = [self._packet(packet, wall, monotonic_ns) for packet in packets]
        readings = tuple(reading for output in outputs for reading in output.readings)
        return Output(readings, b"".join(output.replies for output in outputs))

    def _packet(self, packet: Packet | BadPacket, wall: datetime, monotonic_ns: int) -> Output:
        if isinstance(packet, BadPacket):
            self._last = None  # what is sent again now may be a second scan of the same barcode
            reason = f"The packet cannot be used: {packet.reason}."
            return Output((self._garbled(packet.raw, reason, wall, monotonic_ns),), self._nak())
        if packet.opcode != Opcode.DECODE_DATA:
            return Output()
        self._naks = 0
        if self._parts and _key(packet) == _key(self._parts[-1]):
            return Output(replies=ACK)
        if self._repeats(packet, monotonic_ns):
            answered = self._last is not None and self._last.answered
            return Output(replies=ACK if answered else b"")
        return self._part(packet, wall, monotonic_ns)

    def _part(self, packet: Packet, wall: datetime, monotonic_ns: int) -> Output:
        """Keep one packet of a split barcode, or complete the barcode."""
        self._parts.append(packet)
        if packet.status & CONTINUED and len(self._parts) < self._settings.max_parts:
            return Output(replies=ACK)
        if packet.status & CONTINUED:
            return Output((self._unfinished("it has too many packets", wall, monotonic_ns),))
        parts, self._parts = self._parts, []
        reading = self._barcode(parts, wall, monotonic_ns)
        self._last = _Last(_key(packet), reading)
        return Output((reading,))

    def _barcode(self, parts: list[Packet], wall: datetime, monotonic_ns: int) -> Scan | Garbled:
        raw = b"".join(part.raw for part in parts)
        if not parts[0].data:
            return self._garbled(raw, "The packet holds no code type and no text.", wall, monotonic_ns)
        code_type = parts[0].data[0]
        later = 1 if self._settings.continuation_has_type else 0
        content = parts[0].data[1:] + b"".join(part.data[later:] for part in parts[1:])
        symbology = _SYMBOLOGY.get(code_type, f"ssi-{code_type:02X}")
        return read_scan(raw, content.strip(b"\r\n"), self._device, wall, monotonic_ns, symbology=symbology)

    def _repeats(self, packet: Packet, monotonic_ns: int) -> bool:
        last = self._last
        if last is None or self._parts or _key(packet) != last.key:
            return False
        recent = monotonic_ns - last.reading.monotonic_ns <= self._settings.resend_window_s * 1e9
        return recent and (not last.answered or bool(packet.status & RETRANSMIT))

    def _unfinished(self, why: str, wall: datetime, monotonic_ns: int) -> Garbled:
        raw = b"".join(part.raw for part in self._parts)
        self._parts = []
        return self._garbled(raw, f"A barcode in several packets is incomplete: {why}.", wall, monotonic_ns)

    def _garbled(self, raw: bytes, reason: str, wall: datetime, monotonic_ns: int) -> Garbled:
        return Garbled(device=self._device, raw=raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)

    def _nak(self) -> bytes:
        """Return the request to resend; nothing once the limit is reached, until a good packet comes."""
        self._naks += 1
        return NAK_RESEND if self._naks <= self._settings.nak_limit else b""

    def _beep(self, answer: Answer) -> bytes:
        codes = {Answer.GOOD: self._settings.good_beep, Answer.BAD: self._settings.bad_beep}
        code = codes.get(answer)
        return b"" if code is None else encode(Opcode.BEEP, bytes((code,)))


def _key(packet: Packet) -> tuple[int, bytes]:
    """Return what a packet and its retransmission have in common."""
    return (packet.status & ~RETRANSMIT, packet.data)
