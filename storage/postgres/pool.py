"""Connections for people's questions: a few, opened when somebody asks, checked before they are used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from psycopg_pool import AsyncConnectionPool, PoolTimeout

from storage.errors import CentralAway
from storage.postgres.failures import our_errors
from storage.postgres.link import Link, conninfo

_MOST: Final = 4
_WAIT_S: Final = 4.0
_IDLE_S: Final = 60.0


class Pool:
    """Connections to the central server. Closed, it stays closed."""

    def __init__(self, dsn: str) -> None:
        self._pool: AsyncConnectionPool[Link] = AsyncConnectionPool(
            conninfo(dsn), connection_class=Link, kwargs={"autocommit": True}, min_size=0, max_size=_MOST, open=False,
            timeout=_WAIT_S, max_idle=_IDLE_S, reconnect_timeout=_WAIT_S, check=AsyncConnectionPool.check_connection,
            name="central questions",
        )  # fmt: skip

    async def open(self) -> None:
        """Be ready; nothing is connected before somebody asks."""
        await self._pool.open()

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.close(timeout=1.0)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Link]:
        """Lend a connection for a block. Raises CentralAway, RowsRefused or CentralUnfit."""
        try:
            with our_errors():
                async with self._pool.connection() as connection:
                    yield connection
        except PoolTimeout as error:
            raise CentralAway("The central server cannot be reached.") from error
