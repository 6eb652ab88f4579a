"""How long the line waits for one answer of the central server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from storage.errors import CentralAway
from storage.postgres.failures import our_errors

ANSWER_WITHIN_S: Final = 15.0
"""A server that takes longer for one batch is as good as gone."""


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Give up on a server that does not answer. Raises CentralAway, RowsRefused or CentralUnfit."""
    try:
        with our_errors():
            async with asyncio.timeout(ANSWER_WITHIN_S):
                yield
    except TimeoutError as error:
        raise CentralAway("The central server does not answer.") from error
