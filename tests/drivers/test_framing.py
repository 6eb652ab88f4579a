"""Frames come out the same however their bytes were chunked, and nothing framed is lost."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.framing import Cutter, Ending, Frame, Framing

STX, ETX = b"\x02", b"\x03"
FRAMINGS = [
    Framing(ending=Ending.CR, max_length=12),
    Framing(ending=Ending.LF, max_length=12),
    Framing(ending=Ending.CRLF, max_length=12),
    Framing(ending=Ending.LINE, max_length=12),
    Framing(ending=Ending.GAP, max_length=12),
    Framing(start=STX, end=ETX, max_length=12),
    Framing(start=STX, ending=Ending.CR, max_length=12),
    Framing(start=b"BEGIN", end=b"END", max_length=12),
]
_BYTES = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", STX, ETX, b"BEGIN", b"END", b"A", b"CRS24WT", b"B" * 20, b"\x00\xff"]),
    max_size=30,
).map(b"".join)


def cut(framing: Framing, chunks: list[bytes]) -> tuple[list[Frame], int, bytes]:
    cutter = Cutter(framing)
    frames = [frame for chunk in chunks for frame in cutter.feed(chunk)]
    frames += cutter.idle()
    assert cutter.idle_after_s is None
    return frames, cutter.noise.count, cutter.noise.sample


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
@settings(deadline=None)
@given(data=_BYTES, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_any_chunking_gives_the_same_frames_and_the_same_noise(framing: Framing, data: bytes, cuts: list[int]) -> None:
    whole = cut(framing, [data])
    assert cut(framing, pieces(data, cuts)) == whole
    assert cut(framing, [bytes([byte]) for byte in data]) == whole


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
@settings(deadline=None)
@given(data=_BYTES)
def test_every_byte_is_in_a_frame_or_counted_as_noise(framing: Framing, data: bytes) -> None:
    frames, noise, _ = cut(framing, [data])
    markers = sum(len(marker) * data.count(marker) for marker in (framing.start, framing.end) if marker)
    framed = sum(len(frame.raw) for frame in frames)
    assert 0 <= len(data) - framed - noise <= data.count(b"\r") + data.count(b"\n") + markers
    if framing.ending is Ending.LINE and not framing.start:
        assert framed + noise == len(data.translate(None, b"\r\n"))


@pytest.mark.parametrize(
    ("ending", "data"),
    [
        (Ending.CR, b"ONE\rTWO\r"),
        (Ending.CR, b"ONE\r\nTWO\r\n"),
        (Ending.LF, b"ONE\nTWO\n"),
        (Ending.LF, b"ONE\r\nTWO\r\n"),
        (Ending.CRLF, b"ONE\r\nTWO\r\n"),
        (Ending.LINE, b"\r\n\nONE\r\rTWO\n\r"),
    ],
)
def test_terminators_end_frames_and_empty_frames_are_ignored(ending: Ending, data: bytes) -> None:
    cutter = Cutter(Framing(ending=ending))
    assert cutter.feed(data) == [Frame(b"ONE"), Frame(b"TWO")]
    assert cutter.idle() == []


def test_without_terminator_the_gap_ends_the_frame() -> None:
    cutter = Cutter(Framing(ending=Ending.GAP, gap_s=0.07))
    assert cutter.feed(b"CRS24") == []
    assert cutter.feed(b"WT7200001") == []
    assert cutter.idle_after_s == 0.07
    assert cutter.idle() == [Frame(b"CRS24WT7200001")]


def test_a_frame_that_lacks_its_terminator_never_glues_to_the_next() -> None:
    cutter = Cutter(Framing(ending=Ending.CR))
    assert cutter.feed(b"CRS24") == []
    (broken,) = cutter.idle()
    assert broken.raw == b"CRS24"
    assert "broke off" in broken.fault
    assert cutter.feed(b"CRS24WT7200001\r") == [Frame(b"CRS24WT7200001")]


def test_a_start_marker_followed_by_silence_opens_nothing() -> None:
    cutter = Cutter(Framing(start=STX, end=ETX))
    cutter.feed(STX)
    assert cutter.idle_after_s == 0.5
    assert cutter.idle() == []
    assert cutter.feed(b"ABC\x03") == []
    assert cutter.noise.sample == b"ABC\x03"


def test_an_over_long_frame_is_reported_once_and_the_next_one_is_read() -> None:
    cutter = Cutter(Framing(ending=Ending.CR, max_length=5))
    long, good = cutter.feed(b"ABCDEFGHIJ\rXYZ\r")
    assert long.raw == b"ABCDE"
    assert "longer than 5" in long.fault
    assert good == Frame(b"XYZ")
    assert (cutter.noise.count, cutter.noise.sample) == (5, b"FGHIJ")


def test_a_frame_of_exactly_the_maximum_length_is_good() -> None:
    assert Cutter(Framing(ending=Ending.CRLF, max_length=5)).feed(b"ABCDE\r\n") == [Frame(b"ABCDE")]


def test_memory_stays_bounded_in_a_flood_without_terminator() -> None:
    cutter = Cutter(Framing(ending=Ending.CR, max_length=16))
    frames = [frame for _ in range(1000) for frame in cutter.feed(b"\x55" * 1024)]
    assert len(frames) == 1
    assert cutter.noise.count == 1000 * 1024 - 16
    assert len(cutter.noise.sample) == 64
    assert cutter.feed(b"\rGOOD\r") == [Frame(b"GOOD")]


def test_bytes_outside_the_markers_are_counted_and_sampled() -> None:
    cutter = Cutter(Framing(start=STX, end=ETX))
    assert cutter.feed(b"junk\x02ONE\x03\r\nmore\x02TWO\x03") == [Frame(b"ONE"), Frame(b"TWO")]
    assert (cutter.noise.count, cutter.noise.sample) == (8, b"junkmore")


def test_a_second_start_marker_tells_that_the_first_frame_was_cut_short() -> None:
    first, second = Cutter(Framing(start=STX, end=ETX)).feed(b"\x02CRS24\x02CRS24WT7200001\x03")
    assert first.raw == b"CRS24"
    assert first.fault
    assert second == Frame(b"CRS24WT7200001")


def test_after_an_over_long_frame_the_next_start_marker_begins_anew() -> None:
    cutter = Cutter(Framing(start=STX, end=ETX, max_length=4))
    frames = cutter.feed(b"\x02ABCDEFGH\x02OK\x03")
    assert [frame.raw for frame in frames] == [b"ABCD", b"OK"]


def test_what_is_held_when_the_link_is_reopened_counts_as_noise() -> None:
    cutter = Cutter(Framing(ending=Ending.CR))
    cutter.feed(b"ONE\rTW")
    cutter.reset()
    assert cutter.feed(b"O\r") == [Frame(b"O")]
    assert cutter.noise.sample == b"TW"


def test_framing_that_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than zero"):
        Framing(max_length=0)
    with pytest.raises(ValueError, match="differ"):
        Framing(start=STX, end=STX)
