"""What a scanner in keyboard mode makes the kernel say: struct input_event of linux/input.h, US layout.

Numbers of keys: linux/input-event-codes.h. Times are nanoseconds of any steady clock.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_EVENT = struct.Struct("@llHHi")
_SYN, _KEY, _MSC = 0, 1, 4
_SCAN_CODE = 4

_LETTERS = {
    "A": 30, "B": 48, "C": 46, "D": 32, "E": 18, "F": 33, "G": 34, "H": 35, "I": 23, "J": 36, "K": 37, "L": 38, "M": 50,
    "N": 49, "O": 24, "P": 25, "Q": 16, "R": 19, "S": 31, "T": 20, "U": 22, "V": 47, "W": 17, "X": 45, "Y": 21, "Z": 44,
}  # fmt: skip
_DIGITS = {"1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11}
_ALONE = {" ": 57, "-": 12, "=": 13, "[": 26, "]": 27, ";": 39, "'": 40, "`": 41, "\\": 43, ",": 51, ".": 52, "/": 53}
_WITH_SHIFT = {
    "!": 2, "@": 3, "#": 4, "$": 5, "%": 6, "^": 7, "&": 8, "*": 9, "(": 10, ")": 11, "_": 12, "+": 13, "{": 26,
    "}": 27, ":": 39, '"': 40, "~": 41, "|": 43, "<": 51, ">": 52, "?": 53,
}  # fmt: skip
_PAD = {
    "0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73, ".": 83, "-": 74,
    "+": 78, "*": 55, "/": 98,
}  # fmt: skip
LEFT_SHIFT, RIGHT_SHIFT, CAPS_LOCK, NUM_LOCK = 42, 54, 58, 69
ENTER, PAD_ENTER = 28, 96

TYPED = "".join((*_LETTERS, *(letter.lower() for letter in _LETTERS), *_DIGITS, *_ALONE, *_WITH_SHIFT))
"""Every character this keyboard has."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a scanner types. `rolls`: the next key goes down in the report in which the last goes up."""

    caps_lock: bool = False
    keypad: bool = False
    rolls: bool = False
    keeps_shift: bool = False
    scan_codes: bool = True
    shift: int = LEFT_SHIFT
    enter: int | None = ENTER


Report = tuple[tuple[int, int], ...]
"""What changes at once: keys with 1 for down, 0 for up."""


def event(at_ns: int, kind: int, code: int, value: int) -> bytes:
    """Write one event."""
    return _EVENT.pack(at_ns // 10**9, at_ns % 10**9 // 1000, kind, code, value)


def report(at_ns: int, keys: Report, *, scan_codes: bool = True) -> bytes:
    """Write one report as the kernel passes it on: each change with the keyboard's own number for it, then the end."""
    written = b""
    for code, value in keys:
        written += event(at_ns, _MSC, _SCAN_CODE, 0x70000 + code) if scan_codes else b""
        written += event(at_ns, _KEY, code, value)
    return written + event(at_ns, _SYN, 0, 0)


def reports(text: str, manner: Manner | None = None) -> Iterator[Report]:
    """Give the reports that type `text`, as a scanner set to the manner does."""
    how = manner or Manner()
    shifted, last = False, 0
    for char in text:
        code, wants = _key(char, how)
        turn: Report = () if wants == shifted else ((how.shift, int(wants)),)
        shifted = wants
        if last and how.rolls:
            yield (*turn, (last, 0), (code, 1)) if last != code else ((last, 0),)
            if last == code:
                yield (*turn, (code, 1))
        else:
            yield from (((last, 0),),) if last else ()
            yield (*turn, (code, 1))
        last = code
        if shifted and not how.keeps_shift:
            yield ((how.shift, 0), (code, 0))
            shifted, last = False, 0
    yield from _rest(last, how, shifted=shifted)


def _rest(last: int, how: Manner, *, shifted: bool) -> Iterator[Report]:
    ups: Report = (*(((how.shift, 0),) if shifted else ()), *(((last, 0),) if last else ()))
    yield from (ups,) if ups else ()
    if how.enter is not None:
        yield ((how.enter, 1),)
        yield ((how.enter, 0),)


def _key(char: str, how: Manner) -> tuple[int, bool]:
    """Find the key of a character and whether it wants Shift."""
    if char.upper() in _LETTERS:
        return _LETTERS[char.upper()], char.isupper() != how.caps_lock
    if how.keypad and char in _PAD:
        return _PAD[char], False
    if char in _WITH_SHIFT:
        return _WITH_SHIFT[char], True
    return (_DIGITS | _ALONE)[char], False
