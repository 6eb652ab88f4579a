"""The exchange of one line with the central server, for as long as the line runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final
from uuid import UUID

from storage.errors import CentralAway, CentralUnfit, StorageError
from storage.postgres.handshake import handshake
from storage.postgres.lease import Holder
from storage.postgres.listening import connected, listening
from storage.sync.patience import answering
from storage.sync.status import Backlog, SyncStatus, backlog_of
from storage.sync.visit import Books, Learned, Visit

log = logging.getLogger(__name__)

POLL_S: Final = 2.0
"""How often the server is asked for news where nothing rings."""
_GREET_EVERY_S: Final = 15.0
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 15.0


async def _nothing() -> None:
    """Do nothing."""


class Carrier:
    """Carries what is recorded up and what was edited elsewhere down; `run` is its whole life."""

    def __init__(
        self,
        dsn: str,
        site: str,
        mine: Holder,
        books: Books,
        *,
        on_received: Callable[[], Awaitable[None]],
        on_status: Callable[[], None] = lambda: None,
        on_stored: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._dsn = dsn
        self._site = site
        self._mine = mine
        self._books = books
        self._on_received = on_received
        self._on_status = on_status
        self._on_stored = on_stored
        self._learned = Learned()
        self._bell = asyncio.Event()
        self._rounds = asyncio.Event()
        self._greeted_at = 0.0
        self._again: list[tuple[tuple[int, ...], asyncio.Future[None]]] = []
        self.status = SyncStatus(connected=False, since=books.clock().wall, trouble="Not connected yet.")

    def ring(self) -> None:
        """Say that there is something to carry; harmless to do for nothing."""
        self._bell.set()

    async def retry(self, seqs: Sequence[int]) -> None:
        """Try parked changes once more and wait for the outcome. Raises CentralAway while nothing is connected."""
        if not self.status.connected:
            raise CentralAway(self.status.trouble)
        tried = asyncio.get_running_loop().create_future()
        self._again.append((tuple(seqs), tried))
        self.ring()
        await tried

    async def drained(self, within_s: float) -> bool:
        """Carry at once; say whether everything went up within a time."""
        self.ring()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.status.connected or (await self.backlog()).waiting:
                    self._rounds.clear()
                    await self._rounds.wait()
                return True
        return False

    async def discard(self, seq: int, by: UUID, reason: str) -> None:
        """Let a parked change be; what needs it stays parked."""
        await self._books.writer.keep(lambda ledger: ledger.discard(seq, by, reason))

    async def run(self) -> None:
        """Carry until cancelled. Never raises: the line goes on whatever becomes of the server."""
        try:
            await self._visits()
        finally:
            self._give_up_retries("The exchange with the central server ended.")

    async def _visits(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._visit()
            except StorageError as error:
                pause_s = _FIRST_PAUSE_S if self.status.connected else pause_s
                self._gone(error)
            except Exception as error:
                log.exception("The exchange with the central server failed inside this program.")
                self._gone(CentralUnfit(f"The exchange failed inside this program: {error}.", todo="Report this."))
            await asyncio.sleep(pause_s)  # whoever rings, a server that is away is not asked more often
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def backlog(self) -> Backlog:
        """Tell what waits to go up."""
        return await backlog_of(self._books.readers)

    async def _visit(self) -> None:
        async with connected(self._dsn) as connection, listening(self._dsn, self._bell):
            async with answering():
                central = await handshake(connection, site=self._site)
            visit = await Visit.begin(connection, self._mine, self._books, central, self._learned)
            self._greeted_at = asyncio.get_running_loop().time()
            while True:
                self._bell.clear()
                await self._round(visit)
                await self._wait(POLL_S)
                await self._greet(visit)

    async def _greet(self, visit: Visit) -> None:
        """Keep the lease, also through a long catch-up."""
        now = asyncio.get_running_loop().time()
        if now - self._greeted_at >= _GREET_EVERY_S:
            await visit.greet()
            self._greeted_at = now

    async def _round(self, visit: Visit) -> None:
        async def tell() -> None:
            await self._greet(visit)
            self._here(visit)
            await self._on_stored()

        if await visit.exchange(tell):
            await self._on_received()
        while self._again:
            seqs, tried = self._again[0]
            await visit.retry(seqs)
            del self._again[0]
            if not tried.done():
                tried.set_result(None)
        self._here(visit)
        self._rounds.set()

    async def _wait(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._bell.wait()
        except TimeoutError:
            return

    def _here(self, visit: Visit) -> None:
        since = self.status.since if self.status.connected else self._books.clock().wall
        now = SyncStatus(
            True, since, clock_offset=visit.contact.offset, rival=visit.rival or "", held_back_s=visit.held_back_s
        )
        if not self.status.connected:
            log.info("Connected to the central server.")
        if now.rival and now.rival != self.status.rival:
            log.error("Another daemon holds line %d on the central server: %s.", self._mine.line_number, now.rival)
        self._say(now)

    def _give_up_retries(self, reason: str) -> None:
        while self._again:
            _, tried = self._again.pop()
            if not tried.done():
                tried.set_exception(CentralAway(reason))

    def _gone(self, error: StorageError) -> None:
        self._give_up_retries(str(error))
        since = self._books.clock().wall if self.status.connected else self.status.since
        now = replace(self.status, connected=False, since=since, trouble=str(error), todo=error.todo)
        if (now.connected, now.trouble) != (self.status.connected, self.status.trouble):
            log.warning("Not connected to the central server: %s %s", error, error.todo)
        self._say(now)

    def _say(self, status: SyncStatus) -> None:
        changed = status != self.status
        self.status = status
        if changed:
            self._on_status()
