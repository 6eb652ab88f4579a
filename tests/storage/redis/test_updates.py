from datetime import UTC, datetime
from uuid import uuid4

import pytest

from storage.redis.updates import Update, Updates
from tests.storage.redis.conftest import Judge, Open

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
KEY = "REALTIME_UPDATES"


def update(status: str = "PASS") -> Update:
    return Update("1-4", uuid4(), status, NOW)


async def test_an_update_stands_in_the_stream_as_four_fields(open_client: Open, judge: Judge) -> None:
    made = update()
    assert await Updates(open_client()).publish([made])
    ((_, fields),) = judge.xrange(KEY)
    assert fields == {
        b"station_id": b"1-4",
        b"panel_id": str(made.panel_id).encode(),
        b"status": b"PASS",
        b"timestamp": b"2026-03-01T12:00:00.123456+00:00",
    }


async def test_a_subscriber_reads_every_update_once_in_order(open_client: Open) -> None:
    updates = Updates(open_client())
    made = [update(str(number)) for number in range(25)]
    made[7] = Update("2-1", None, "unknown_code", NOW)
    seen: list[Update] = []
    last = "0-0"
    for begin in range(0, 25, 5):
        await updates.publish(made[begin : begin + 5])
        while (page := await updates.after(last, limit=3)).updates:
            seen += page.updates
            last = page.next_id
    assert seen == made


async def test_the_stream_stays_near_its_cap(open_client: Open, judge: Judge) -> None:
    updates = Updates(open_client(), cap=100)
    for _ in range(20):
        await updates.publish([update() for _ in range(50)])
    assert judge.xlen(KEY) <= 300


async def test_what_is_no_update_is_passed_over_and_counted(open_client: Open, judge: Judge) -> None:
    updates = Updates(open_client())
    judge.xadd(KEY, {"a": "b"})
    judge.xadd(KEY, update().fields() | {"panel_id": "seven"})
    judge.xadd(KEY, update().fields() | {"timestamp": b"\xff"})
    made = update()
    await updates.publish([made])
    assert (await updates.after()).updates == (made,)
    assert updates.discarded == 3


@pytest.mark.parametrize("foreign", ["text", "list", "exhausted"])
async def test_a_foreign_thing_under_the_key_is_replaced(open_client: Open, judge: Judge, foreign: str) -> None:
    updates = Updates(open_client())
    if foreign == "text":
        judge.set(KEY, "x")
    elif foreign == "list":
        judge.rpush(KEY, "x")
    else:
        judge.xadd(KEY, {"a": "b"}, id="18446744073709551615-18446744073709551615")
    if foreign != "exhausted":
        assert (await updates.after()).updates == ()
    made = update()
    assert await updates.publish([made])
    assert (await updates.after()).updates == (made,)


@pytest.mark.parametrize(
    "last",
    [
        "", "$", "abc", "1", "18446744073709551615-18446744073709551615", "99999999999999999999-0",
        "9999999999999-0", "0-0 \n", "1-\u0661",
    ],
)  # fmt: skip
async def test_an_id_from_nowhere_or_of_an_older_stream_reads_from_the_start(open_client: Open, last: str) -> None:
    updates = Updates(open_client())
    made = update()
    await updates.publish([made])
    assert (await updates.after(last)).updates == (made,)


async def test_nothing_new_leaves_the_place(open_client: Open) -> None:
    updates = Updates(open_client())
    await updates.publish([update()])
    page = await updates.after()
    assert await updates.after(page.next_id) == type(page)((), page.next_id)
