"""Zebra SSI packets: `[length][opcode][source][status][data…][checksum high][checksum low]`.

Source: Zebra Simple Serial Interface Programmer's Guide (72E-40451). The length does not count the checksum, which is
the two's complement of the 16-bit sum of all bytes before it.
"""

from dataclasses import dataclass
from enum import IntEnum

from drivers.framing import Noise


class Opcode(IntEnum):
    """The messages used here, and those a decoder sends that only need to be recognised."""

    REPLY_REVISION = 0xA4
    PARAM_SEND = 0xC6
    CMD_ACK = 0xD0
    CMD_NAK = 0xD1
    CAPABILITIES_REPLY = 0xD4
    BEEP = 0xE6
    DECODE_DATA = 0xF3
    EVENT = 0xF6


FROM_DECODER = frozenset(Opcode) - {Opcode.BEEP}
DECODER = 0
HOST = 4
RETRANSMIT = 0x01
CONTINUED = 0x02

_HEADER_BYTES = 4
_CHECKSUM_BYTES = 2


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet with a right checksum. `raw` is all of it, checksum included."""

    opcode: int
    status: int
    data: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class BadPacket:
    """Bytes that began like a packet and are none; `reason` is a plain half-sentence."""

    raw: bytes
    reason: str


def checksum(body: bytes) -> bytes:
    """Return the two checksum bytes of a packet's other bytes, high byte first."""
    return (-sum(body) & 0xFFFF).to_bytes(2, "big")


def encode(opcode: int, data: bytes = b"", *, source: int = HOST, status: int = 0) -> bytes:
    """Return a whole packet, checksum included. `data` may have up to 251 bytes."""
    body = bytes((_HEADER_BYTES + len(data), opcode, source, status)) + data
    return body + checksum(body)


class PacketCutter:
    """Cuts a decoder's byte stream into packets and finds the next packet after damage.

    A header is believed when its length, opcode and source fit; other bytes are noise. After a wrong checksum the
    search goes on with the second byte, so that a packet inside or behind the damage is still found.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._reported = 0  # leading held bytes that are already part of a BadPacket
        self.noise = Noise()

    @property
    def waiting(self) -> bool:
        """True while part of a packet is held."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Packet | BadPacket]:
        """Take bytes, return the packets they complete and the damage they end."""
        self._held += data
        return self._drain(at_end=False)

    def idle(self) -> list[Packet | BadPacket]:
        """Silence: what is incomplete now stays so."""
        return self._drain(at_end=True)

    def reset(self) -> None:
        """Forget what is held; it counts as noise."""
        self.noise.add(bytes(self._held))
        self._held.clear()
        self._reported = 0

    def _drain(self, *, at_end: bool) -> list[Packet | BadPacket]:
        found: list[Packet | BadPacket] = []
        while self._held:
            if not _plausible(self._held):
                self._skip_byte()
                continue
            size = self._held[0] + _CHECKSUM_BYTES
            if len(self._held) < size and not at_end:
                break
            found.extend(self._take(size))
        return found

    def _take(self, size: int) -> list[Packet | BadPacket]:
        """Take one packet of `size` bytes from the front, or one byte when it is none."""
        raw = bytes(self._held[:size])
        if len(raw) < size:
            return self._condemn(raw, "it broke off before its end")
        body, trailer = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
        if checksum(body) != trailer:
            return self._condemn(raw, "its checksum is wrong")
        del self._held[:size]
        self._reported = max(0, self._reported - size)
        return [Packet(opcode=raw[1], status=raw[3], data=body[_HEADER_BYTES:], raw=raw)]

    def _condemn(self, raw: bytes, reason: str) -> list[Packet | BadPacket]:
        fresh = len(raw) > self._reported
        self._reported = max(self._reported, len(raw))
        self._skip_byte()
        return [BadPacket(raw, reason)] if fresh else []

    def _skip_byte(self) -> None:
        if self._reported:
            self._reported -= 1
        else:
            self.noise.add(bytes(self._held[:1]))
        del self._held[:1]


def _plausible(head: bytearray) -> bool:
    """True while the first bytes can still be a packet from a decoder."""
    return (
        head[0] >= _HEADER_BYTES
        and (len(head) < 2 or head[1] in FROM_DECODER)
        and (len(head) < 3 or head[2] == DECODER)
    )
