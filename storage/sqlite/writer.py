"""The store for the event loop: one dedicated thread, one whole transaction a call."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from storage.changes import Clock
from storage.errors import DecisionFailed, StoreClosed
from storage.records import Batch, Record
from storage.sqlite.ledger import Ledger
from storage.sqlite.store import CHECKPOINT_PAGES, Decision, Store
from storage.sqlite.threads import Worker
from storage.sqlite.view import View

D = TypeVar("D", bound=Decision)
T = TypeVar("T")


class Writer:
    """Commits decisions one after the other. Open it with `Writer.open`.

    A cancelled call leaves its transaction to commit or fail by itself: writing the same records again is harmless.
    """

    def __init__(self, worker: Worker, store: Store) -> None:
        self._worker = worker
        self._store = store
        self._closed = False

    @classmethod
    async def open(
        cls, path: Path, *, site: str, line_number: int, clock: Clock | None = None, vfs: str | None = None
    ) -> "Writer":
        """Open the store in its thread, as `Store.open`; cancelled, it leaves nothing open."""
        worker = Worker("store")
        opened: list[Store] = []

        def open_() -> None:
            opened.append(Store.open(path, site=site, line_number=line_number, clock=clock, vfs=vfs))

        def close() -> None:
            for store in opened:
                store.close()

        try:
            await worker.run(open_)
        except BaseException:
            worker.later(close)
            worker.retire()
            raise
        return cls(worker, opened[0])

    @property
    def store_id(self) -> UUID:
        """The id of the file in use; a new one after every rebuild."""
        return self._store.store_id

    @property
    def doubtful(self) -> bool:
        """Whether a flush failed and the file was not rebuilt yet."""
        return self._store.doubtful

    async def transact(self, raw: tuple[Record, ...], decide: Callable[[View], D]) -> D:
        """Store raw records, decide in the store's thread and store the decision, as `Store.transact`."""
        return await self._run(lambda: self._store.transact(raw, decide))

    async def transact_each(
        self, raw: tuple[Record, ...], decides: Sequence[Callable[[View], D]]
    ) -> list[D | DecisionFailed]:
        """Store raw records and take decisions one after the other in one commit, as `Store.transact_each`.

        Another call that comes meanwhile does not wait for all of them: the answers then end early.
        """
        return await self._run(lambda: self._store.transact_each(raw, decides, self._worker.awaited))

    async def write(self, batch: Batch) -> None:
        """Store a batch, as `Store.write`."""
        await self._run(lambda: self._store.write(batch))

    async def keep(self, work: Callable[[Ledger], T]) -> T:
        """Keep the books of the exchange with the central server, as `Store.keep`."""
        return await self._run(lambda: self._store.keep(work))

    async def set_cursor(self, name: str, seq: int) -> None:
        """Remember how far a consumer of the change log came."""
        await self._run(lambda: self._store.set_cursor(name, seq))

    async def read(self, read: Callable[[View], T]) -> T:
        """Read what is committed in the writing thread: for what must follow the last write. Raises StorageError."""
        return await self._run(lambda: self._store.read(read))

    async def pulse(self) -> None:
        """Return once the store's thread has come to this call: it lives, and nothing before holds it up."""
        await self._run(lambda: None)

    async def close(self) -> None:
        """Let what is under way end, then close the file. Doing it again is harmless."""
        if self._closed:
            return
        self._closed = True
        await self._worker.run(self._store.close)
        self._worker.end()

    async def _run(self, call: Callable[[], T]) -> T:
        if self._closed:
            raise StoreClosed("The store is closed.")
        try:
            return await self._worker.run(call)
        finally:
            if self._store.log_pages >= CHECKPOINT_PAGES and not self._closed:
                self._worker.later(self._store.tend)
