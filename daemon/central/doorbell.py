"""A line's tie to Redis: what happens is shown there, and a note there has the exchange begin at once. Only a hint."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daemon.config import CentralPart
from stations.rules.routing import STATIONS
from stations.runner import LineRunner
from storage.changes import Change
from storage.records import SignIn
from storage.redis.cache import Cache
from storage.redis.client import Client, LinkState
from storage.redis.mirror import Mirror
from storage.redis.place import Place
from storage.redis.queue import SyncQueue
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True)
class LineSource:
    """What the mirror reads of a line."""

    runner: LineRunner

    async def newest_seq(self) -> int:
        """Give the number of the newest change."""
        return await self.runner.read(View.last_seq)

    async def changes_after(self, seq: int, limit: int) -> Sequence[Change]:
        """Give the next changes in order."""
        return await self.runner.read(lambda view: view.changes_after(seq, limit))

    async def open_sign_ins(self) -> Sequence[SignIn]:
        """Give the sign-ins that nobody ended."""
        found = await self.runner.read(lambda view: [view.open_sign_in(station) for station in STATIONS])
        return [one for one in found if one is not None]

    async def backlog(self, limit: int) -> Sequence[Change]:
        """Give the newest changes the server has not acknowledged."""
        return await self.runner.read(
            lambda view: view.changes_after(max(view.ledger.sent(), view.last_seq() - limit), limit)
        )


class Doorbell:
    """Redis for one line. Whatever becomes of it, the line does not notice."""

    def __init__(self, part: CentralPart, line_number: int) -> None:
        place = Place(part.redis or "", part.redis_password_file)
        self._client = Client(place)
        self._line_number = line_number
        self._mirror: Mirror | None = None
        self.cache = Cache(self._client)

    @property
    def state(self) -> LinkState:
        """How the connection is, from memory."""
        return self._client.state

    def ring(self) -> None:
        """Say that something was committed."""
        if self._mirror is not None:
            self._mirror.ring()

    async def run(self, runner: LineRunner, exchange: Callable[[], None]) -> None:
        """Show what happens and listen for notes until cancelled; `exchange` is called for each."""
        self._mirror = Mirror(self._client, LineSource(runner), self._line_number)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._mirror.run(), name="redis mirror")
                group.create_task(SyncQueue(self._client).listen(exchange), name="redis queue")
        finally:
            await self._client.aclose()
