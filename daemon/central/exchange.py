"""The exchange of one line with the central server: what it runs, what is known of it, what may be asked of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from daemon.central.address import dsn_of
from daemon.central.claim import holder_of, let_go
from daemon.central.doorbell import Doorbell
from daemon.config import CentralPart, LineConfig
from stations.runner import LineRunner
from storage.errors import CentralAway, CentralUnfit, StorageError
from storage.postgres.link import Link, redacted
from storage.postgres.pool import Pool
from storage.records import Alarm, Batch
from storage.redis.cache import Cache
from storage.redis.client import LinkState
from storage.sync.carrier import Carrier
from storage.sync.status import Backlog, SyncStatus, backlog_of
from storage.sync.visit import Books

log = logging.getLogger(__name__)

_NOT_YET: Final = "The exchange with the central server has not begun yet."
_GATHER_S: Final = 0.2
_LOOK_AGAIN_S: Final = 4.0


class Central:
    """Owns the exchange of one line."""

    def __init__(self, config: LineConfig, part: CentralPart, on_status: Callable[[], None]) -> None:
        self._config = config
        self._part = part
        self._on_status = on_status
        self._before = SyncStatus(connected=False, since=datetime.now(UTC), trouble=_NOT_YET)
        self._books: Books | None = None
        self._carrier: Carrier | None = None
        self._pool: Pool | None = None
        self.doorbell = Doorbell(part, config.line) if part.redis else None
        self.address = ""

    async def run(self, runner: LineRunner, books: Books) -> None:
        """Exchange until cancelled; then let the line go on the server, if that takes no time."""
        self._books = books
        mine, dsn = holder_of(self._config), await self._dsn()
        self.address = redacted(dsn)
        self._pool = Pool(dsn)
        self._carrier = carrier = Carrier(
            dsn, self._config.site, mine, books,
            on_received=runner.reload, on_status=self._on_status, on_stored=self._stored,
        )  # fmt: skip
        try:
            await self._pool.open()
            async with asyncio.TaskGroup() as group:
                group.create_task(carrier.run(), name="central exchange")
                group.create_task(self._ring(runner, carrier), name="central bell")
                group.create_task(_tell_of_rival(runner, carrier, books), name="central rival")
                if self.doorbell is not None:
                    group.create_task(self.doorbell.run(runner, carrier.ring), name="redis")
        finally:
            await self._pool.close()
            await let_go(dsn, mine)

    async def _stored(self) -> None:
        """Answers kept in Redis are old now."""
        if self.doorbell is not None:
            await self.doorbell.cache.invalidate()

    @property
    def status(self) -> SyncStatus:
        """How the exchange is, from memory."""
        return self._carrier.status if self._carrier else self._before

    @property
    def redis(self) -> LinkState | None:
        """How the tie to Redis is, from memory; None: this line has none."""
        return self.doorbell.state if self.doorbell else None

    @property
    def cache(self) -> Cache | None:
        """Where answers to questions are kept for a moment; None: this line has none."""
        return self.doorbell.cache if self.doorbell else None

    async def backlog(self) -> Backlog:
        """Tell what waits to go up. Raises CentralAway while the line's store is not open."""
        if self._books is None:
            raise CentralAway(_NOT_YET)
        return await backlog_of(self._books.readers)

    def ring(self) -> None:
        """Carry at once."""
        self._begun.ring()

    async def drained(self, within_s: float) -> bool:
        """Carry at once; say whether everything went up within a time."""
        return await self._begun.drained(within_s)

    async def retry(self, seqs: Sequence[int]) -> None:
        """Have parked changes tried once more. Raises CentralAway."""
        await self._begun.retry(seqs)

    async def discard(self, seq: int, by: UUID, reason: str) -> None:
        """Let a parked change be."""
        await self._begun.discard(seq, by, reason)

    @asynccontextmanager
    async def questions(self) -> AsyncIterator[Link]:
        """Lend a connection for reading. Raises CentralAway."""
        if self._pool is None:
            raise CentralAway(self._before.trouble, todo=self._before.todo)
        async with self._pool.connection() as connection:
            yield connection

    @property
    def _begun(self) -> Carrier:
        if self._carrier is None:
            raise CentralAway(self._before.trouble, todo=self._before.todo)
        return self._carrier

    async def _dsn(self) -> str:
        while True:
            try:
                return dsn_of(self._part)
            except CentralUnfit as unfit:
                if self._before.trouble != str(unfit):
                    log.error("%s %s", unfit, unfit.todo)
                self._before = replace(self._before, trouble=str(unfit), todo=unfit.todo)
                await asyncio.sleep(_LOOK_AGAIN_S)

    async def _ring(self, runner: LineRunner, carrier: Carrier) -> None:
        """Have carried what was committed, a little later: one scan writes more than once."""
        with runner.watching() as changed:
            while True:
                await changed.wait()
                await asyncio.sleep(_GATHER_S)
                changed.clear()
                carrier.ring()
                if self.doorbell is not None:
                    self.doorbell.ring()


async def _tell_of_rival(runner: LineRunner, carrier: Carrier, books: Books) -> None:
    """Say on every station, and note, whenever another daemon turns out to hold this line."""
    told = ""
    with runner.watching() as changed:
        while True:
            await changed.wait()
            changed.clear()
            rival = carrier.status.rival
            if rival and rival != told:
                message = f"Another PC runs this line too: {rival}. Call a technician: stop one of the two."
                runner.tell(message)
                alarm = Alarm(uuid=uuid7(), code="second_daemon", message=message, created_at=books.clock().wall)
                with suppress(StorageError):
                    await books.writer.write(Batch((alarm,)))
            told = rival
