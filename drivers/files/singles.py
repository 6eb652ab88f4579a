"""Numbers of the tester: single precision, recovered from whatever a spreadsheet made of them."""

import math
import re
import struct
import unicodedata

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_GIVEN = frozenset(
    {"", "-", "nan", "inf", "infinity", "1.#ind", "1.#inf", "1.#qnan", "1.#snan"}
    | {"#div/0!", "#n/a", "#name?", "#null!", "#num!", "#ref!", "#value!"}
)
_SINGLE = struct.Struct("f")


def number_of(text: str) -> float | None:
    """Read a number text, full-width characters included; None when it is no finite decimal number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not _NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def is_not_given(text: str) -> bool:
    """Tell whether a text stands for "no number": blank, a dash, NaN, infinity, a spreadsheet's error."""
    return unicodedata.normalize("NFKC", text).strip().lstrip("+-").casefold() in _NOT_GIVEN


def shortest(value: float) -> str:
    """Write a finite number with the fewest digits that read back as the same single-precision number.

    A number too large for single precision keeps the digits it has in double precision.
    """
    try:
        packed = _SINGLE.pack(value)
        for digits in (6, 7, 8, 9):
            text = f"{value:.{digits}g}"
            if _SINGLE.pack(float(text)) == packed:
                return text
    except OverflowError:
        pass
    return repr(value)


def significant_digits(text: str) -> int:
    """Count the digits of a Python number text from its first to its last non-zero digit; 1 for zero."""
    mantissa = text.partition("e")[0].lstrip("+-").replace(".", "")
    return len(mantissa.strip("0")) or 1


def number_text(value: float) -> str:
    """Write any number without loss: whole ones without a point, single-precision ones with their few digits."""
    if not math.isfinite(value):
        return repr(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    few = shortest(value)
    try:
        (widened,) = _SINGLE.unpack(_SINGLE.pack(value))
    except OverflowError:
        return few
    return few if widened == value else repr(value)
