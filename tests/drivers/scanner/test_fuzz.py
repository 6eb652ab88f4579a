"""A million damaged frames: no wrong barcode is accepted.

What "accepted" means: a `Scan` whose text, normalised as the stations do, is a serial number. "Wrong": it is none
that was sent. What each framing can promise follows from its wire form:

- SSI carries a 16-bit sum. Whatever the damage, a text that was not sent comes through only when its packet's sum is
  right by coincidence; the test recomputes each such sum itself. One damaged place never suffices. Damage in two
  places can cancel out (a sum does not see order), and two cut packets can be spliced: the share is printed, and is
  a limit of the wire form. (A decoder sends nothing behind an unacknowledged packet, so splices need a broken one.)
- A plain scanner carries nothing to check. Loss of framing and noise outside printable text are noticed. Two things
  are not, by anyone, and are counted apart: a printable character in the place of another, and the head of one
  barcode spliced to the tail of the next when both are cut and no silence lies between them.
"""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from drivers.protocol import Chunk, DeviceProtocol
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner import PlainSettings, SsiSettings, scanner_protocol

SMALL, FULL = 20_000, 1_500_000  # at least seven in ten of them damaged
SIZES = [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1800)])]
SERIAL = re.compile(r"CRS[0-9]{2}[WB][TWB](36|40|60|72|144)[0-9]{5}")
NOW = datetime(2025, 3, 4, tzinfo=UTC)
BATCH = 10

Damage = Callable[[bytes, random.Random], bytes]


def serial(rng: random.Random) -> str:
    cells = rng.choice(["36", "40", "60", "72", "144"])
    return f"CRS2{rng.randrange(10)}{rng.choice('WB')}{rng.choice('TWB')}{cells}{rng.randrange(100_000):05d}"


def accepted(reading: Reading) -> str | None:
    if not isinstance(reading, Scan):
        return None
    text = unicodedata.normalize("NFKC", reading.text).strip().upper()
    return text if SERIAL.fullmatch(text) else None


# one damaged place


def flip_a_bit(wire: bytes, rng: random.Random) -> bytes:
    return _at(wire, rng, lambda byte: bytes([byte ^ (1 << rng.randrange(8))]))


def change_a_byte(wire: bytes, rng: random.Random) -> bytes:
    return _at(wire, rng, lambda byte: bytes([byte ^ rng.randrange(1, 256)]))


def lose_bytes(wire: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(wire))
    return wire[:at] + wire[at + rng.randrange(1, 9) :]


def double_a_byte(wire: bytes, rng: random.Random) -> bytes:
    return _at(wire, rng, lambda byte: bytes([byte, byte]))


def insert_a_byte(wire: bytes, rng: random.Random) -> bytes:
    return _at(wire, rng, lambda byte: bytes([byte, rng.randrange(256)]))


def cut_short(wire: bytes, rng: random.Random) -> bytes:
    return wire[: rng.randrange(len(wire))]


def lose_the_head(wire: bytes, rng: random.Random) -> bytes:
    return wire[1 + rng.randrange(len(wire)) :]


# printable text stays in place, or goes: what a plain scanner's framing can notice


def unprintable_noise(wire: bytes, rng: random.Random) -> bytes:
    noise = bytes(rng.choice(_UNPRINTABLE) for _ in range(rng.randrange(1, 5)))
    return _at(wire, rng, lambda byte: noise + bytes([byte]))


def top_bit_set(wire: bytes, rng: random.Random) -> bytes:
    return _at(wire, rng, lambda byte: bytes([byte | 0x80]))


def lose_the_terminator(wire: bytes, rng: random.Random) -> bytes:
    return wire.rstrip(b"\r\n")


def early_terminator(wire: bytes, rng: random.Random) -> bytes:
    return _at(wire, rng, lambda byte: b"\r" + bytes([byte]))


def untouched(wire: bytes, rng: random.Random) -> bytes:
    return wire


def anything_twice(wire: bytes, rng: random.Random) -> bytes:
    for _ in range(2):
        wire = rng.choice(ONE_PLACE)(wire or b"\x00", rng)
    return wire


_UNPRINTABLE = bytes(byte for byte in range(256) if byte >= 0x7F or byte < 0x20)
ONE_PLACE: list[Damage] = [
    flip_a_bit,
    change_a_byte,
    lose_bytes,
    double_a_byte,
    insert_a_byte,
    cut_short,
    lose_the_head,
]
FRAMING_LOST: list[Damage] = [
    unprintable_noise,
    top_bit_set,
    lose_bytes,
    double_a_byte,
    cut_short,
    lose_the_head,
    lose_the_terminator,
    early_terminator,
]


