"""How a value stands in a change body and in the line's tables: uuids, times and words as text, all else as itself."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from types import UnionType
from typing import Any, Final, get_args
from uuid import UUID

Encode = Callable[[Any], Any]
Decode = Callable[[Any], Any]

_REPLACED: Final = "�"


uuid_text: Final = lru_cache(maxsize=4096)(str)
"""Write a uuid as it stands in the tables. Remembered, like times: one decision repeats the same few."""

_uuid_of: Final = lru_cache(maxsize=8192)(UUID)


@lru_cache(maxsize=256)
def time_text(moment: datetime) -> str:
    """Write a time in UTC with microseconds, always as wide, so that text order is time order.

    Raises ValueError for a time without zone: nobody could tell what it means.
    """
    if moment.tzinfo is UTC:
        return moment.isoformat(timespec="microseconds")
    if moment.tzinfo is None:
        raise ValueError(f"a time without time zone: {moment.isoformat()}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def clean_text(text: str) -> str:
    """Give text that every database and JSON reader takes: NUL and lone surrogates become the replacement mark."""
    if text.isascii() and "\0" not in text:
        return text
    return "".join(_REPLACED if mark == "\0" or "\ud800" <= mark <= "\udfff" else mark for mark in text)


def finite(value: float) -> float | None:
    """Give None for a number that is none: neither SQLite nor JSON can hold it."""
    return value if isfinite(value) else None


_CODECS: Final[dict[type, tuple[Encode | None, Decode | None]]] = {
    UUID: (uuid_text, _uuid_of),
    datetime: (time_text, datetime.fromisoformat),
    str: (clean_text, None),
    float: (finite, None),
    bool: (None, bool),
    int: (None, None),
    bytes: (None, None),
}


def bare(hint: object) -> type:
    """Name the type behind `T | None`."""
    if isinstance(hint, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    assert isinstance(hint, type)  # noqa: S101 -- records are written in plain types
    return hint


def codec(hint: object) -> tuple[Encode | None, Decode | None]:
    """Choose encoder and decoder for an annotation; None: the value stands as it is."""
    kind = bare(hint)
    return (None, kind) if issubclass(kind, StrEnum) else _CODECS[kind]
