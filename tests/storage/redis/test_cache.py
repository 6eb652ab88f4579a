import asyncio
from typing import Final

import pytest

from storage.redis.cache import Cache
from tests.storage.redis.conftest import Judge, Open
from tests.storage.redis.server import Server
from tests.storage.redis.waiting import until

TTL_S: Final = 3600


class Slow:
    """A question with an answer that changes; counts how often it was worked out."""

    def __init__(self) -> None:
        self.answer = b'{"panels":1}'
        self.times = 0
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> bytes:
        self.times += 1
        answer = self.answer
        await self.may_end.wait()
        return answer


async def ask(cache: Cache, slow: Slow, **arguments: object) -> bytes:
    return await cache.cached("panels", arguments, TTL_S, slow)


def slots(judge: Judge) -> list[bytes]:
    return list(judge.keys("CACHE:*"))


async def test_an_answer_is_worked_out_once_and_shared_by_programs(open_client: Open) -> None:
    slow = Slow()
    for cache in (Cache(open_client()), Cache(open_client())):
        for _ in range(3):
            assert await ask(cache, slow, line=1) == slow.answer
    assert slow.times == 1


async def test_other_arguments_are_another_question(open_client: Open) -> None:
    cache, slow = Cache(open_client()), Slow()
    await ask(cache, slow, line=1, after="a")
    await ask(cache, slow, after="a", line=1)
    assert slow.times == 1
    await ask(cache, slow, line=2, after="a")
    await cache.cached("orders", {"line": 1, "after": "a"}, TTL_S, slow)
    assert slow.times == 3


async def test_a_kept_answer_expires(open_client: Open, judge: Judge) -> None:
    await ask(Cache(open_client()), Slow())
    (slot,) = slots(judge)
    assert 0 < judge.ttl(slot) <= TTL_S


async def test_invalidating_forgets_for_everybody(open_client: Open) -> None:
    one, other, slow = Cache(open_client()), Cache(open_client()), Slow()
    await ask(one, slow)
    slow.answer = b"new"
    await other.invalidate()
    assert await ask(one, slow) == b"new"


async def test_an_answer_begun_before_a_change_is_not_found_after_it(open_client: Open) -> None:
    cache, slow = Cache(open_client()), Slow()
    slow.may_end.clear()
    begun = asyncio.create_task(ask(cache, slow))
    await until(lambda: slow.times)
    slow.answer = b"new"
    await cache.invalidate()
    later = asyncio.create_task(ask(cache, slow))
    await until(lambda: slow.times == 2)
    slow.may_end.set()
    assert await begun == b'{"panels":1}'
    assert await later == b"new"
    assert await ask(cache, slow) == b"new"


async def test_many_who_ask_at_once_cause_one_computation(open_client: Open) -> None:
    cache, slow = Cache(open_client()), Slow()
    slow.may_end.clear()
    asking = [asyncio.create_task(ask(cache, slow)) for _ in range(50)]
    await until(lambda: slow.times)
    slow.may_end.set()
    assert set(await asyncio.gather(*asking)) == {slow.answer}
    assert slow.times == 1


async def test_when_the_first_asker_goes_away_the_others_still_get_their_answer(open_client: Open) -> None:
    cache, slow = Cache(open_client()), Slow()
    slow.may_end.clear()
    first, *others = [asyncio.create_task(ask(cache, slow)) for _ in range(4)]
    await until(lambda: slow.times)
    others[0].cancel()
    first.cancel()
    slow.may_end.set()
    assert await asyncio.gather(*others[1:]) == [slow.answer] * 2
    for gone in (first, others[0]):
        with pytest.raises(asyncio.CancelledError):
            await gone


async def test_a_failing_question_fails_for_each_and_is_not_kept(open_client: Open, judge: Judge) -> None:
    async def fail() -> bytes:
        raise LookupError("the server is gone")

    cache = Cache(open_client())
    asked = await asyncio.gather(*(cache.cached("q", {}, TTL_S, fail) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in asked] == [LookupError] * 3
    assert slots(judge) == []


@pytest.mark.parametrize("poison", ["nonsense", "cut", "changed", "other slot", "list", "hash", "empty", "for ever"])
async def test_a_wrong_value_is_no_answer_and_is_replaced(open_client: Open, judge: Judge, poison: str) -> None:
    cache, slow = Cache(open_client()), Slow()
    await ask(cache, slow, panel=1)
    (slot,) = slots(judge)
    good = judge.get(slot)
    slow.answer = b'{"panels":2}'
    await ask(cache, slow, panel=2)
    (other,) = set(slots(judge)) - {slot}
    values = {
        "nonsense": b"\x00\xff", "cut": good[:-1], "changed": good.replace(b"1", b"3"), "empty": b"",
        "other slot": judge.get(other),
    }  # fmt: skip
    judge.delete(slot)
    if poison in values:
        judge.set(slot, values[poison], ex=TTL_S)
    elif poison == "for ever":
        judge.set(slot, good)
    else:
        judge.rpush(slot, "x") if poison == "list" else judge.hset(slot, "a", "b")
    slow.answer = b"right"
    assert await ask(cache, slow, panel=1) == b"right"
    assert cache.discarded == 1
    slow.answer = b"not asked any more"
    assert await ask(cache, slow, panel=1) == b"right"


@pytest.mark.parametrize("poison", ["list", "text", "gone"])
async def test_a_wrong_generation_only_forgets(open_client: Open, judge: Judge, poison: str) -> None:
    cache, slow = Cache(open_client()), Slow()
    await ask(cache, slow)
    judge.delete("CACHE_GENERATION")
    if poison == "list":
        judge.rpush("CACHE_GENERATION", "x")
    elif poison == "text":
        judge.set("CACHE_GENERATION", b"\xff\x00" * 1000)
    slow.answer = b"new"
    assert await ask(cache, slow) == b"new"
    await ask(cache, slow)
    assert slow.times == 2
    slow.answer = b"newer"
    await cache.invalidate()
    assert await ask(cache, slow) == b"newer"


async def test_a_change_nobody_could_be_told_of_is_not_hidden_by_an_old_answer(open_client: Open, judge: Judge) -> None:
    cache, slow = Cache(open_client()), Slow()
    await ask(cache, slow)
    judge.config_set("maxmemory", "1")
    slow.answer = b"new"
    await cache.invalidate()
    assert await ask(cache, slow) == b"new"
    judge.config_set("maxmemory", "0")
    assert await ask(cache, slow) == b"new"
    assert await ask(Cache(open_client()), Slow()) == b"new"


async def test_an_answer_is_worked_out_while_redis_is_frozen(server: Server, open_client: Open) -> None:
    cache, slow = Cache(open_client(bound_s=0.05)), Slow()
    await ask(cache, slow)
    server.freeze()
    slow.answer = b"new"
    await cache.invalidate()
    assert await ask(cache, slow) == b"new"
    assert server.frozen


async def test_a_very_large_answer_is_given_but_not_kept(open_client: Open, judge: Judge) -> None:
    cache, slow = Cache(open_client()), Slow()
    slow.answer = b"x" * (1 << 20) + b"y"
    assert await ask(cache, slow) == slow.answer
    assert slots(judge) == []
