"""Asking Redis without ever waiting long for it: every call has a limit and passes a breaker."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from storage.errors import StorageError
from storage.redis.breaker import Admission, Breaker
from storage.redis.connecting import client_of
from storage.redis.place import Place
from storage.redis.words import trouble_of

BOUND_S: Final = 0.2

T = TypeVar("T")
Action = Callable[[Redis], Awaitable[T]]


class NoAnswer(StorageError):
    """Redis did not do what it was asked, in time or at all. Never more than a missing hint."""

    todo = "Nothing is lost and the line goes on. Check the Redis server."


@dataclass(frozen=True, slots=True)
class LinkState:
    """Whether the last call found Redis there, since when it is so, and what went wrong last, in plain words.

    A Redis that answers and refuses (full, read-only) is connected. `since` is None before the first call.
    """

    connected: bool = False
    since: datetime | None = None
    last_error: str | None = None
    last_error_todo: str | None = None
    last_error_at: datetime | None = None


class Client:
    """A Redis server behind a breaker. `aclose` it at the end; it connects by itself at the first call."""

    def __init__(self, place: Place, *, bound_s: float = BOUND_S, breaker: Breaker | None = None) -> None:
        self._bound_s = bound_s
        self._breaker = breaker or Breaker()
        self._quick = client_of(place, bound_s)
        self._patient = client_of(place, bound_s)
        self._state = LinkState()

    @property
    def state(self) -> LinkState:
        """How Redis does, for status."""
        return self._state

    async def ask(self, action: Action[T]) -> T:
        """Do something with Redis within `bound_s` in all, connecting included. Raises NoAnswer.

        Cancelled, or out of time, it closes the connection it used; what was sent may have been done.
        """
        return await self._guarded(action, self._quick, self._bound_s)

    async def wait(self, action: Action[T], at_most_s: float) -> T:
        """Do something that blocks on the server for up to `at_most_s`, on a connection of its own. Raises NoAnswer."""
        await self.ask(_ping)
        return await self._guarded(action, self._patient, at_most_s + self._bound_s)

    async def aclose(self) -> None:
        """Close every connection, also to a server that does not answer."""
        for redis in (self._quick, self._patient):
            await self._hang_up(redis, idle_only=False)

    async def _guarded(self, action: Action[T], redis: Redis, within_s: float) -> T:
        admission = self._breaker.admit(_now_s())
        if admission is Admission.REFUSED:
            raise NoAnswer(self._state.last_error or "Redis did not answer.", todo=self._state.last_error_todo or "")
        try:
            async with asyncio.timeout(within_s):
                answer = await action(redis)
        except Exception as error:  # whatever a foreign server makes the library raise
            raise await self._failed(error, admission, redis) from error
        except BaseException:
            self._breaker.abandoned(admission)
            raise
        self._answered()
        return answer

    def _answered(self) -> None:
        self._breaker.answered()
        self._found(connected=True)

    async def _failed(self, error: Exception, admission: Admission, redis: Redis) -> NoAnswer:
        trouble = trouble_of(error)
        last = LinkState(self._state.connected, self._state.since, trouble.message, trouble.todo, datetime.now(UTC))
        self._state = last
        if trouble.answered:
            self._answered()
        else:
            self._breaker.failed(admission, _now_s())
            self._found(connected=False)
            await self._hang_up(redis, idle_only=True)
        return NoAnswer(trouble.message, todo=trouble.todo)

    def _found(self, *, connected: bool) -> None:
        was = self._state
        if was.since is None or was.connected is not connected:
            now = datetime.now(UTC)
            self._state = LinkState(connected, now, was.last_error, was.last_error_todo, was.last_error_at)

    async def _hang_up(self, redis: Redis, *, idle_only: bool) -> None:
        """Drop connections: those that idled through a failure are as dead as the one that noticed it."""
        with suppress(Exception):
            async with asyncio.timeout(self._bound_s):
                await redis.connection_pool.disconnect(inuse_connections=not idle_only)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _ping(redis: Redis) -> None:
    await redis.ping()


async def mended(redis: Redis, key: str, action: Action[T]) -> T:
    """Do something with a key that is ours; where something of another type stands there, remove that first."""
    try:
        return await action(redis)
    except ResponseError as error:
        if not _is_foreign(error):
            raise
        await redis.delete(key)
        return await action(redis)


_FOREIGN: Final[tuple[str, ...]] = ("WRONGTYPE", "stream has exhausted", "ID specified in XADD")


def _is_foreign(error: ResponseError) -> bool:
    return any(sign in str(error) for sign in _FOREIGN)


def raw(value: bytes | str) -> bytes:
    """Give a value as it came: without decoding, redis-py gives bytes but does not say so."""
    return value if isinstance(value, bytes) else value.encode()
