"""Blocking work that is late, hangs or is not wanted any more."""

import asyncio
import threading

import pytest

from drivers.link.apart import apart


async def test_a_late_result_is_undone_before_the_next_turn() -> None:
    go = threading.Event()
    happened: list[str] = []

    def slow() -> str:
        go.wait(10)
        happened.append("done")
        return "late"

    first = asyncio.create_task(apart(slow, lambda late: happened.append(f"undone {late}"), name="port"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    second = asyncio.create_task(apart(lambda: happened.append("next"), lambda _: None, name="port"))
    await asyncio.sleep(0)
    go.set()
    await second
    assert happened == ["done", "undone late", "next"]


async def test_work_that_hangs_is_told_and_holds_up_nobody_else() -> None:
    go = threading.Event()
    hanging = asyncio.create_task(apart(lambda: go.wait(10), lambda _: None, name="hangs"))
    await asyncio.sleep(0)
    assert await apart(lambda: "other", lambda _: None, name="other") == "other"
    with pytest.raises(TimeoutError, match="still hangs"):
        await apart(lambda: None, lambda _: None, name="hangs", turn_s=0.01)
    go.set()
    assert await hanging


async def test_a_failure_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await apart(lambda: 1 // 0, lambda _: None, name="port")
    assert await apart(lambda: 1, lambda _: None, name="port") == 1