def _at(wire: bytes, rng: random.Random, change: Callable[[int], bytes]) -> bytes:
    at = rng.randrange(len(wire))
    return wire[:at] + change(wire[at]) + wire[at + 1 :]


@dataclass
class Tally:
    """What became of the frames."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, bytes]] = field(default_factory=list)

    def take(self, readings: list[Reading], sent: set[str]) -> None:
        for reading in readings:
            text = accepted(reading)
            kind = "garbled" if isinstance(reading, Garbled) else "no serial" if text is None else "right"
            if text is not None and text not in sent:
                kind = "wrong"
                self.wrong.append((text, reading.raw))
            self.counts[kind] += 1
            if isinstance(reading, Scan):
                assert reading.text.isprintable()

    def report(self, name: str, frames: int) -> None:
        rates = ", ".join(f"{kind} {count / frames:.4%}" for kind, count in sorted(self.counts.items()))
        print(f"\n{name}, {frames} frames: {rates}")


def batches(
    frames: int, rng: random.Random, encode: Callable[[str], bytes], damages: list[Damage], *, splice: bool
) -> Iterator[tuple[list[tuple[bytes, bool]], set[str]]]:
    """Yield damaged frames of fresh serials in batches, each with whether a silence follows; one in ten is sound.

    Without `splice`, what follows a damaged frame without a silence is sound.
    """
    for _ in range(frames // BATCH):
        serials = [serial(rng) for _ in range(BATCH)]
        wires: list[tuple[bytes, bool]] = []
        for text in serials:
            glued = bool(wires) and not wires[-1][1]
            sound = rng.random() < 0.1 or (glued and not splice)
            damage = untouched if sound else rng.choice(damages)
            wires.append((damage(encode(text), rng), rng.random() >= 0.2))
        yield wires, set(serials)


def through(protocol: DeviceProtocol, wires: list[tuple[bytes, bool]], rng: random.Random) -> list[Reading]:
    """Feed frames in random chunks, with a silence where one follows."""
    readings: list[Reading] = []
    for wire, silence in wires:
        middle = rng.randrange(len(wire) + 1)
        for part in (wire[:middle], wire[middle:]):
            readings += protocol.feed(Chunk(part, NOW, 1)).readings if part else ()
        readings += protocol.idle(NOW, 1).readings if silence else ()
    readings += protocol.idle(NOW, 1).readings
    return readings


def run(
    name: str,
    frames: int,
    protocol: DeviceProtocol,
    encode: Callable[[str], bytes],
    damages: list[Damage],
    *,
    splice: bool = True,
) -> Tally:
    rng, tally = random.Random(f"{name} {frames}"), Tally()
    for wires, sent in batches(frames, rng, encode, damages, splice=splice):
        protocol.opened()
        tally.take(through(protocol, wires, rng), sent)
    tally.report(name, frames)
    assert tally.counts["right"] > frames // 20
    return tally


def ssi(text: str) -> bytes:
    body = bytes([5 + len(text), 0xF3, 0, 0, 3]) + text.encode()
    return body + (0x10000 - sum(body)).to_bytes(2, "big")


def plain(text: str) -> bytes:
    return f"{text}\r\n".encode()


@pytest.mark.parametrize("frames", SIZES)
def test_ssi_accepts_no_wrong_barcode_from_damage_in_one_place(frames: int) -> None:
    tally = run("SSI, one place", frames, scanner_protocol(SsiSettings(), "s"), ssi, ONE_PLACE, splice=False)
    assert tally.wrong == []


@pytest.mark.parametrize("frames", SIZES)
def test_ssi_accepts_from_any_damage_only_what_the_checksum_vouches_for(frames: int) -> None:
    tally = run("SSI, two places", frames, scanner_protocol(SsiSettings(), "s"), ssi, [anything_twice, *ONE_PLACE])
    for _, raw in tally.wrong:
        assert (sum(raw[:-2]) + int.from_bytes(raw[-2:], "big")) % 0x10000 == 0
    assert tally.counts["wrong"] < frames / 200


@pytest.mark.parametrize("frames", SIZES)
def test_plain_scanners_accept_no_wrong_barcode_when_framing_is_lost(frames: int) -> None:
    protocol = scanner_protocol(PlainSettings(), "s")
    tally = run("plain, framing lost", frames, protocol, plain, FRAMING_LOST, splice=False)
    assert tally.wrong == []


def test_plain_scanners_cannot_notice_printable_damage_that_keeps_the_length() -> None:
    tally = run("plain, any damage", SMALL, scanner_protocol(PlainSettings(), "s"), plain, ONE_PLACE)
    assert tally.wrong, "if this ever holds, the promise above can be widened"
    assert all(len(text) == len(raw) for text, raw in tally.wrong)
