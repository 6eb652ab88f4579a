"""A monitor that runs while a test looks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Protocol

from drivers.bell import Bell


class Watcher(Protocol):
    """Rings `changed` while it runs."""

    changed: Bell

    def run(self) -> Coroutine[Any, Any, None]: ...


@contextlib.asynccontextmanager
async def watching(watcher: Watcher) -> AsyncIterator[None]:
    """Run a monitor from when it listens; afterwards it was cancelled, and nothing else."""
    task = asyncio.create_task(watcher.run())
    assert await watcher.changed.wait(0, 10)  # it is listening
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()
