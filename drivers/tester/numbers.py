"""Numbers as testers print them: decimal mark, unit text, null tokens, significant digits."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Literal

DecimalMark = Literal[".", ","]

_NUMBER = re.compile(r"[+-]?(?P<mantissa>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class NotANumber(ValueError):
    """The text is neither a number nor a null token."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A number and the number of significant digits it was printed with; zero has none."""

    value: float
    digits: int


def read_number(
    text: str, *, decimal: DecimalMark = ".", unit: str = "", scale: float = 1.0, nulls: Collection[str] = ()
) -> Printed | None:
    """Return the number in `text` times `scale`, or None for a null token.

    `unit` is taken off the end, in any case. A null token matches as text in any case, or by value when it is a
    number itself (`9.91E37` matches `+9.910000E+37`). The scale is applied in decimal, so that 10700 mA are 10.7 A.
    Raises NotANumber for everything else, `inf` included.
    """
    bare = _without_unit(text.strip(), unit)
    folded = {token.casefold() for token in nulls}
    if bare.casefold() in folded or text.strip().casefold() in folded:
        return None
    plain = bare.replace(",", ".") if decimal == "," and "." not in bare else bare
    match = _NUMBER.fullmatch(plain)
    if match is None or not isfinite(float(plain)):
        raise NotANumber(text)
    if any(float(plain) == _value_of(token) for token in folded):
        return None
    value = float(Decimal(plain) * Decimal(str(scale)))
    return Printed(value, significant_digits(match["mantissa"]))


def significant_digits(mantissa: str) -> int:
    """Return how many digits of a printed number carry information: leading zeros do not, trailing zeros do."""
    return len(mantissa.replace(".", "").lstrip("0"))


def _without_unit(text: str, unit: str) -> str:
    if unit and text.casefold().endswith(unit.casefold()):
        return text[: len(text) - len(unit)].rstrip()
    return text


def _value_of(token: str) -> float | None:
    return float(token) if _NUMBER.fullmatch(token) else None
