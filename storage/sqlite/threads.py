"""A thread that runs whole calls in order, for one loop: cancelling the wait never cancels the call."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """Runs calls in threads of its own."""

    def __init__(self, name: str, threads: int = 1) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, call: Callable[[], T]) -> T:
        """Run a call and give its result or error; cancelled, it leaves the call to end by itself, unheard."""
        future = asyncio.wrap_future(self._pool.submit(call))
        future.add_done_callback(_heard)
        await asyncio.wait([future])
        return future.result()

    def later(self, call: Callable[[], object]) -> None:
        """Run a call after those before it; its outcome is nobody's business."""
        self._pool.submit(call)

    def end(self) -> None:
        """Take no more calls and wait for those under way."""
        self._pool.shutdown(wait=True)

    def retire(self) -> None:
        """Take no more calls and let those under way end by themselves."""
        self._pool.shutdown(wait=False)


def _heard(future: asyncio.Future[T]) -> None:
    if not future.cancelled():
        future.exception()
