"""What is typed is read exactly, or said to be unusable: never shorter, never another text."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.framing import Frame
from drivers.hid.events import told_state
from drivers.hid.typist import Typing, Typist
from simulators.wire.keyboard import CAPS_LOCK, ENTER, NUM_LOCK, PAD_ENTER, RIGHT_SHIFT, TYPED, Manner, report
from tests.drivers.hid.desk import typed

T = 10**12
MS = 10**6
SERIAL = "CRS25WT60M00001"

manners = st.builds(
    Manner,
    caps_lock=st.booleans(),
    keypad=st.booleans(),
    rolls=st.booleans(),
    keeps_shift=st.booleans(),
    scan_codes=st.booleans(),
    shift=st.sampled_from((42, RIGHT_SHIFT)),
    enter=st.sampled_from((ENTER, PAD_ENTER)),
)
texts = st.text(TYPED, min_size=1, max_size=40)


def read(data: bytes, *, gap_s: float | None = None, idle_at: int | None = None, light: bool = False) -> list[Frame]:
    typist = Typist(Typing(gap_s))
    frames = typist.feed(told_state(T - 1000 * MS, (), caps_lock=light) + data)
    return frames + (typist.idle(idle_at) if idle_at else [])


def strokes(*keys: tuple[int, int], at_ns: int = T) -> bytes:
    """One report a key change."""
    return b"".join(report(at_ns + number * MS, (key,)) for number, key in enumerate(keys))


@given(texts, manners, st.data())
def test_any_text_in_any_manner_timing_and_chunking_is_read_exactly(
    text: str, manner: Manner, data: st.DataObject
) -> None:
    steps = data.draw(st.lists(st.integers(0, 499 * MS), max_size=200))
    stream = told_state(T - 1000 * MS, (), caps_lock=manner.caps_lock) + typed(
        text, at_ns=T, step_ns=steps, manner=manner
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    typist = Typist(Typing())
    frames: list[Frame] = []
    for begin, end in itertools.pairwise((0, *cuts, len(stream))):
        frames += typist.feed(stream[begin:end])
        frames += typist.idle(T - 1000 * MS) if typist.idle_after_s else []  # however late it is read
    assert frames == [Frame(text.encode())]


@given(st.lists(texts, min_size=1, max_size=4), st.integers(50, 100))
def test_without_an_enter_a_pause_ends_a_scan(scans: list[str], gap_ms: int) -> None:
    typist, frames, at = Typist(Typing(gap_ms / 1000)), [], T
    for text in scans:
        stream = typed(text, at_ns=at, step_ns=8 * MS, manner=Manner(enter=None))
        frames += typist.feed(stream)
        at += len(text) * 4 * 8 * MS + gap_ms * MS
    assert frames + typist.idle(at) == [Frame(text.encode()) for text in scans]


def test_a_busy_reader_is_no_pause() -> None:
    typist = Typist(Typing(0.1))
    data = typed(SERIAL, manner=Manner(enter=None))
    assert typist.feed(data[:480]) == []
    assert typist.idle(T + 90 * MS) == []
    typist.feed(data[480:])
    assert typist.idle(T + 10**10) == [Frame(SERIAL.encode())]


def test_caps_lock_is_that_of_its_light_until_its_own_key_turns_it_over() -> None:
    caps = report(T - 9 * MS, ((CAPS_LOCK, 1),)) + report(T - 8 * MS, ((CAPS_LOCK, 0),))
    assert read(typed("aB1-_")) == [Frame(b"aB1-_")]
    assert read(typed("aB1-_"), light=True) == [Frame(b"Ab1-_")]
    assert read(caps + typed("aB1-_")) == [Frame(b"Ab1-_")]
    assert read(caps + typed("aB1-_"), light=True) == [Frame(b"aB1-_")]


def test_num_lock_means_nothing_to_a_scanner() -> None:
    assert read(strokes((NUM_LOCK, 1), (NUM_LOCK, 0)) + typed("123", at_ns=T + 9 * MS, manner=Manner(keypad=True))) == [
        Frame(b"123")
    ]


def test_a_key_that_stays_down_types_once() -> None:
    held = report(T, ((30, 1),)) + b"".join(report(T + n * 33 * MS, ((30, 2),)) for n in range(1, 40))
    (frame,) = read(held + report(T + 400 * MS, ((30, 0),)) + strokes((ENTER, 1), (ENTER, 0), at_ns=T + 401 * MS))
    assert frame == Frame(b"a")


@pytest.mark.parametrize(
    ("keys", "raw", "said"),
    [
        (((30, 1), (30, 0), (15, 1), (15, 0), (48, 1)), b"a<Tab>b", "Tab types no character"),
        (((30, 1), (103, 1)), b"a<key 103>", "key 103 types no character"),
        (((29, 1), (27, 1), (27, 0), (29, 0), (30, 1)), b"]a", "together with Ctrl"),
        (((56, 1), (82, 1), (82, 0), (56, 0)), b"0", "together with Alt"),
        (((30, 1), (48, 0), (46, 1)), b"a<?>c", "a part of a keystroke is missing"),
        (((30, 1), (30, 1)), b"a<?>", "a part of a keystroke is missing"),
        (((30, 1), (48, 2)), b"a<?>", "a part of a keystroke is missing"),
        (((42, 1), (30, 1)), b"A", "Shift was held at its end"),
        (((42, 1), (79, 1), (42, 0)), b"<key 79>", "key 79 types no character"),
    ],
)  # fmt: skip
def test_what_is_no_text_makes_the_whole_scan_unusable(
    keys: tuple[tuple[int, int], ...], raw: bytes, said: str
) -> None:
    (frame,) = read(strokes(*keys, (ENTER, 1), (ENTER, 0)))
    assert frame.raw == raw
    assert said in frame.fault


def test_a_scan_without_its_end_is_given_up_and_the_next_one_is_whole() -> None:
    broken = typed("CRS25", manner=Manner(enter=None))
    frames = read(broken + typed(SERIAL, at_ns=T + 4000 * MS))
    assert frames == [Frame(b"CRS25", "it broke off before its end"), Frame(SERIAL.encode())]
    assert read(broken, idle_at=T + 2000 * MS) == frames[:1]


def test_what_follows_a_pause_within_a_scan_is_no_scan_but_the_next_one_is() -> None:
    head = typed("CRS25", manner=Manner(enter=None))
    tail, whole = typed("WT60M00001", at_ns=T + 900 * MS), typed(SERIAL, at_ns=T + 1900 * MS)
    assert read(head + tail + whole) == [
        Frame(b"CRS25", "it broke off before its end"),
        Frame(b"WT60M00001", "it may be the rest of what broke off before it"),
        Frame(SERIAL.encode()),
    ]


def test_a_pause_while_a_key_is_down_is_no_end() -> None:
    (frame,) = read(strokes((30, 1), (30, 0), (48, 1)), gap_s=0.1, idle_at=T + 2000 * MS)
    assert frame == Frame(b"ab", "it broke off before its end")


def test_a_scan_longer_than_allowed_is_said_and_bounded() -> None:
    (frame,) = read(typed("A" * 500))
    assert frame == Frame(b"A" * 128, "it is longer than 128 characters")


def test_what_was_typed_is_heard_key_by_key_as_a_serial_scanner_would_have_sent_it() -> None:
    typist = Typist(Typing())
    typist.feed(strokes((42, 1), (30, 1), (42, 0), (30, 0), (15, 1), (15, 0), (103, 1), (103, 0)))
    assert typist.heard == b"A\t\x1a"
    typist.feed(strokes((ENTER, 1), at_ns=T + 20 * MS))
    assert typist.heard == b"\r"
    typist.feed(strokes((ENTER, 0), at_ns=T + 21 * MS))
    assert typist.heard == b""


def test_an_enter_alone_is_nothing() -> None:
    assert read(strokes((ENTER, 1), (ENTER, 0), (PAD_ENTER, 1), (PAD_ENTER, 0))) == []


# what was lost


def test_a_scan_that_was_going_on_when_it_was_opened_is_no_scan_but_the_next_one_is() -> None:
    tail = told_state(T, (), caps_lock=False) + typed("00001", at_ns=T + 20 * MS)
    typist = Typist(Typing())
    assert typist.feed(tail) == []
    assert typist.feed(typed(SERIAL, at_ns=T + 900 * MS)) == [
        Frame(b"00001<Enter>", "keys before it were lost"), Frame(SERIAL.encode()),
    ]  # fmt: skip


def test_a_key_that_was_down_when_it_was_opened_types_nothing_and_hinders_nothing() -> None:
    typist = Typist(Typing())
    state = told_state(T - 1000 * MS, (ENTER, 42), caps_lock=False)
    assert typist.feed(state + report(T - 500 * MS, ((ENTER, 0), (42, 0))) + typed(SERIAL)) == [Frame(SERIAL.encode())]


def test_dropped_events_spoil_the_scan_and_no_other() -> None:
    data = typed(SERIAL, at_ns=T)
    torn = data[:720] + told_state(T + 50 * MS, (42,), caps_lock=False) + report(T + 52 * MS, ((42, 0),))
    frames = read(torn + typed("00001", at_ns=T + 60 * MS) + typed(SERIAL, at_ns=T + 900 * MS))
    assert [frame.fault for frame in frames] == ["keys before it were lost", ""]
    assert frames[1].raw == SERIAL.encode()
    assert frames[0].raw.startswith(b"CR")


def test_a_scan_that_was_dropped_whole_is_said() -> None:
    lost = told_state(T + MS, (), caps_lock=False)
    assert read(typed("A", at_ns=T - 500 * MS) + lost, idle_at=T + 200 * MS) == [
        Frame(b"A"), Frame(b"<...>", "keys before it were lost"),
    ]  # fmt: skip


def test_caps_lock_presses_that_were_dropped_do_not_turn_later_scans_over() -> None:
    press = report(T, ((CAPS_LOCK, 1),)) + report(T + MS, ((CAPS_LOCK, 0),))
    lost = told_state(T + 3 * MS, (), caps_lock=False)
    again = report(T + 4 * MS, ((CAPS_LOCK, 1),)) + report(T + 5 * MS, ((CAPS_LOCK, 0),))
    frames = read(press + lost + again + typed(SERIAL, at_ns=T + 900 * MS))
    assert frames[-1] == Frame(SERIAL.encode())


# the tables against the kernel's own list of keys

_HEADER = Path("/usr/include/linux/input-event-codes.h")


@pytest.mark.skipif(not _HEADER.exists(), reason="this machine has no kernel headers")
def test_keys_have_the_numbers_the_kernel_gives_them() -> None:
    numbers = {name: int(code) for name, code in re.findall(r"#define KEY_(\w+)\s+(\d+)\b", _HEADER.read_text("utf-8"))}
    plain = {f"{char}": char.lower() for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"} | {
        "MINUS": "-", "EQUAL": "=", "LEFTBRACE": "[", "RIGHTBRACE": "]", "SEMICOLON": ";", "APOSTROPHE": "'",
        "GRAVE": "`", "BACKSLASH": "\\", "COMMA": ",", "DOT": ".", "SLASH": "/", "SPACE": " ", "KPASTERISK": "*",
        "KPMINUS": "-", "KPPLUS": "+", "KPDOT": ".", "KPSLASH": "/",
        **{f"KP{digit}": str(digit) for digit in range(10)},
    }  # fmt: skip
    for name, char in plain.items():
        code = numbers[name]
        assert read(strokes((code, 1), (code, 0), (96, 1), (96, 0))) == [Frame(char.encode())], name
