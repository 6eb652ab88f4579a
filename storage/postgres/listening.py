"""A connection for as long as a block runs, and one that rings when another line or a person edited something."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from storage.errors import StorageError
from storage.postgres.link import Link, abandon, connect, our_errors

_CHANNEL: Final = "LISTEN sunline_feed"
_AGAIN_S: Final = 5.0


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Link]:
    """Connect for a block; afterwards the connection is gone, whatever the server does."""
    connection = await connect(dsn)
    try:
        yield connection
    finally:
        abandon(connection)


@asynccontextmanager
async def listening(dsn: str, bell: asyncio.Event) -> AsyncIterator[None]:
    """Set the bell whenever the server says that something was edited. A hint only: it may fail to ring."""
    task = asyncio.create_task(_listen(dsn, bell), name="central bell")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _listen(dsn: str, bell: asyncio.Event) -> None:
    while True:
        with suppress(StorageError):
            async with connected(dsn) as connection:
                with our_errors():
                    await connection.execute(_CHANNEL)
                    async for _ in connection.notifies():
                        bell.set()
        await asyncio.sleep(_AGAIN_S)
