"""Blocking work in a thread of its own, whose late result is undone when nobody waits for it any more."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_turns: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()


async def apart(work: Callable[[], T], undo: Callable[[T], None], *, name: str, turn_s: float = 20.0) -> T:
    """Return `work()`, run outside the loop. Cancelled it returns at once; a result that comes later is undone.

    Works of one `name` follow each other, each with its undoing. Raises TimeoutError when an earlier one still
    hangs after `turn_s`. The thread is a daemon of its own: what hangs for ever holds up neither other names nor
    the exit.
    """
    turn = _turns.setdefault(name, threading.Lock())
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from here on cancelling the wait cannot cancel the work
    threading.Thread(target=_run, args=(work, future, turn, turn_s), name=name, daemon=True).start()
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        future.add_done_callback(lambda late: undo(late.result()) if late.exception() is None else None)
        raise


def _run(work: Callable[[], T], future: Future[T], turn: threading.Lock, turn_s: float) -> None:
    if not turn.acquire(timeout=turn_s):
        future.set_exception(TimeoutError("an earlier attempt still hangs"))
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
        future.set_exception(error)
    else:
        future.set_result(result)  # undoes it, before the turn passes on, when nobody waits
    finally:
        turn.release()
