"""Naming a thing by a part of its long id: the beginning or the end of it, as far as only one thing has it."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from stations.office.outcome import Refused, invalid, refused

T = TypeVar("T")

_LEAST = 6
_PART = re.compile(rf"[0-9a-f]{{{_LEAST},32}}")
_DASHES = (8, 12, 16, 20)


def digits_of(what: str, text: str) -> str:
    """Read a whole or partial id as small hex digits without dashes. Raises Refused (invalid) for anything else."""
    digits = text.strip().lower().replace("-", "")
    if not _PART.fullmatch(digits):
        raise no_id(what, text)
    return digits


def no_id(what: str, text: str) -> Refused:
    """Make the refusal of a text that is no id."""
    shown = text.strip()[:40]
    return invalid(f"{shown!r} is no id of a {what}.", f"Give the whole id, or {_LEAST} or more digits of its end.")


def dashed(digits: str) -> str:
    """Write the beginning of an id as ids are stored."""
    cuts = (0, *_DASHES, 32)
    return "-".join(part for part in (digits[a:b] for a, b in pairwise(cuts)) if part)


def fits(uuid: UUID, digits: str) -> bool:
    """Tell whether an id begins or ends with these digits."""
    return uuid.hex.startswith(digits) or uuid.hex.endswith(digits)


def only_one(what: str, digits: str, found: Sequence[T]) -> T | None:
    """Give the only one found, None for none. Raises Refused where several have these digits."""
    if len(found) > 1:
        raise refused(f"More than one {what} has the id {digits}...", "Give its last digits, or the whole id.")
    return found[0] if found else None
