"""From the bytes of every kind of scanner, through its own driver, to what is wrong with it."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pytest

from daemon.scantest.bursts import Burst
from daemon.scantest.findings import Expected, Fault
from daemon.scantest.forms import Form
from daemon.scantest.listening import Listening
from daemon.scantest.looks import examine
from daemon.scantest.progress import Progress
from drivers.hid.typist import Typing
from drivers.protocol import Chunk
from drivers.scanner import (
    HandShake,
    HidSettings,
    HoneywellSettings,
    PlainSettings,
    ScannerSettings,
    SsiSettings,
    scanner_protocol,
)
from drivers.tap import Ear, Passed, Tap, overheard
from simulators.wire.keyboard import Manner
from simulators.wire.scanners import SsiForm
from stations.rules.commands import TEST_CODES
from tests.daemon.scantest.sick import S, german
from tests.drivers.hid.desk import typed

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
LINE = Form("line")
SSI = Expected(kind="ssi", form=LINE, framed=True)
KEYS = Expected(kind="hid", form=LINE, baud=None)


async def bursts(settings: ScannerSettings, expected: Expected, frames: Iterable[bytes], cut: int = 7) -> list[Burst]:
    """Send frames two seconds apart, cut into pieces, and hear them as a test does."""
    tap, found = Tap(), list[Burst]()
    wire = overheard(scanner_protocol(settings, "s"), "s", tap)
    with tap.listening() as ear:
        wire.opened()
        wire.idle(AT, 5 * S)
        for number, frame in enumerate(frames):
            at_ns = (10 + 2 * number) * S
            for piece in range(0, len(frame), cut):
                wire.feed(Chunk(frame[piece : piece + cut], AT, at_ns))
            wire.idle(AT, at_ns + S // 2)
            found += await heard(ear, expected)
    return found


async def heard(ear: Ear, expected: Expected) -> list[Burst]:
    found, listening = list[Burst](), Listening(expected)
    while isinstance(moment := await ear.next(0), Passed):
        listening.take(moment)
        if listening.is_whole:
            found += [listening.burst] if listening.burst else []
            listening = Listening(expected)
    return [*found, *([listening.burst] if listening.burst else [])]


async def faults(settings: ScannerSettings, expected: Expected, frames: Sequence[bytes], cut: int = 7) -> list[Fault]:
    return [one.fault for one in examine(await bursts(settings, expected, frames, cut), expected).findings]


def lines(end: str = "\r") -> list[bytes]:
    return [f"{text}{end}".encode() for text in TEST_CODES]


@pytest.mark.parametrize("cut", [1, 5, 100])
@pytest.mark.parametrize("settings", [PlainSettings(), HoneywellSettings()])
async def test_a_scanner_that_sends_text(settings: ScannerSettings, cut: int) -> None:
    plain = Expected(kind="plain", form=LINE)
    assert await faults(settings, plain, lines(), cut) == []
    assert await faults(settings, plain, lines("\r\n"), cut) == []
    assert await faults(settings, plain, lines(""), cut) == [Fault.ENDING]
    assert await faults(settings, plain, [line[1:] for line in lines()], cut) == [Fault.LOST]


async def test_what_a_scanner_was_asked_to_send_again_is_no_double_trigger() -> None:
    asked = Expected(kind="honeywell-ack-nak", form=LINE)
    settings = HoneywellSettings(hand_shake=HandShake.ACK_NAK)
    twice = [line for line in lines("") for _ in range(2)]
    assert await faults(settings, asked, twice) == [Fault.ENDING]


@pytest.mark.parametrize("cut", [1, 100])
async def test_a_scanner_that_sends_packets(cut: int) -> None:
    packets = [SsiForm().write(text) for text in TEST_CODES]
    assert await faults(SsiSettings(), SSI, packets, cut) == []
    lower = [SsiForm().write(text.lower()) for text in TEST_CODES]
    assert await faults(SsiSettings(), SSI, lower, cut) == [Fault.CASE]
    assert await faults(SsiSettings(), SSI, lines(), cut) == [Fault.KIND]
    assert await faults(PlainSettings(), Expected(kind="plain", form=LINE), packets, cut) == [Fault.KIND]


KEYBOARDS = [
    ([], TEST_CODES, Manner()),
    ([Fault.LAYOUT], [german(text) for text in TEST_CODES], Manner()),
    ([Fault.LOST], [text[1:] for text in TEST_CODES], Manner()),
    ([Fault.CASE], [text.swapcase() for text in TEST_CODES], Manner()),
    ([Fault.ENDING], TEST_CODES, Manner(enter=None)),
    ([Fault.AIM], [f"]C0{text}" for text in TEST_CODES], Manner()),
]


@pytest.mark.parametrize(("named", "texts", "manner"), KEYBOARDS)
async def test_a_scanner_that_types(named: list[Fault], texts: Sequence[str], manner: Manner) -> None:
    settings = HidSettings(Typing())
    frames = [typed(text, at_ns=(10 + 2 * number) * S, manner=manner) for number, text in enumerate(texts)]
    found = examine(await bursts(settings, KEYS, frames, cut=10_000), KEYS)
    assert [one.fault for one in found.findings] == named
    assert found.form == (Form("gap") if named == [Fault.ENDING] else None)


async def test_keys_that_type_nothing_are_a_matter_of_the_keyboard_and_not_of_a_baud_rate() -> None:
    keys = Burst(data=b"\x1aL\x1a\x1a\r", began_ns=0, ended_ns=1)
    (found,) = examine([keys], KEYS).findings
    assert found.fault is Fault.GARBLED
    assert "baud" not in found.todo


async def test_a_scanner_that_never_pauses_is_not_listened_to_for_ever() -> None:
    listening = Listening(Expected(kind="plain", form=LINE))
    for second in range(5):
        listening.take(Passed(device="s", wall=AT, monotonic_ns=second * S, heard=b"\xff"))
        await asyncio.sleep(0)
    assert listening.is_whole
    flood = Listening(Expected(kind="plain", form=LINE))
    flood.take(Passed(device="s", wall=AT, monotonic_ns=0, heard=bytes(100_000)))
    assert flood.is_whole
    assert flood.burst is not None
    assert len(flood.burst.data) < 10_000


def test_a_test_asks_for_what_is_missing_and_gives_up_on_what_nobody_recognises() -> None:
    progress = Progress()
    for number in (0, 2, 1, 1):
        assert progress.take(Burst(data=lines()[number], began_ns=0, ended_ns=0)) == number
    assert progress.wanted == 3
    assert progress.take(Burst(data=b"CRS26WW6000001\r", began_ns=0, ended_ns=0)) is None
    assert not progress.is_over
    for _ in range(2):
        progress.take(Burst(data=b"\x00\x00", began_ns=0, ended_ns=0))
    assert progress.is_over
