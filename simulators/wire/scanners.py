"""How scanners write a barcode and how they understand their host.

Honeywell: escape strings and ACK/NAK; Zebra: Simple Serial Interface (SSI) packets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Heard(StrEnum):
    """What a scanner takes from its host's bytes."""

    GOOD = "good"
    BAD = "bad"
    SEEN = "seen"  # an answer without verdict: ends the wait, makes no sound
    ACKED = "acked"  # the packet arrived; a verdict may follow
    RESEND = "resend"


class Ear(Protocol):
    """Turns host bytes into what they mean; keeps an unfinished rest."""

    def hear(self, data: bytes) -> list[Heard]:
        """Return the meanings of all strings that are complete now."""
        ...


FLAWS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "lost": lambda data: data[1:],
    "caps": bytes.swapcase,
    "twice": lambda data: data + data,
    "noise": lambda data: bytes(byte ^ 0xA5 for byte in data),
}
"""What a sick scanner does to its bytes: loses the first, has Caps Lock on, triggers twice, runs at another speed."""


@dataclass(frozen=True, slots=True)
class TextForm:
    """A barcode as text: optional AIM identifier, prefix and terminator; `flaw` is one of FLAWS."""

    terminator: bytes = b"\r"
    prefix: bytes = b""
    aim: str = ""
    flaw: str = ""

    def write(self, text: str, *, again: bool = False) -> bytes:
        """Return the bytes of one scan."""
        return FLAWS[self.flaw](self.prefix + (self.aim + text).encode() + self.terminator)


TERMINATORS = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "none": b"", "etx": b"\x03"}


class Deaf:
    """The ear of a plain scanner."""

    def hear(self, data: bytes) -> list[Heard]:
        """Return nothing, whatever was said."""
        return []


class AckNakEar:
    """Honeywell ACK/NAK: 06h took the scan, 15h asks for it again, the beep string 16h 07h 0Dh complains."""

    def __init__(self) -> None:
        self._rest = b""

    def hear(self, data: bytes) -> list[Heard]:
        """Return one meaning per answer; other bytes mean nothing."""
        self._rest += data
        heard: list[Heard] = []
        while self._rest and not (len(self._rest) < len(BEEP) and BEEP.startswith(self._rest)):
            size = len(BEEP) if self._rest.startswith(BEEP) else 1
            meaning = _ACK_NAK.get(self._rest[:size])
            heard += [meaning] if meaning else []
            self._rest = self._rest[size:]
        return heard


BEEP = b"\x16\x07\r"
_ACK_NAK = {b"\x06": Heard.ACKED, b"\x15": Heard.RESEND, BEEP: Heard.BAD}


class HostAckEar:
    """Honeywell host-ACK: escape strings that end in a comma.

    1Bh 37h 2Ch is good; bad is 1Bh 38h 2Ch twice and is heard as two BADs. Any other string has no verdict.
    """

    def __init__(self) -> None:
        self._rest = b""

    def hear(self, data: bytes) -> list[Heard]:
        """Return one meaning per comma."""
        *strings, self._rest = (self._rest + data).split(b",")
        return [_escape_meaning(string) for string in strings]


def _escape_meaning(string: bytes) -> Heard:
    if b"\x1b7" in string:
        return Heard.GOOD
    return Heard.BAD if b"\x1b8" in string else Heard.SEEN


SSI_ACK, SSI_NAK, SSI_BEEP, SSI_DECODE = 0xD0, 0xD1, 0xE6, 0xF3
SSI_RESEND = 0x01
_LOWEST_OPCODE = 0xC0
SSI_CODE_TYPES = {"C": 0x03, "A": 0x01, "d": 0x1B, "Q": 0x1C}
SSI_BAD_BEEPS = frozenset((*range(0x05, 0x0A), *range(0x0F, 0x16)))
"""Low beeps and warbles. Which sound means what is custom, not protocol: high is good, low is bad."""


def ssi_packet(opcode: int, data: bytes = b"", *, source: int = 0, status: int = 0) -> bytes:
    """Return a packet: length without checksum, opcode, source, status, data, 16-bit two's complement."""
    body = bytes((4 + len(data), opcode, source, status)) + data
    return body + (-sum(body) & 0xFFFF).to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class SsiForm:
    """A barcode as DECODE_DATA: a code-type byte, then the text. A repeat carries status bit 0."""

    symbology: str = "C"

    def write(self, text: str, *, again: bool = False) -> bytes:
        """Return the packet of one scan."""
        data = bytes((SSI_CODE_TYPES[self.symbology],)) + text.encode()
        return ssi_packet(SSI_DECODE, data, status=int(again))


class SsiEar:
    """Reads host packets; what is no packet with a right checksum is skipped byte by byte."""

    def __init__(self) -> None:
        self._rest = b""

    def hear(self, data: bytes) -> list[Heard]:
        """Return the meaning of every whole packet that says something about the scan."""
        self._rest += data
        heard: list[Heard] = []
        while packet := self._next_packet():
            if meaning := _packet_meaning(packet):
                heard.append(meaning)
        return heard

    def _next_packet(self) -> bytes:
        while len(self._rest) >= 6:
            size = self._rest[0] + 2
            plausible = size >= 6 and self._rest[1] >= _LOWEST_OPCODE and self._rest[2] == 4
            if plausible and len(self._rest) < size:
                return b""
            packet = self._rest[:size]
            if plausible and ssi_checksum_fits(packet):
                self._rest = self._rest[size:]
                return packet
            self._rest = self._rest[1:]
        return b""


def ssi_checksum_fits(packet: bytes) -> bool:
    """Tell whether the last two bytes are the two's complement of the sum of the rest."""
    return (sum(packet[:-2]) + int.from_bytes(packet[-2:], "big")) & 0xFFFF == 0


def _packet_meaning(packet: bytes) -> Heard | None:
    opcode, argument = packet[1], packet[4] if packet[0] > 4 else None
    if opcode == SSI_ACK:
        return Heard.ACKED
    if opcode == SSI_NAK:
        return Heard.RESEND if argument == SSI_RESEND else Heard.BAD
    if opcode == SSI_BEEP:
        return Heard.BAD if argument in SSI_BAD_BEEPS else Heard.GOOD
    return None
