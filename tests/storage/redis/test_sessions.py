from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from storage.records import SignIn
from storage.redis.sessions import Sessions, session_key
from tests.storage.redis.conftest import Judge, Open


def sign_in(user: UUID, station: int = 1, *, at_min: int = 0, for_h: float = 10) -> SignIn:
    begun = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=at_min)
    return SignIn(
        uuid=uuid4(), user_uuid=user, station_number=station, created_at=begun,
        expires_at=begun + timedelta(hours=for_h),
    )  # fmt: skip


def token(judge: Judge, user: UUID) -> str | None:
    held = judge.hget(session_key(user), "token")
    return held.decode() if held else None


async def test_a_session_stands_as_a_hash_of_three_and_expires_by_itself(open_client: Open, judge: Judge) -> None:
    user = uuid4()
    begun = sign_in(user, 3)
    assert await Sessions(open_client()).signed_in(begun)
    assert judge.hgetall(f"SESSION:{user}") == {
        b"token": str(begun.uuid).encode(),
        b"expires_at": begun.expires_at.isoformat().encode(),
        b"station_assignment": b"3",
    }
    assert judge.expiretime(f"SESSION:{user}") == int(begun.expires_at.timestamp())


async def test_a_session_past_its_time_is_not_shown(open_client: Open, judge: Judge) -> None:
    user = uuid4()
    assert await Sessions(open_client()).signed_in(sign_in(user, for_h=-1))
    assert token(judge, user) is None


async def test_signing_out_removes_it(open_client: Open, judge: Judge) -> None:
    sessions, user = Sessions(open_client()), uuid4()
    begun = sign_in(user)
    await sessions.signed_in(begun)
    assert await sessions.signed_out(begun.uuid)
    assert token(judge, user) is None
    assert await sessions.signed_out(begun.uuid)


async def test_of_two_stations_the_later_sign_in_wins_and_only_it_can_take_it_back(
    open_client: Open, judge: Judge
) -> None:
    sessions, user = Sessions(open_client()), uuid4()
    first, second = sign_in(user, 1), sign_in(user, 2)
    await sessions.signed_in(first)
    await sessions.signed_in(second)
    assert token(judge, user) == str(second.uuid)
    await sessions.signed_out(first.uuid)
    assert token(judge, user) == str(second.uuid)
    await sessions.signed_out(second.uuid)
    assert token(judge, user) is None


async def test_rebuilding_shows_exactly_the_current_ones_and_leaves_other_lines_alone(
    open_client: Open, judge: Judge
) -> None:
    sessions, other = Sessions(open_client()), Sessions(open_client())
    stays, gone, late, elsewhere = (sign_in(uuid4()) for _ in range(4))
    await other.signed_in(elsewhere)
    await sessions.signed_in(stays)
    await sessions.signed_in(gone)
    judge.delete(session_key(stays.user_uuid))
    assert await sessions.rebuild([late, stays])
    shown = {key.decode() for key in judge.keys("SESSION:*")}
    assert shown == {session_key(one.user_uuid) for one in (stays, late, elsewhere)}


async def test_rebuilding_lets_the_later_sign_in_of_a_user_win(open_client: Open, judge: Judge) -> None:
    sessions, user = Sessions(open_client()), uuid4()
    first, second = sign_in(user, 1, at_min=-5), sign_in(user, 2)
    assert await sessions.rebuild([second, first])
    assert token(judge, user) == str(second.uuid)


@pytest.mark.parametrize("foreign", ["text", "list", "other hash"])
async def test_a_foreign_thing_under_the_key_is_replaced_and_never_removed_by_a_sign_out(
    open_client: Open, judge: Judge, foreign: str
) -> None:
    sessions, user = Sessions(open_client()), uuid4()
    begun, key = sign_in(user), session_key(user)

    def spoil() -> None:
        judge.delete(key)
        {
            "text": lambda: judge.set(key, "x"),
            "list": lambda: judge.rpush(key, "x"),
            "other hash": lambda: judge.hset(key, mapping={"token": b"\xff", "b": "c"}),
        }[foreign]()

    spoil()
    assert await sessions.signed_in(begun)
    assert token(judge, user) == str(begun.uuid)
    spoil()
    assert await sessions.signed_out(begun.uuid)
    assert judge.exists(key)
