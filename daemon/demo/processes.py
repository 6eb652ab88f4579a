"""The processes of a demonstration."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STOP_S = 30.0
"""A PC busy with a whole factory takes its time."""


@asynccontextmanager
async def process(
    module: str, *arguments: str, log: int, piped: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of our modules as a process of its own; whatever happens, it is gone afterwards.

    It hangs on its standard input, so that it ends even where this process is killed and cannot say so.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon.leash", module, *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE if piped else log, stderr=log,
        limit=1 << 20,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()
