"""The line's store as the daemon holds it: opened, opened again after trouble, with an eye on the room left."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from daemon.config import LineConfig
from daemon.control.face import StoreStanding
from stations.runner import Trouble
from storage.errors import StorageError
from storage.records.seeds import seed_records
from storage.sqlite.disk import MIB, Disk, DiskHealth, Room
from storage.sqlite.readers import Readers
from storage.sqlite.writer import Writer

log = logging.getLogger(__name__)

_RETRY_S = 3.0
_LOOK_S = 5.0
_NO_ROOM = Trouble("The data disk is full.", "Free space on the data disk, then scan again.")
_NO_DISK = Trouble("The data disk is missing or cannot be read.", "Call a technician: check the data disk.")


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How the store is: `ok`, `low` (a person should look) or `refusing` (nothing is saved)."""

    state: str
    free_mb: int
    reason: str = ""
    todo: str = ""


class Vault:
    """Owns writer and readers of one line."""

    def __init__(self, config: LineConfig, now: Callable[[], datetime]) -> None:
        self.writer: Writer | None = None
        self.readers: Readers | None = None
        self.closed_because: Trouble | None = Trouble("The store is not open yet.", "Wait a moment.")
        self.saving = asyncio.Event()
        """Set while facts may be saved."""
        self.tried = asyncio.Event()
        """Set once the store was opened, or could not be: `trouble` then says why."""
        self._config = config
        self._now = now
        store = config.store
        folder = store.path.absolute().parent
        self._disk = Disk(folder, store.warn_free_mb * MIB, store.refuse_free_mb * MIB, store.ballast_mb * MIB)
        self._room = Room.AMPLE
        self._free_mb = 0

    async def open(self, on_open: Callable[[Writer, Readers], Awaitable[None]]) -> None:
        """Open the store, trying again for as long as it takes; meanwhile `closed_because` says why not."""
        while self.writer is None:
            try:
                await self._open_once(on_open)
            except (StorageError, OSError) as error:
                self._refused(error)
                self.tried.set()
                await asyncio.sleep(_RETRY_S)
        self.tried.set()

    async def _open_once(self, on_open: Callable[[Writer, Readers], Awaitable[None]]) -> None:
        path = self._config.store.path
        await asyncio.to_thread(path.absolute().parent.mkdir, mode=0o750, parents=True, exist_ok=True)
        writer = await Writer.open(path, site=self._config.site, line_number=self._config.line)
        readers = Readers(path)
        try:
            if not await writer.read(lambda view: view.config()):
                seeds = seed_records(self._config.site, self._now())
                await writer.keep(lambda ledger: ledger.seed(seeds))
            await self._look()  # the folder may not have been there at the first look
            await on_open(writer, readers)
        except BaseException:
            await readers.close()
            await writer.close()
            raise
        self.writer, self.readers, self.closed_because = writer, readers, None
        self._judge()

    def _refused(self, error: StorageError | OSError) -> None:
        if isinstance(error, StorageError):
            trouble = Trouble(str(error), error.todo)
        else:
            reason = f"The store {self._config.store.path} cannot be opened: {error.strerror or error}."
            trouble = Trouble(reason, "Check the data disk and its permissions.")
        if self.closed_because != trouble:
            log.error("NOT SAVED: %s %s", trouble.message, trouble.todo, extra={"action": "not_saved"})
        self.closed_because = trouble

    async def watch_room(self, on_change: Callable[[], None]) -> None:
        """Look at the disk until cancelled; `on_change` is called when its health changes."""
        while True:
            before = self._room
            health = await self._look()
            if health.room is Room.AMPLE and not health.ballast and self._config.store.ballast_mb:
                await self._lay_ballast()
            if health.room is not before:
                log.warning("The data disk has %d MB left (%s).", self._free_mb, health.room.value)
                if health.room is Room.NONE and health.ballast:
                    log.error("Nothing is saved. Deleting %s gives room to finish the shift.", self._disk.ballast)
                on_change()
            await asyncio.sleep(_LOOK_S)

    async def _look(self) -> DiskHealth:
        health = await asyncio.to_thread(self._disk.health)
        self._free_mb, self._room = health.free_bytes // MIB, health.room
        self._judge()
        return health

    def _judge(self) -> None:
        if self.trouble is None:
            self.saving.set()
        else:
            self.saving.clear()

    async def _lay_ballast(self) -> None:
        try:
            await asyncio.to_thread(self._disk.lay_ballast)
        except StorageError as error:
            log.warning("No ballast file on the data disk: %s", error)

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing may be saved right now; None when it may."""
        if self.closed_because is not None:
            return self.closed_because
        return {Room.NONE: _NO_ROOM, Room.ABSENT: _NO_DISK}.get(self._room)

    @property
    def health(self) -> StoreHealth:
        """How the store is, for status and screens."""
        trouble = self.trouble
        if trouble is not None:
            return StoreHealth("refusing", self._free_mb, trouble.message, trouble.todo)
        if self._room is Room.LOW:
            reason = f"The data disk has {self._free_mb} MB left."
            return StoreHealth("low", self._free_mb, reason, "Call a technician today.")
        return StoreHealth("ok", self._free_mb)

    async def pulse(self) -> None:
        """Return once the store's thread has taken a call; at once while no store is open."""
        if self.writer is not None:
            await self.writer.pulse()

    @property
    def rebuilding(self) -> bool:
        """Whether the store is, or is next to be, copied to a new file: that takes its time."""
        return self.writer is not None and self.writer.doubtful

    async def close(self) -> None:
        """Let what is under way end, then close."""
        if self.readers is not None:
            await self.readers.close()
        if self.writer is not None:
            await self.writer.close()


def store_standing(health: StoreHealth, trouble: Trouble | None) -> StoreStanding:
    """Tell how the store is: refusing, whatever its disk is like, while there is trouble."""
    if trouble is not None:
        return StoreStanding(state="refusing", reason=trouble.message, todo=trouble.todo, free_mb=health.free_mb)
    return StoreStanding(state=health.state, reason=health.reason, todo=health.todo, free_mb=health.free_mb)
