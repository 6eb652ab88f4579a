"""Blocking calls beside the event loop, where a network share that hangs for ever costs one thread and no more."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from drivers.errors import RetryLater

T = TypeVar("T")


class NoAnswer(RetryLater):
    """A blocking call did not come back in time, or an earlier one still has not."""

    todo = "Check the network and the computer that shares the folder."


class SideThread:
    """Runs blocking calls in threads of their own, none while an abandoned one still hangs.

    The threads are daemons: a hung one keeps neither the loop nor the program from stopping.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._hung: threading.Thread | None = None

    async def call(self, function: Callable[[], T], *, timeout_s: float | None = None) -> T:
        """Run one call and return its result or raise its error; after `timeout_s` raise `NoAnswer`.

        Cancelled or timed out, the call is abandoned: it runs to its end and its result is thrown away.
        """
        if self._hung and self._hung.is_alive():
            raise NoAnswer(f"{self._name} still does not answer.")
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        thread = threading.Thread(target=_run, args=(function, loop, outcome), name=self._name, daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(timeout_s):
                return await outcome
        except TimeoutError as error:
            if outcome.done() and not outcome.cancelled():
                raise
            self._hung = thread
            raise NoAnswer(f"{self._name} does not answer.") from error


def _run(function: Callable[[], T], loop: asyncio.AbstractEventLoop, outcome: asyncio.Future[T]) -> None:
    try:
        settle = partial(outcome.set_result, function())
    except BaseException as error:  # noqa: BLE001 - whatever it raises belongs to the caller
        settle = partial(outcome.set_exception, error)
    with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
        loop.call_soon_threadsafe(lambda: None if outcome.done() else settle())
