"""Telling "leave it as it is" from "make it nothing" in a request that changes some fields."""

from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")


class Keep(Enum):
    """The type of `KEEP`."""

    KEEP = object()


KEEP: Final = Keep.KEEP
"""Given for a field that is to stay as it is."""


def changed(given: T | Keep, now: T) -> T:
    """Give the new value of a field, or the one it has."""
    return now if isinstance(given, Keep) else given
