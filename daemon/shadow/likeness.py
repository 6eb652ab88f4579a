"""Which serials a badly written one may stand for: one letter off, its head or tail cut off, two run together."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

_LEAST_LEFT: Final = 5
"""So much of a serial must be left to know it by: people write its number alone."""


class Like(Enum):
    """How a written serial is like a known one."""

    LETTER = auto()
    CUT = auto()
    GLUED = auto()


def like(written: str, known: str) -> Like | None:
    """Say how a written serial is like a known one; None where it is not, or is the very same."""
    if written == known:
        return None
    if _one_apart(written, known):
        return Like.LETTER
    if len(written) >= _LEAST_LEFT and (known.endswith(written) or known.startswith(written)):
        return Like.CUT
    if len(known) >= _LEAST_LEFT and known in written:
        return Like.GLUED
    return None


def alike(written: str, known: Iterable[str]) -> tuple[tuple[str, Like], ...]:
    """Give the known serials that a written one is like, in their order, each with how."""
    found = ((one, like(written, one)) for one in known)
    return tuple((one, how) for one, how in found if how is not None)


def _one_apart(one: str, other: str) -> bool:
    """Tell whether one letter was changed, added, left out, or two neighbours were swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    at = next((n for n, letter in enumerate(shorter) if letter != longer[n]), len(shorter))
    if len(one) != len(other):
        return shorter[at:] == longer[at + 1 :]
    swapped = shorter[at + 1 : at + 2] + shorter[at : at + 1]
    return shorter[at + 1 :] == longer[at + 1 :] or (
        swapped == longer[at : at + 2] and shorter[at + 2 :] == longer[at + 2 :]
    )
