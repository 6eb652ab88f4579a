"""Whoever listens in on a wire hears everything in order, or how much was missed; the device never notices."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.instrument import Answer
from drivers.protocol import Audible, Chunk
from drivers.readings import Garbled, Scan
from drivers.scanner import HoneywellSettings, PlainSettings, ScannerSettings, SsiSettings, scanner_protocol
from drivers.tap import MOST, MOST_BYTES, Ear, Missed, Overheard, Passed, Tap, overheard

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
KINDS = [PlainSettings(), HoneywellSettings(), SsiSettings()]


def chunk(data: bytes, monotonic_ns: int = 1) -> Chunk:
    return Chunk(data, AT, monotonic_ns)


def passed(data: bytes = b"A", device: str = "s") -> Passed:
    return Passed(device=device, wall=AT, monotonic_ns=1, heard=data)


async def heard(ear: Ear) -> list[Passed | Missed]:
    found = []
    while (moment := await ear.next(0)) is not None:
        found.append(moment)
    return found


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30)
@given(pieces=st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.just(b"CRS1\r")), max_size=8))
def test_a_wire_that_is_overheard_does_and_says_the_same(kind: ScannerSettings, pieces: list[bytes]) -> None:
    tap = Tap()
    plain, tapped = scanner_protocol(kind, "s"), overheard(scanner_protocol(kind, "s"), "s", tap)
    with tap.listening():
        assert tapped.opened() == plain.opened()
        for number, piece in enumerate(pieces):
            output = plain.feed(chunk(piece, number))
            assert tapped.feed(chunk(piece, number)) == output
            assert tapped.idle_after_s == plain.idle_after_s
            for reading in output.readings:
                assert tapped.answer(reading, Answer.GOOD) == plain.answer(reading, Answer.GOOD)
        assert tapped.idle(AT, 99) == plain.idle(AT, 99)
        assert isinstance(tapped, Audible)
        assert tapped.sound(good=True) == (plain.sound(good=True) if isinstance(plain, Audible) else b"")
        assert (tapped.arm("X"), tapped.speaks_unasked) == (plain.arm("X"), plain.speaks_unasked)


async def test_bytes_come_with_the_reading_they_completed_and_answers_behind_it() -> None:
    tap = Tap()
    wire = overheard(scanner_protocol(HoneywellSettings(), "s"), "s", tap)
    with tap.listening() as ear:
        wire.feed(chunk(b"CR"))
        (scan,) = wire.feed(chunk(b"S1\r")).readings
        wire.answer(scan, Answer.GOOD)
        wire.feed(chunk(b"half"))
        wire.idle(AT, 2)
        first, second, answer, half, late = await heard(ear)
    assert isinstance(first, Passed)
    assert (first.heard, first.readings) == (b"CR", ())
    assert isinstance(second, Passed)
    assert (second.heard, second.readings) == (b"S1\r", (scan,))
    assert isinstance(scan, Scan)
    assert isinstance(answer, Passed)
    assert answer.sent == b"\x1b7,"
    assert isinstance(half, Passed)
    assert isinstance(late, Passed)
    assert (late.heard, [type(one) for one in late.readings]) == (b"", [Garbled])


async def test_a_listener_that_is_too_slow_learns_how_much_is_missing_and_where() -> None:
    tap = Tap()
    with tap.listening() as slow, tap.listening() as quick:
        for number in range(MOST + 7):
            tap.tell(passed(str(number).encode()))
            assert await quick.next(0) is not None
        found = await heard(slow)
        assert len(found) == MOST + 1
        assert found[-1] == Missed(7)
        tap.tell(passed(b"again"))
        assert await heard(slow) == [passed(b"again")]


async def test_few_large_moments_fill_a_queue_too() -> None:
    tap = Tap()
    with tap.listening() as ear:
        for _ in range(3):
            tap.tell(passed(bytes(MOST_BYTES)))
        assert [type(one) for one in await heard(ear)] == [Passed, Missed]


async def test_one_device_alone_can_be_listened_to_and_nobody_listens_afterwards() -> None:
    tap = Tap()
    with tap.listening("b") as ear:
        tap.tell(passed(device="a"))
        tap.tell(passed(device="b"))
        assert await heard(ear) == [passed(device="b")]
    assert not tap.is_heard


async def test_bytes_on_which_a_wire_syntax_fails_are_heard_all_the_same() -> None:
    class Broken:
        idle_after_s = None
        speaks_unasked = False

        def feed(self, chunk: Chunk) -> None:
            raise ZeroDivisionError

    tap = Tap()
    wire = Overheard(Broken(), "s", tap)  # type: ignore[arg-type]
    with tap.listening() as ear:
        with pytest.raises(ZeroDivisionError):
            wire.feed(chunk(b"?"))
        assert [one.heard for one in await heard(ear) if isinstance(one, Passed)] == [b"?"]
