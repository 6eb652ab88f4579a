"""Lists in pieces: newest first, each piece beginning where the last one ended, whatever came in between."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID

T_co = TypeVar("T_co", covariant=True)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TIME_BYTES: Final = 8
_UUID_BYTES: Final = 16

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a row in a list: rows of one moment are ordered by their uuid."""

    created_at: datetime
    uuid: UUID

    @property
    def token(self) -> str:
        """Write it as people pass it on: 32 letters, digits, `-` and `_`."""
        moment = (self.created_at - _EPOCH) // _MICROSECOND
        return urlsafe_b64encode(moment.to_bytes(_TIME_BYTES, "big", signed=True) + self.uuid.bytes).decode("ascii")


BEGINNING: Final = Mark(LATEST, UUID(int=(1 << 128) - 1))
"""Before the newest row."""


@dataclass(frozen=True, slots=True)
class Piece:
    """How much of a list is wanted, and behind which row."""

    limit: int = 50
    after: Mark = BEGINNING


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A piece of a list; `after` is where the next one begins, None at the end."""

    rows: tuple[T_co, ...]
    after: Mark | None


def mark_of(token: str) -> Mark:
    """Read a token. Raises ValueError for what is none."""
    data = urlsafe_b64decode(token.encode("ascii"))
    if len(data) != _TIME_BYTES + _UUID_BYTES or urlsafe_b64encode(data).decode("ascii") != token:
        raise ValueError(f"{token!r} is no place in a list")
    try:
        moment = _EPOCH + int.from_bytes(data[:_TIME_BYTES], "big", signed=True) * _MICROSECOND
    except OverflowError as error:
        raise ValueError(f"{token!r} is no place in a list") from error
    return Mark(moment, UUID(bytes=data[_TIME_BYTES:]))
