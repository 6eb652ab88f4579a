"""A hundred thousand damaged keyboards: no wrong barcode comes through without a word.

Two kinds of damage. What really happens: the kernel drops events because its reader is slow, and says so; what is read
begins or ends anywhere. And what should not happen, one event lost, doubled, or changed: keys come in pairs, and what
does not pair is refused. (The events of a whole keystroke, gone in silence, are noticed by nobody; the kernel never
does that.)
"""

import random
import struct
from collections import Counter
from collections.abc import Callable

import pytest

from drivers.framing import Frame
from drivers.hid.events import told_state
from drivers.hid.typist import Typing, Typist
from simulators.wire.keyboard import Manner
from tests.drivers.hid.desk import typed
from tests.drivers.scanner.test_fuzz import serial

SMALL, FULL = 800, 100_000
SIZES = [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1800)])]
EVENT = struct.Struct("llHHi")
MS = 10**6

Damage = Callable[[list[bytes], random.Random], list[bytes]]


def overflow(events: list[bytes], rng: random.Random) -> list[bytes]:
    """Drop any stretch as the kernel does, and tell how the keys are behind it."""
    begin, end = sorted(rng.randrange(len(events) + 1) for _ in range(2))
    at_ns = time_of(events[min(end, len(events) - 1)])
    down: set[int] = set()
    for event in events[:end]:
        _, _, kind, code, value = EVENT.unpack(event)
        down = (down | {code} if value else down - {code}) if kind == 1 else down
    told = cut(told_state(at_ns, down, caps_lock=False))
    return events[:begin] + told + events[end:]


def lose_one(events: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(events))
    return events[:at] + events[at + 1 :]


def double_one(events: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(events))
    return [*events[:at], events[at], *events[at:]]


def change_one(events: list[bytes], rng: random.Random) -> list[bytes]:
    """Another key, another direction, or another kind of event."""
    at = rng.randrange(len(events))
    seconds, micros, kind, code, value = EVENT.unpack(events[at])
    fresh = rng.choice(
        [(kind, rng.randrange(128), value), (kind, code, rng.randrange(4)), (rng.randrange(6), code, value)]
    )
    return [*events[:at], EVENT.pack(seconds, micros, *fresh), *events[at + 1 :]]


def end_early(events: list[bytes], rng: random.Random) -> list[bytes]:
    return events[: rng.randrange(len(events))]


DAMAGES: list[Damage] = [overflow, overflow, lose_one, double_one, change_one, end_early]


def cut(data: bytes) -> list[bytes]:
    return [data[at : at + EVENT.size] for at in range(0, len(data), EVENT.size)]


def time_of(event: bytes) -> int:
    seconds, micros, *_ = EVENT.unpack(event)
    return int(seconds) * 10**9 + int(micros) * 1000


@pytest.mark.parametrize("size", SIZES)
def test_no_damage_makes_a_wrong_barcode_that_is_not_said(size: int) -> None:
    rng, tally = random.Random(20251123), Counter[str]()
    for _ in range(size):
        damage = rng.choice(DAMAGES)
        tally.update(outcome(damage, rng))
    print(f"\n{size} damaged keyboards: {dict(tally)}")
    assert tally["wrong"] == 0
    assert tally["said"] > size / 4
    assert tally["right"] >= size  # at least the scan behind the damage


def outcome(damage: Damage, rng: random.Random) -> list[str]:
    """Type two barcodes, the first damaged, and say what came of the frames."""
    first, second = serial(rng), serial(rng)
    manner = Manner(rolls=rng.random() < 0.5, keeps_shift=rng.random() < 0.5, scan_codes=rng.random() < 0.5)
    wire = b"".join(damage(cut(typed(first, manner=manner)), rng))
    typist = Typist(Typing())
    frames = typist.feed(told_state(10**11, (), caps_lock=False) + wire)
    frames += typist.idle(2 * 10**12)
    frames += typist.feed(typed(second, at_ns=3 * 10**12, manner=manner)) + typist.idle(4 * 10**12)
    return [verdict(frame, first, second) for frame in frames]


def verdict(frame: Frame, *sent: str) -> str:
    if frame.fault:
        return "said"
    return "right" if frame.raw.decode().upper() in sent else "wrong"
