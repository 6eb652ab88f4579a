"""Answers of slow questions, kept for a moment. A wrong, damaged or foreign value is no answer and is replaced."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Final
from uuid import uuid4

import orjson
from redis.asyncio import Redis

from storage.redis.client import Client, NoAnswer, mended

GENERATION_KEY: Final = "CACHE_GENERATION"
_PREFIX: Final = "CACHE:"
_LARGEST_BYTES: Final = 1 << 20

Compute = Callable[[], Awaitable[bytes]]


class Cache:
    """The query cache. A generation is a mark nobody guesses: a new one makes every answer before it unfindable."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._round = 0
        self._owed = False
        self._flights: dict[tuple[bytes, int], asyncio.Future[bytes]] = {}
        self.discarded = 0

    async def invalidate(self) -> None:
        """Forget every answer, for all who share this Redis.

        Where Redis does not answer, this cache takes no answer from it until it could be told.
        """
        self._round += 1
        self._owed = True
        await self._pay()

    async def cached(self, name: str, arguments: Mapping[str, object], ttl_s: float, compute: Compute) -> bytes:
        """Give the answer (JSON) to a question: a kept one at most `ttl_s` old, else `compute`'s, and keep that.

        The same question asked meanwhile waits for the first; two programs may compute it once each. Raises only what
        `compute` raises. An answer begun before `invalidate` is not found after it.
        """
        question = _question(name, arguments)
        flight = self._flights.get((question, self._round))
        if flight is None:
            return await self._lead(question, ttl_s, compute)
        await asyncio.wait((flight,))
        return await compute() if flight.cancelled() else flight.result()

    async def _lead(self, question: bytes, ttl_s: float, compute: Compute) -> bytes:
        key = (question, self._round)
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._kept_or_computed(question, ttl_s, compute)
            flight.set_result(answer)
        finally:
            del self._flights[key]
            flight.cancel()
        return answer

    async def _kept_or_computed(self, question: bytes, ttl_s: float, compute: Compute) -> bytes:
        if self._owed and not await self._pay():
            return await compute()
        try:
            slot, held = await self._client.ask(lambda redis: _look(redis, question, ttl_s))
        except NoAnswer:
            return await compute()
        if held is not None:
            if (kept := _unsealed(slot, held)) is not None:
                return kept
            self.discarded += 1
        answer = await compute()
        await self._keep(slot, answer, ttl_s)
        return answer

    async def _keep(self, slot: bytes, answer: bytes, ttl_s: float) -> None:
        if len(answer) > _LARGEST_BYTES:
            return
        try:
            await self._client.ask(lambda redis: redis.set(slot, _seal(slot, answer) + answer, px=_milliseconds(ttl_s)))
        except NoAnswer:
            return

    async def _pay(self) -> bool:
        """Begin a generation; only where no other was owed meanwhile is nothing owed any more."""
        owed_for = self._round
        try:
            await self._client.ask(lambda redis: redis.set(GENERATION_KEY, uuid4().hex))
        except NoAnswer:
            return False
        self._owed = self._round != owed_for
        return True


async def _look(redis: Redis, question: bytes, ttl_s: float) -> tuple[bytes, bytes | None]:
    """Give the slot of a question in the present generation, and what it holds; what never expires counts as wrong."""
    slot = _slot(await mended(redis, GENERATION_KEY, _generation), question)
    async with redis.pipeline(transaction=True) as both:
        both.get(slot)
        both.pttl(slot)
        held, left_ms = await both.execute(raise_on_error=False)
    if held is None:
        return slot, None
    timely = isinstance(held, bytes) and isinstance(left_ms, int) and 0 <= left_ms <= _milliseconds(ttl_s)
    return slot, held if timely else b""


async def _generation(redis: Redis) -> object:
    held = await redis.get(GENERATION_KEY)
    if held is None:
        await redis.set(GENERATION_KEY, uuid4().hex, nx=True)
        held = await redis.get(GENERATION_KEY)
    return held


def _question(name: str, arguments: Mapping[str, object]) -> bytes:
    return orjson.dumps([name, arguments], option=orjson.OPT_SORT_KEYS)


def _slot(generation: object, question: bytes) -> bytes:
    digest = sha256(repr(generation).encode() + b"\0" + question).hexdigest()
    return _PREFIX.encode() + digest.encode()


def _seal(slot: bytes, answer: bytes) -> bytes:
    return sha256(slot + b"\0" + answer).digest()


def _unsealed(slot: bytes, held: bytes) -> bytes | None:
    seal, answer = held[:32], held[32:]
    return answer if seal == _seal(slot, answer) else None


def _milliseconds(ttl_s: float) -> int:
    return max(1, round(ttl_s * 1000))
