"""What went wrong with Redis, in plain words."""

from dataclasses import dataclass
from typing import Final

import redis.exceptions
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ConnectionError,  # noqa: A004 -- redis-py's own
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)

from storage.redis.connecting import PasswordUnreadable

_HARMLESS: Final = "Nothing is lost and the line goes on."


@dataclass(frozen=True, slots=True)
class Trouble:
    """One plain sentence and what to do next; `answered`: Redis was there and said no."""

    message: str
    todo: str
    answered: bool = False


_KNOWN: Final[tuple[tuple[type[Exception], Trouble], ...]] = (
    (
        AuthenticationError,
        Trouble("Redis refused the password.", "Check the user in the Redis URL and the password file."),
    ),
    (BusyLoadingError, Trouble("Redis is still loading its data.", "Wait; it is tried again by itself.")),
    (OutOfMemoryError, Trouble("Redis is full.", f"{_HARMLESS} Raise maxmemory, or let Redis evict.", answered=True)),
    (ReadOnlyError, Trouble("Redis is a read-only replica.", "Name the primary in the Redis URL.", answered=True)),
    (
        NoPermissionError,
        Trouble("Redis does not let this user do what is needed.", "Extend the user's ACL.", answered=True),
    ),
)


def trouble_of(error: Exception) -> Trouble:
    """Say what an error of a call means. Whatever is not an answer of Redis counts as no answer."""
    if isinstance(error.__cause__, AuthenticationError):  # redis-py wraps it on unix sockets
        error = error.__cause__
    if isinstance(error, PasswordUnreadable):
        return Trouble(str(error), "Check its path and who may read it.")
    for kind, trouble in _KNOWN:
        if isinstance(error, kind):
            return trouble
    if isinstance(error, ResponseError):
        return Trouble(f"Redis refused: {_short(error)}", f"{_HARMLESS} Look into Redis's own log.", answered=True)
    if isinstance(error, TimeoutError | redis.exceptions.TimeoutError):
        return Trouble("Redis does not answer in time.", f"{_HARMLESS} Check the Redis server and the network.")
    if isinstance(error, ConnectionError | OSError):
        return Trouble(f"Redis cannot be reached: {_short(error)}", f"{_HARMLESS} Check the server and the URL.")
    return Trouble(f"What answers is not Redis: {_short(error)}", "Check the address in the Redis URL.")


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:160].rstrip(".") + "."
