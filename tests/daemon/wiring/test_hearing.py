"""What a device said last is told in words, and no badge with its token."""

from datetime import UTC, datetime

import pytest

from daemon.wiring.hearing import LOOKED_AT, Hearing, words_of
from drivers.readings import Flash, FlashSource, Garbled, IvValues, Reading, Scan, TesterFault

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
VALUES = IvValues(330.5, 40.0, 10.0, 33.0, 9.7)


def scan(text: str) -> Scan:
    return Scan(device="s", raw=text.encode(), wall=AT, monotonic_ns=1, text=text)


def garbled(raw: bytes = b"\xff\x00") -> Garbled:
    return Garbled(device="s", raw=raw, wall=AT, monotonic_ns=1, reason="Bytes that are no text.")


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (scan("CRS25WW6000001"), "CRS25WW6000001"),
        (scan("SL-U-SECRET"), "a badge"),
        (scan(" sl-u-secret"), "a badge"),
        (garbled(), "unreadable: ff 00"),
        (TesterFault(device="t", raw=b"", wall=AT, monotonic_ns=1, reason="No contact."), "No contact."),
        (
            Flash(
                device="t", raw=b"", wall=AT, monotonic_ns=1, source=FlashSource.LIVE, values=VALUES, origin="x",
                serial_text="A",
            ),
            "flash of A: 330.5 W",
        ),
    ],
)  # fmt: skip
def test_a_reading_in_words(reading: Reading, words: str) -> None:
    assert words_of(reading) == words


def test_only_the_last_frames_count() -> None:
    hearing = Hearing()
    for _ in range(LOOKED_AT):
        hearing.hear(garbled())
    assert hearing.unreadable == LOOKED_AT
    for _ in range(LOOKED_AT):
        hearing.hear(scan("A"))
    assert hearing.unreadable == 0
    assert hearing.last is not None
    assert (hearing.last.at, hearing.last.text) == (AT, "A")
