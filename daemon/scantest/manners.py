"""How a scanner may say every code: with the keys of another country, in another case, with an AIM identifier."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Final


class Layout(StrEnum):
    """Whose keyboard a scanner types on that is read as one of the USA; the last two are the other way round."""

    USA = "USA"
    GERMAN = "German"
    FRENCH = "French"
    READ_GERMAN = "German, at the computer"
    READ_FRENCH = "French, at the computer"


class Case(StrEnum):
    """What becomes of letters."""

    SAME = "same"
    INVERTED = "inverted"
    UPPER = "upper"
    LOWER = "lower"


_GERMAN: Final = str.maketrans("zyZY-_/:;?+*=()\"&'#", "yzYZ/?&><_]})*(@^|\\")  # DIN 2137
_FRENCH: Final = str.maketrans(
    "aqAQzwZWmM1234567890-_(),?;.:/!&\"'*", "qaQAwzWZ;:!@#$%^&*()685-mM,<.>/134\\"
)  # AZERTY as on French PCs
_READ_GERMAN: Final = str.maketrans("zyZY-_/:;=", "yzYZß?-Öö´")
_READ_FRENCH: Final = str.maketrans("aqAQzwZWmM1234567890-_/:;.,", "qaQAwzWZ,?&é\"'(-è_çà)°!Mm:;")

_TYPED: Mapping[Layout, dict[int, int]] = {
    Layout.USA: {},
    Layout.GERMAN: _GERMAN,
    Layout.FRENCH: _FRENCH,
    Layout.READ_GERMAN: _READ_GERMAN,
    Layout.READ_FRENCH: _READ_FRENCH,
}
_CASED: Mapping[Case, Callable[[str], str]] = {
    Case.SAME: str,
    Case.INVERTED: str.swapcase,
    Case.UPPER: str.upper,
    Case.LOWER: str.lower,
}
_IDENTIFIERS: Final = ("]C0", "]C1", "]C2", "]C4")
"""Those of Code 128, ISO/IEC 15424."""


@dataclass(frozen=True, slots=True)
class Manner:
    """One way of saying every code."""

    layout: Layout = Layout.USA
    case: Case = Case.SAME
    aim: bool = False

    @property
    def oddity(self) -> int:
        """In how many ways it differs from saying what is printed."""
        return (self.layout is not Layout.USA) + (self.case is not Case.SAME) + self.aim

    def says(self, text: str) -> tuple[str, ...]:
        """Give what a code may arrive as. Letters may change before they are typed, or as they are read."""
        fronted = [f"{front}{text}" for front in (_IDENTIFIERS if self.aim else ("",))]
        cased, keys = _CASED[self.case], _TYPED[self.layout]
        both = ((cased(one).translate(keys), cased(one.translate(keys))) for one in fronted)
        return tuple(dict.fromkeys(said for pair in both for said in pair))


MANNERS: Final = tuple(
    sorted((Manner(*one) for one in product(Layout, Case, (False, True))), key=lambda one: one.oddity)
)
"""Every manner, the plainest first."""


@cache
def sayings(codes: tuple[str, ...]) -> Mapping[str, tuple[tuple[int, Manner], ...]]:
    """Give everything the codes may arrive as, with the number of the code, from 0, and the manners that say it so."""
    found: dict[str, list[tuple[int, Manner]]] = {}
    for manner in MANNERS:
        for number, text in enumerate(codes):
            for said in manner.says(text):
                found.setdefault(said, []).append((number, manner))
    return {said: tuple(ways) for said, ways in found.items()}
