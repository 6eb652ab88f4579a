"""Blocking work in a thread of its own, whose late result is undone when nobody waits for it any more."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def apart(work: Callable[[], T], undo: Callable[[T], None], *, name: str) -> T:
    """Return `work()`, run outside the loop. Cancelled it returns at once; a result that comes later is undone.

    The thread is a daemon of its own, so that work that hangs for ever holds up neither others nor the exit.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from here on cancelling the wait cannot cancel the work
    threading.Thread(target=_run, args=(work, future), name=name, daemon=True).start()
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        future.add_done_callback(lambda late: undo(late.result()) if late.exception() is None else None)
        raise


def _run(work: Callable[[], T], future: Future[T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
        future.set_exception(error)
    else:
        future.set_result(result)
