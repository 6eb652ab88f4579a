"""Threads that run whole calls in order, for one loop: cancelling the wait never cancels the call."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """Runs calls in threads of its own."""

    def __init__(self, name: str, threads: int = 1) -> None:
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=f"{name}_{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    async def run(self, call: Callable[[], T]) -> T:
        """Run a call and give its result or error; cancelled, it leaves the call to end by itself, unheard."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._calls.put(lambda: _answered(call, loop, future))
        return await future

    def later(self, call: Callable[[], object]) -> None:
        """Run a call after those before it; its outcome is nobody's business."""
        self._calls.put(call)

    def awaited(self) -> bool:
        """Say whether another call waits for a thread."""
        return not self._calls.empty()

    def end(self) -> None:
        """Take no more calls and wait for those under way."""
        self.retire()
        for thread in self._threads:
            thread.join()

    def retire(self) -> None:
        """Take no more calls and let those under way end by themselves."""
        for _ in self._threads:
            self._calls.put(None)

    def _work(self) -> None:
        while call := self._calls.get():
            with suppress(Exception):
                call()


def _answered(call: Callable[[], T], loop: asyncio.AbstractEventLoop, future: asyncio.Future[T]) -> None:
    tell: Callable[..., None]
    told: Any
    try:
        tell, told = future.set_result, call()
    except StopIteration as error:  # no future carries it, and whoever called would wait for ever
        tell, told = future.set_exception, RuntimeError("The call took the next of nothing.")
        told.__cause__ = error
    except BaseException as error:  # noqa: BLE001 -- whatever it is, it belongs to whoever called
        tell, told = future.set_exception, error
    loop.call_soon_threadsafe(_tell, future, tell, told)


def _tell(future: asyncio.Future[T], tell: Callable[[Any], None], told: object) -> None:
    if not future.done():
        tell(told)
