import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.scanner import Feedback, Scanner, Verdict, scanner
from simulators.wire.scanners import SSI_BEEP, HostAckEar, SsiEar, SsiForm, ssi_packet

HOST_ACK_WORDS = {
    b"\x1b\x37\x2c": Verdict.GOOD,
    b"\x1b\x38\x2c\x1b\x38\x2c": Verdict.BAD,
    b"\x1b\x31\x2c": Verdict.SEEN,
    b"\x1b\x34\x2c": Verdict.SEEN,
}
SSI_ACK = bytes.fromhex("04D00400FF28")
SSI_GOOD_BEEP = ssi_packet(SSI_BEEP, b"\x00", source=4)
SSI_BAD_BEEP = ssi_packet(SSI_BEEP, b"\x06", source=4)


def sent(model: Scanner, text: str = "CRS25WT6000001", now_s: float = 1.0) -> bytes:
    model.trigger(text)
    frame = model.take_frame()
    assert frame is not None
    model.written(now_s)
    return frame


def verdict(model: Scanner) -> Verdict | None:
    feedback = model.take_feedback()
    return feedback.verdict if feedback else None


@pytest.mark.parametrize(
    ("terminator", "stx", "aim", "wire"),
    [
        ("cr", False, "", b"ABC\r"),
        ("lf", False, "", b"ABC\n"),
        ("crlf", False, "]C0", b"]C0ABC\r\n"),
        ("none", False, "", b"ABC"),
        ("etx", True, "]d1", b"\x02]d1ABC\x03"),
    ],
)
def test_text_forms_frame_as_configured(terminator: str, stx: bool, aim: str, wire: bytes) -> None:
    assert sent(scanner("plain", terminator=terminator, stx=stx, aim=aim), "ABC") == wire


@pytest.mark.parametrize(
    ("flaw", "wire"), [("lost", b"Bc\r"), ("caps", b"abC\r"), ("twice", b"ABc\rABc\r"), ("noise", b"\xe4\xe7\xc6\xa8")]
)
def test_a_sick_scanner_has_the_one_flaw_it_was_given(flaw: str, wire: bytes) -> None:
    assert sent(scanner("plain", flaw=flaw), "ABc") == wire


def test_a_plain_scanner_hears_nothing_and_waits_for_nothing() -> None:
    model = scanner("plain")
    sent(model)
    model.receive(b"\x06\x1b7,", 1.1)
    assert verdict(model) is Verdict.NONE
    assert not model.busy


@pytest.mark.parametrize(("word", "meaning"), HOST_ACK_WORDS.items())
def test_host_ack_understands_its_escape_strings(word: bytes, meaning: Verdict) -> None:
    model = scanner("honeywell-host-ack")
    sent(model)
    model.receive(word, 1.004)
    assert model.take_feedback() == Feedback("CRS25WT6000001", meaning, 1.0, 1.004)


@given(st.sampled_from(list(HOST_ACK_WORDS)), st.data())
def test_host_ack_hears_the_same_in_any_chunking(word: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(word)))
    model = scanner("honeywell-host-ack")
    sent(model)
    for part in (word[:cut], word[cut:]):
        model.receive(part, 1.01)
    assert verdict(model) is HOST_ACK_WORDS[word]


def test_half_of_a_bad_answer_is_bad_once_its_tail_is_overdue() -> None:
    model = scanner("honeywell-host-ack")
    sent(model)
    model.receive(b"\x1b8,", 1.01)
    assert verdict(model) is None
    model.advance(1.2)
    assert verdict(model) is Verdict.BAD


def test_host_ack_waits_ten_seconds_then_gives_up_and_sends_what_waited() -> None:
    model = scanner("honeywell-host-ack")
    sent(model)
    model.trigger("NEXT")
    assert model.take_frame() is None
    assert model.wake_at_s == 11.0
    model.advance(10.9)
    assert verdict(model) is None
    model.advance(11.0)
    assert verdict(model) is Verdict.NONE
    assert model.take_frame() == b"NEXT\r"


def test_ack_nak_takes_ack_as_good_and_ack_with_beeps_as_bad() -> None:
    model = scanner("honeywell-ack-nak")
    sent(model)
    model.receive(b"\x06", 1.01)
    model.advance(1.1)
    assert verdict(model) is Verdict.GOOD
    sent(model)
    model.receive(b"\x06\x16\x07\r\x16\x07\r", 1.01)
    assert verdict(model) is Verdict.BAD


def test_ack_nak_sends_again_on_nak_and_gives_up_after_two_silent_seconds() -> None:
    model = scanner("honeywell-ack-nak")
    frame = sent(model)
    model.receive(b"\x15", 1.01)
    assert model.take_frame() == frame
    model.written(1.02)
    assert model.wake_at_s == pytest.approx(3.02)
    model.advance(3.1)
    assert verdict(model) is Verdict.NONE


def test_a_host_that_always_asks_again_is_given_up() -> None:
    model = scanner("ssi")
    sent(model)
    for _ in range(10):
        model.receive(ssi_packet(0xD1, b"\x01", source=4), 1.01)
        if model.take_frame() is not None:
            model.written(1.01)
    assert verdict(model) is Verdict.NONE


def test_ssi_packets_follow_the_book() -> None:
    assert ssi_packet(0xD0, source=4) == SSI_ACK
    packet = sent(scanner("ssi"), "AB")
    assert packet[:7] == b"\x07\xf3\x00\x00\x03AB"
    assert (sum(packet[:-2]) + int.from_bytes(packet[-2:], "big")) % 65536 == 0
    assert SsiForm("d").write("AB", again=True)[3:5] == b"\x01\x1b"


def test_ssi_sends_again_until_acknowledged() -> None:
    model = scanner("ssi")
    first = sent(model)
    model.advance(2.0)
    again = model.take_frame()
    assert again is not None
    assert again[3] == 1
    assert again[4:-2] == first[4:-2]
    model.written(2.0)
    model.receive(SSI_ACK + SSI_GOOD_BEEP, 2.1)
    assert verdict(model) is Verdict.GOOD


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (SSI_ACK + SSI_GOOD_BEEP, Verdict.GOOD),
        (SSI_ACK + SSI_BAD_BEEP, Verdict.BAD),
        (SSI_BAD_BEEP, Verdict.BAD),
        (ssi_packet(0xD1, b"\x06", source=4), Verdict.BAD),
        (b"\xff\x00junk" + SSI_ACK + SSI_GOOD_BEEP, Verdict.GOOD),
    ],
)
def test_ssi_takes_the_beep_as_the_verdict(answer: bytes, meaning: Verdict) -> None:
    for size in (1, 5, len(answer)):
        model = scanner("ssi")
        sent(model)
        for at in range(0, len(answer), size):
            model.receive(answer[at : at + size], 1.01)
        assert verdict(model) is meaning


def test_an_ssi_ack_without_a_beep_is_seen_and_nothing_more() -> None:
    model = scanner("ssi")
    sent(model)
    model.receive(SSI_ACK, 1.01)
    model.advance(1.3)
    assert verdict(model) is Verdict.SEEN


@given(st.binary(max_size=60))
def test_ears_survive_any_bytes(data: bytes) -> None:
    for ear in (HostAckEar(), SsiEar()):
        ear.hear(data)


def test_an_unplugged_scanner_forgets_and_its_person_hears_nothing() -> None:
    model = scanner("honeywell-host-ack")
    sent(model)
    model.trigger("NEXT")
    model.unplug()
    assert verdict(model) is Verdict.NONE
    assert not model.busy
    assert model.take_frame() is None
