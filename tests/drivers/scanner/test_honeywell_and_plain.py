"""Plain scanners read; Honeywell scanners also get the answer their mode waits for, in the maker's bytes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.framing import Ending, Framing
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner import (
    HandShake,
    HoneywellScanner,
    HoneywellSettings,
    PlainSettings,
    ScannerSettings,
    scanner_protocol,
)

NOW = datetime(2025, 3, 4, tzinfo=UTC)
ACK_NAK = HoneywellSettings(hand_shake=HandShake.ACK_NAK)


def say(settings: ScannerSettings, *chunks: bytes) -> tuple[list[Reading], bytes]:
    protocol = scanner_protocol(settings, "scanner 1")
    assert protocol.opened() == b""
    outputs = [protocol.feed(Chunk(chunk, NOW, 1)) for chunk in chunks]
    outputs.append(protocol.idle(NOW, 1))
    return [reading for o in outputs for reading in o.readings], b"".join(o.replies for o in outputs)


def a_scan() -> Scan:
    return Scan(device="scanner 1", raw=b"X", wall=NOW, monotonic_ns=1, text="X")


def a_garbled() -> Garbled:
    return Garbled(device="scanner 1", raw=b"X", wall=NOW, monotonic_ns=1, reason="noise")


def test_a_plain_scanner_reads_and_hears_nothing() -> None:
    readings, replies = say(PlainSettings(), b"]C0CRS24WT72", b"00001\r\n]d2CRS24WT7200002\r\n")
    assert [reading.text for reading in readings if isinstance(reading, Scan)] == [
        "CRS24WT7200001",
        "CRS24WT7200002",
    ]
    assert [reading.raw for reading in readings] == [b"]C0CRS24WT7200001", b"]d2CRS24WT7200002"]
    assert replies == b""
    assert scanner_protocol(PlainSettings(), "s").answer(a_scan(), Answer.BAD) == b""


def test_a_scanner_without_terminator_is_read_by_its_gap() -> None:
    readings, _ = say(PlainSettings(Framing(ending=Ending.GAP)), b"CRS24", b"WT7200001")
    assert [reading.raw for reading in readings] == [b"CRS24WT7200001"]


def test_a_scan_between_stx_and_etx_is_read() -> None:
    readings, _ = say(PlainSettings(Framing(start=b"\x02", end=b"\x03")), b"\x02CRS24WT7200001\x03\r")
    assert [reading.raw for reading in readings] == [b"CRS24WT7200001"]


@pytest.mark.parametrize(
    ("answer", "wire"),
    [
        (Answer.GOOD, bytes.fromhex("1B 37 2C")),
        (Answer.BAD, bytes.fromhex("1B 38 2C 1B 38 2C")),
        (Answer.SEEN, bytes.fromhex("1B 31 2C")),
    ],
)
def test_host_ack_is_answered_with_the_documented_escapes(answer: Answer, wire: bytes) -> None:
    protocol = scanner_protocol(HoneywellSettings(), "s")
    assert protocol.answer(a_scan(), answer) == wire
    assert protocol.answer(a_garbled(), answer) == wire, "an unreadable frame blocks the scanner as well"


@pytest.mark.parametrize("answer", list(Answer))
def test_ack_nak_mode_acknowledges_every_stored_scan_so_that_none_is_sent_for_ever(answer: Answer) -> None:
    wire = scanner_protocol(ACK_NAK, "s").answer(a_scan(), answer)
    assert wire[:1] == b"\x06"
    assert b"\x15" not in wire
    assert (bytes.fromhex("16 07 0D") in wire) == (answer is Answer.BAD)


def test_ack_nak_mode_asks_for_an_unreadable_frame_again_a_limited_number_of_times() -> None:
    readings, replies = say(ACK_NAK, b"\x01\r" * 5)
    assert len(readings) == 5
    assert replies == b"\x15" * 3
    _, replies = say(ACK_NAK, b"\x01\r" * 3, b"GOOD\r", b"\x01\r")
    assert replies == b"\x15" * 4


def test_host_ack_mode_never_speaks_before_it_is_told_to() -> None:
    assert say(HoneywellSettings(), b"\x01\rGOOD\r")[1] == b""


def test_a_reopened_link_forgets_half_a_scan() -> None:
    protocol = scanner_protocol(PlainSettings(), "s")
    protocol.feed(Chunk(b"CRS24", NOW, 1))
    protocol.opened()
    assert protocol.feed(Chunk(b"X\r", NOW, 3)).readings == (
        Scan(device="s", raw=b"X", wall=NOW, monotonic_ns=3, text="X"),
    )


@settings(deadline=None)
@given(data=st.binary(max_size=60), at=st.integers(0, 60))
def test_nothing_a_scanner_sends_raises_and_chunking_changes_nothing(data: bytes, at: int) -> None:
    for kind in (PlainSettings(), ACK_NAK, HoneywellSettings(Framing(start=b"\x02", end=b"\x03"))):
        parts = [part for part in (data[:at], data[at:]) if part]
        assert say(kind, *parts) == say(kind, *([data] if data else []))


def test_a_scanner_is_always_ready_and_may_be_silent() -> None:
    for kind in (PlainSettings(), HoneywellSettings()):
        protocol = scanner_protocol(kind, "s")
        assert protocol.arm("CRS24WT7200001") == b""
        assert not protocol.speaks_unasked
        assert protocol.idle_after_s is None
        assert protocol.idle(NOW, 1) == Output()


@pytest.mark.parametrize("mode", list(HandShake))
def test_news_that_belong_to_no_scan_are_beeped_only_between_scans(mode: HandShake) -> None:
    protocol = HoneywellScanner(HoneywellSettings(hand_shake=mode), "scanner 1")
    beep = bytes.fromhex("16 07 0D")
    assert protocol.sound(good=True) == 3 * beep
    assert protocol.sound(good=False) == 2 * beep
    protocol.feed(Chunk(b"CRS24WT7", NOW, 1))
    assert protocol.sound(good=True) is None, "part of a scan is here"
    (reading,) = protocol.feed(Chunk(b"200001\r\n", NOW, 2)).readings
    assert protocol.sound(good=True) is None, "the scanner waits for its answer"
    protocol.answer(reading, Answer.GOOD)
    assert protocol.sound(good=True) == 3 * beep
    protocol.feed(Chunk(b"CRS24WT7200002\r\n", NOW, 3))
    protocol.opened()
    assert protocol.sound(good=True) == 3 * beep, "nobody waits on a fresh link"
