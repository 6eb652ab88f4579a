"""What printed codes mean: commands, digits, defects, badges. One table for printing and for reading."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from stations.rules.serials import normalise


class Meaning(StrEnum):
    """What a scan is, before anything is known about the station."""

    SERIAL = "serial"
    BADGE = "badge"
    PASS_ALL = "pass_all"  # noqa: S105 -- a command name
    FAIL = "fail"
    OTHER = "other"
    COSMETIC = "cosmetic"
    DEFECT = "defect"
    UNDO = "undo"
    DONE = "done"
    RETEST = "retest"
    CLOSE_PALLET = "close_pallet"
    SIGN_OUT = "sign_out"
    MANUAL = "manual"
    LATER = "later"
    DIGIT = "digit"
    POINT = "point"
    ENTER = "enter"
    CLEAR = "clear"
    BIND = "bind"
    TEST = "test"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Code:
    """A scan read as what it means; `argument` is a criterion, line and station, defect, digit, token or text."""

    meaning: Meaning
    argument: str = ""


PREFIX = "SL-"
BADGE_PREFIX = "SL-U-"
DEFECT_PREFIX = "SL-D-"
FAIL_PREFIX = "SL-F-"
DIGIT_PREFIX = "SL-N-"
BIND_PREFIX = "SL-BIND-"
TEST_PREFIX = "SL-TEST-"
_LINE_AND_STATION = re.compile(r"[1-9]-[1-9]")

COMMANDS: dict[str, tuple[Meaning, str]] = {
    "SL-PASS": (Meaning.PASS_ALL, "PASS all"),
    "SL-OTHER": (Meaning.OTHER, "FAIL: other"),
    "SL-B": (Meaning.COSMETIC, "B grade (cosmetic)"),
    "SL-DONE": (Meaning.DONE, "DONE"),
    "SL-UNDO": (Meaning.UNDO, "UNDO"),
    "SL-RETEST": (Meaning.RETEST, "RETEST"),
    "SL-CLOSE": (Meaning.CLOSE_PALLET, "CLOSE PALLET"),
    "SL-OUT": (Meaning.SIGN_OUT, "SIGN OUT"),
    "SL-MANUAL": (Meaning.MANUAL, "Enter values by hand"),
    "SL-LATER": (Meaning.LATER, "LATER"),
    "SL-POINT": (Meaning.POINT, "."),
    "SL-ENTER": (Meaning.ENTER, "ENTER"),
    "SL-CLEAR": (Meaning.CLEAR, "CLEAR"),
}
"""Fixed command codes: barcode text → meaning and the label printed beside it."""

_ARGUMENTS = {
    BADGE_PREFIX: Meaning.BADGE,
    DEFECT_PREFIX: Meaning.DEFECT,
    FAIL_PREFIX: Meaning.FAIL,
    DIGIT_PREFIX: Meaning.DIGIT,
    BIND_PREFIX: Meaning.BIND,
    TEST_PREFIX: Meaning.TEST,
}

TEST_CODES = (
    f"{TEST_PREFIX}1-AQWZYM",
    f"{TEST_PREFIX}2-aqwzym",
    f"{TEST_PREFIX}3-0123456789",
    f"{TEST_PREFIX}4-_/:;.,+=",
    f"{TEST_PREFIX}5-ABCDEF0123456789012345",
)
"""The codes that test a scanner, in the order of their numbers: letters that keyboards swap, small ones, digits, signs
that keyboards move, one as long as a badge."""

ENTRY = frozenset({Meaning.DIGIT, Meaning.POINT, Meaning.ENTER, Meaning.CLEAR})
"""Codes that are scanned in quick, honest repetition."""


def read_code(text: str) -> Code:
    """Tell what a normalised scan means. A text without our prefix is taken for a serial; never raises."""
    if text in COMMANDS:
        return Code(COMMANDS[text][0])
    for prefix, meaning in _ARGUMENTS.items():
        argument = text.removeprefix(prefix)
        if argument != text and argument:
            return _checked(meaning, argument)
    return Code(Meaning.UNKNOWN, text) if text.startswith(PREFIX) or not text else Code(Meaning.SERIAL, text)


def _checked(meaning: Meaning, argument: str) -> Code:
    digits_only = argument.isascii() and argument.isdigit()
    if meaning is Meaning.DIGIT and not (digits_only and len(argument) == 1):
        return Code(Meaning.UNKNOWN, DIGIT_PREFIX + argument)
    if meaning is Meaning.BIND and not _LINE_AND_STATION.fullmatch(argument):
        return Code(Meaning.UNKNOWN, BIND_PREFIX + argument)
    if meaning is Meaning.FAIL and not (digits_only and len(argument) <= 2):
        return Code(Meaning.UNKNOWN, FAIL_PREFIX + argument)
    return Code(meaning, argument)


def fail_code(order_index: int) -> str:
    """Give the barcode text that marks the station's n-th criterion as failed."""
    return f"{FAIL_PREFIX}{order_index}"


def defect_code(code: str) -> str:
    """Give the barcode text of a defect."""
    return f"{DEFECT_PREFIX}{code}"


def bind_code(line_number: int, station: int) -> str:
    """Give the barcode text that makes a new scanner the scanner of a station; two lines may share a computer."""
    return f"{BIND_PREFIX}{line_number}-{station}"


def badge_hash(token: str) -> str:
    """Hash a badge token as it is stored: SHA-256 of the upper-case token, hex. Tokens are 128 random bits."""
    return hashlib.sha256(token.upper().encode()).hexdigest()


def without_token(text: str) -> str:
    """Give the text of a scan as it may be stored: of a badge the hash, as its token lets the bearer sign in."""
    code = read_code(normalise(text))
    return BADGE_PREFIX + badge_hash(code.argument) if code.meaning is Meaning.BADGE else text
