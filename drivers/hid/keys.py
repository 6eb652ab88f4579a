"""What keys type on the US layout. Key codes: linux/input-event-codes.h."""

from collections.abc import Iterator
from typing import Final

ENTER: Final = frozenset({28, 96})  # the second one on the keypad
SHIFT: Final = frozenset({42, 54})
CHORD: Final = frozenset({29, 97, 56, 100, 125, 126})  # Ctrl, Alt and the logo keys: with them a key types no text
CAPS_LOCK: Final = 58
NUM_LOCK: Final = 69
"""Not looked at: a scanner's keypad means digits."""

_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_KEYPAD: Final = {
    55: "*", 71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+", 79: "1", 80: "2", 81: "3",
    82: "0", 83: ".", 98: "/", 117: "=",
}  # fmt: skip
_NAMES: Final = {
    1: "Esc", 14: "Backspace", 15: "Tab", 28: "Enter", 29: "Ctrl", 42: "Shift", 54: "Shift", 56: "Alt", 58: "Caps Lock",
    96: "Enter", 97: "Ctrl", 100: "AltGr",
}  # fmt: skip

_CONTROLS: Final = {1: "\x1b", 14: "\b", 15: "\t", 28: "\r", 96: "\r"}
_SUBSTITUTE: Final = "\x1a"


def _table() -> Iterator[tuple[int, tuple[str, str]]]:
    for first, plain, shifted in _ROWS:
        yield from ((first + number, pair) for number, pair in enumerate(zip(plain, shifted, strict=True)))


_TEXT: Final = dict(_table())


def typed(code: int, *, shift: bool, caps_lock: bool) -> str | None:
    """Give the character a key types; None for a key that types none. Caps Lock turns letters over, no others."""
    if code in _KEYPAD:
        return None if shift else _KEYPAD[code]
    pair = _TEXT.get(code)
    if pair is None:
        return None
    return pair[shift != (caps_lock and pair[0].isalpha())]


def control_of(code: int) -> str:
    """Give the control character that stands for a key without text."""
    return _CONTROLS.get(code, _SUBSTITUTE)


def name_of(code: int) -> str:
    """Name a key for people."""
    return _NAMES.get(code, f"key {code}")
