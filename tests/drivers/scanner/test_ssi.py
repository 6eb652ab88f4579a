"""SSI packets after the maker's guide: literal bytes, hand-shake, repetition, split barcodes, damage."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading, Scan
from drivers.scanner import SsiScanner, SsiSettings
from drivers.scanner.ssi_packet import BadPacket, Packet, PacketCutter, encode

NOW = datetime(2025, 3, 4, tzinfo=UTC)
ACK = bytes.fromhex("04 D0 04 00 FF 28")
NAK = bytes.fromhex("05 D1 04 00 01 FF 25")
GOOD_BEEP = bytes.fromhex("05 E6 04 00 00 FF 11")
BAD_BEEP = bytes.fromhex("05 E6 04 00 06 FF 0B")
ABC = bytes.fromhex("08 F3 00 00 03 41 42 43 FE 3C")
ABC_AGAIN = bytes.fromhex("08 F3 00 01 03 41 42 43 FE 3B")
ACK_FROM_DECODER = bytes.fromhex("04 D0 00 00 FF 2C")


def scanner(**knobs: float) -> SsiScanner:
    return SsiScanner(SsiSettings(**knobs), "scanner 1")  # type: ignore[arg-type]


def feed(protocol: SsiScanner, data: bytes, at_s: float = 1.0) -> Output:
    return protocol.feed(Chunk(data, NOW, int(at_s * 1e9)))


def packet(text: bytes, *, code_type: int = 3, status: int = 0) -> bytes:
    body = bytes([5 + len(text), 0xF3, 0, status, code_type]) + text
    return body + (0x10000 - sum(body)).to_bytes(2, "big")


def texts(readings: tuple[Reading, ...]) -> list[str]:
    return [reading.text for reading in readings if isinstance(reading, Scan)]


def test_host_packets_are_the_documented_bytes() -> None:
    assert encode(0xD0) == ACK
    assert encode(0xD1, b"\x01") == NAK
    assert encode(0xE6, b"\x00") == GOOD_BEEP


def test_a_barcode_is_acknowledged_only_when_answered() -> None:
    protocol = scanner()
    output = feed(protocol, ABC)
    assert output.replies == b""
    (reading,) = output.readings
    assert reading == Scan(device="scanner 1", raw=ABC, wall=NOW, monotonic_ns=10**9, text="ABC", symbology="C")
    assert protocol.answer(reading, Answer.GOOD) == ACK + GOOD_BEEP
    assert protocol.answer(reading, Answer.GOOD) == GOOD_BEEP


@pytest.mark.parametrize(
    ("answer", "wire"), [(Answer.GOOD, ACK + GOOD_BEEP), (Answer.BAD, ACK + BAD_BEEP), (Answer.SEEN, ACK)]
)
def test_each_answer_ends_the_hand_shake_with_its_sound(answer: Answer, wire: bytes) -> None:
    protocol = scanner()
    (reading,) = feed(protocol, ABC).readings
    assert protocol.answer(reading, answer) == wire


def test_a_repetition_before_the_answer_makes_no_second_reading() -> None:
    protocol = scanner()
    (reading,) = feed(protocol, ABC).readings
    assert feed(protocol, ABC_AGAIN, 2.5) == Output()
    assert feed(protocol, ABC, 4.0) == Output(), "some decoders do not mark the repetition"
    assert protocol.answer(reading, Answer.GOOD) == ACK + GOOD_BEEP


def test_a_marked_repetition_after_the_answer_is_acknowledged_again_without_a_sound() -> None:
    protocol = scanner()
    (reading,) = feed(protocol, ABC).readings
    protocol.answer(reading, Answer.GOOD)
    assert feed(protocol, ABC_AGAIN, 3.0) == Output(replies=ACK)


def test_the_same_barcode_scanned_again_is_a_new_reading() -> None:
    protocol = scanner()
    (reading,) = feed(protocol, ABC).readings
    protocol.answer(reading, Answer.GOOD)
    assert texts(feed(protocol, ABC, 2.0).readings) == ["ABC"]
    assert texts(feed(protocol, ABC_AGAIN, 60.0).readings) == ["ABC"], "too late to be a repetition"


def test_a_marked_packet_whose_first_transmission_never_arrived_is_a_reading() -> None:
    assert texts(feed(scanner(), ABC_AGAIN).readings) == ["ABC"]


def test_a_wrong_checksum_is_refused_and_the_resent_packet_read() -> None:
    protocol = scanner()
    damaged = ABC[:6] + b"X" + ABC[7:]
    output = feed(protocol, damaged)
    assert output.replies == NAK
    (garbled,) = output.readings
    assert isinstance(garbled, Garbled)
    assert garbled.raw == damaged
    assert "checksum" in garbled.reason
    assert protocol.answer(garbled, Answer.BAD) == b"", "its NAK is already out"
    assert texts(feed(protocol, ABC_AGAIN).readings) == ["ABC"]


def test_requests_to_resend_end_after_the_limit() -> None:
    protocol = scanner(nak_limit=2)
    damaged = ABC[:6] + b"X" + ABC[7:]
    assert [feed(protocol, damaged).replies for _ in range(4)] == [NAK, NAK, b"", b""]


def test_an_answer_to_an_older_scan_does_not_release_the_newer_one() -> None:
    protocol = scanner()
    (old,) = feed(protocol, ABC).readings
    (new,) = feed(protocol, packet(b"NEW")).readings
    assert protocol.answer(old, Answer.GOOD) == GOOD_BEEP
    assert protocol.answer(new, Answer.GOOD) == ACK + GOOD_BEEP


def test_after_reopening_nobody_waits_for_an_acknowledgement() -> None:
    protocol = scanner()
    (reading,) = feed(protocol, ABC).readings
    protocol.opened()
    assert protocol.answer(reading, Answer.GOOD) == GOOD_BEEP


def test_a_barcode_in_several_packets_is_one_reading_and_inner_packets_are_acknowledged() -> None:
    protocol = scanner()
    assert feed(protocol, packet(b"AB", status=2)) == Output(replies=ACK)
    assert feed(protocol, packet(b"AB", status=3)) == Output(replies=ACK), "its acknowledgement was lost"
    assert feed(protocol, packet(b"CD", status=2)) == Output(replies=ACK)
    output = feed(protocol, packet(b"EF"))
    assert texts(output.readings) == ["ABCDEF"]
    assert output.replies == b""
    assert output.readings[0].raw == packet(b"AB", status=2) + packet(b"CD", status=2) + packet(b"EF")


def test_an_unfinished_barcode_is_given_up_after_silence() -> None:
    protocol = scanner()
    feed(protocol, packet(b"AB", status=2))
    assert protocol.idle_after_s == 0.5
    output = protocol.idle(NOW, 2)
    assert isinstance(output.readings[0], Garbled)
    assert output.replies == NAK
    assert protocol.idle_after_s is None


def test_half_a_packet_is_given_up_after_silence() -> None:
    protocol = scanner()
    feed(protocol, ABC[:7])
    output = protocol.idle(NOW, 2)
    assert [reading.raw for reading in output.readings] == [ABC[:7]]
    assert output.replies == NAK
    assert protocol.idle_after_s is None


def test_packets_behind_noise_and_damage_are_found() -> None:
    protocol = scanner()
    output = feed(protocol, b"\x00\x55" + ABC[:5] + packet(b"NEXT") + packet(b"LAST"))
    assert texts(output.readings) == ["NEXT", "LAST"]
    assert protocol.noise.count == 2


def test_other_messages_of_the_decoder_are_no_readings() -> None:
    assert feed(scanner(), ACK_FROM_DECODER) == Output()


@pytest.mark.parametrize(
    ("code_type", "symbology"), [(0x01, "A"), (0x03, "C"), (0x1B, "d"), (0x1C, "Q"), (0x0B, "ssi-0B")]
)
def test_the_code_type_is_told_unless_an_identifier_says_more(code_type: int, symbology: str) -> None:
    (plain,) = feed(scanner(), packet(b"X", code_type=code_type)).readings
    (named,) = feed(scanner(), packet(b"]d2X", code_type=code_type)).readings
    assert isinstance(plain, Scan)
    assert isinstance(named, Scan)
    assert (plain.symbology, named.symbology, named.text) == (symbology, "d2", "X")


def test_text_that_cannot_be_read_is_acknowledged_with_the_bad_sound() -> None:
    protocol = scanner()
    (reading,) = feed(protocol, packet(b"A\x01B")).readings
    assert isinstance(reading, Garbled)
    assert protocol.answer(reading, Answer.BAD) == ACK + BAD_BEEP


_STREAM = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.binary(max_size=20).map(packet),
        st.binary(max_size=20).map(lambda text: packet(text, status=2)),
        st.just(ABC[:6]),
        st.just(ABC_AGAIN),
    ),
    max_size=8,
).map(b"".join)


@settings(deadline=None)
@given(data=_STREAM, cuts=st.lists(st.integers(0, 200), max_size=8))
def test_any_chunking_gives_the_same_readings_and_replies(data: bytes, cuts: list[int]) -> None:
    def run(chunks: list[bytes]) -> tuple[list[Reading], bytes, int]:
        protocol = scanner()
        outputs = [feed(protocol, chunk) for chunk in chunks if chunk] + [protocol.idle(NOW, 2)]
        replies = b"".join(output.replies for output in outputs)
        return [r for o in outputs for r in o.readings], replies, protocol.noise.count

    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole = run([data])
    assert run([data[a:b] for a, b in pairwise(edges)]) == whole
    assert run([bytes([byte]) for byte in data]) == whole


@settings(deadline=None)
@given(data=st.binary(max_size=251))
def test_packets_round_trip(data: bytes) -> None:
    wire = encode(0xF3, data, source=0)
    (read,) = PacketCutter().feed(wire)
    assert isinstance(read, Packet)
    assert (read.opcode, read.data, read.raw) == (0xF3, data, wire)


@settings(deadline=None)
@given(data=st.binary(min_size=1, max_size=40), at=st.integers(0, 60), flip=st.integers(1, 255))
def test_any_single_changed_byte_is_noticed(data: bytes, at: int, flip: int) -> None:
    wire = bytearray(encode(0xF3, data, source=0))
    wire[at % len(wire)] ^= flip
    cutter = PacketCutter()
    found = cutter.feed(bytes(wire)) + cutter.idle()
    assert not [item for item in found if isinstance(item, Packet) and item.data == data]
    assert all(isinstance(item, BadPacket) or item.raw in bytes(wire) for item in found)


def test_news_that_belong_to_no_scan_are_beeped_only_between_scans() -> None:
    protocol = scanner()
    three_short, two_long = bytes.fromhex("05 E6 04 00 02 FF 0F"), bytes.fromhex("05 E6 04 00 10 FF 01")
    assert (protocol.sound(good=True), protocol.sound(good=False)) == (three_short, two_long)
    feed(protocol, ABC[:5])
    assert protocol.sound(good=True) is None, "part of a packet is here"
    (reading,) = feed(protocol, ABC[5:]).readings
    assert protocol.sound(good=True) is None, "the decoder waits for its ACK"
    protocol.answer(reading, Answer.GOOD)
    assert protocol.sound(good=True) == three_short
    feed(protocol, ACK_FROM_DECODER)
    assert protocol.sound(good=True) == three_short
