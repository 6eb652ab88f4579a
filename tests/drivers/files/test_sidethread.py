import asyncio
import threading

import pytest

from drivers.files.sidethread import NoAnswer, SideThread


async def test_a_call_gives_its_result_or_its_error() -> None:
    side = SideThread("The share")
    assert await side.call(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await side.call(lambda: 1 // 0)


async def test_a_time_out_of_the_call_itself_is_the_calls_own() -> None:
    def refuse() -> None:
        raise TimeoutError("the server said so")

    with pytest.raises(TimeoutError, match="the server said so"):
        await SideThread("The share").call(refuse, timeout_s=5)


def threads(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate())


async def test_a_hung_call_costs_one_thread_and_never_the_loop() -> None:
    side, release = SideThread("A hung share"), threading.Event()
    with pytest.raises(NoAnswer, match="A hung share does not answer"):
        await side.call(release.wait, timeout_s=0.01)
    for _ in range(5):
        with pytest.raises(NoAnswer, match="still does not answer"):
            await side.call(release.wait, timeout_s=0.01)
    assert threads("A hung share") == 1
    release.set()
    async with asyncio.timeout(60):
        while threads("A hung share"):  # noqa: ASYNC110 - a thread's end is no event
            await asyncio.sleep(0.001)
    assert await side.call(lambda: "back") == "back"


async def test_a_cancelled_call_is_left_to_end_alone() -> None:
    side, release = SideThread("The share"), threading.Event()
    call = asyncio.create_task(side.call(release.wait))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    release.set()
    assert await side.call(lambda: 1) == 1
