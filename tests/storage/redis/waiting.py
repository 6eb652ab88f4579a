"""Waiting for conditions."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], *, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 -- another process has no event
            await asyncio.sleep(0.005)
