"""One connection to the central server: met, then up first, then down, as often as there is something."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

from storage.changes import Arrival, Change, Clock, FeedPosition
from storage.errors import CentralAway, RowsRefused
from storage.postgres.feed import clear_feed, held_back_s, position_now
from storage.postgres.handshake import Central, schema_version_of
from storage.postgres.lease import Holder, take_lease
from storage.postgres.link import Link
from storage.sqlite.ledger import Ledger, Parked
from storage.sqlite.readers import Readers
from storage.sqlite.view import View
from storage.sqlite.writer import Writer
from storage.sync import parking
from storage.sync.beside import beside
from storage.sync.contact import Contact
from storage.sync.doubt import Doubt
from storage.sync.fetch import Fetcher
from storage.sync.outgoing import Outgoing, again, outgoing
from storage.sync.pace import Pace
from storage.sync.patience import answering
from storage.sync.sender import Refusal, send
from storage.sync.units import is_editable, refuse_altered, refuse_newer
from storage.sync.upload import Uploader, contact_of

T = TypeVar("T")

log = logging.getLogger(__name__)

BATCH: Final = 1000
"""Changes that go up in one transaction."""
_ACKED: Final = "SELECT acked_seq FROM line_stores WHERE store_id = %s"


@dataclass(frozen=True, slots=True)
class Books:
    """The line's own store, as the exchange uses it."""

    writer: Writer
    readers: Readers
    clock: Clock


@dataclass(frozen=True, slots=True)
class Learned:
    """What one connection tells the next."""

    pace: Pace = field(default_factory=Pace)
    doubt: Doubt = field(default_factory=Doubt)


class Visit:
    """The exchange over one connection."""

    def __init__(
        self, connection: Link, mine: Holder, books: Books, contact: Contact, rival: str | None, learned: Learned
    ) -> None:
        self.contact = contact
        self.rival = rival
        self.held_back_s = 0.0
        self._connection = connection
        self._mine = mine
        self._books = books
        self._pace = learned.pace
        self._doubt = learned.doubt
        self._fetcher = Fetcher(connection, mine.line_number)
        self._former_ids: frozenset[UUID] = frozenset()
        self._agreed_on: tuple[UUID, str] | None = None
        self._asked_again = self._tried_left = False
        self._renewed = False
        self._schema_version = 0
        self._to_note = 0

    @classmethod
    async def begin(
        cls, connection: Link, mine: Holder, books: Books, central: Central, learned: Learned | None = None
    ) -> "Visit":
        """Compare clocks, take the lease, and begin from the first change where the server was set back."""
        contact, rival = await _greeted(connection, mine, books.clock)
        visit = cls(connection, mine, books, contact, rival, learned or Learned())
        visit._schema_version = central.schema_version
        await visit._agree(central.epoch)
        return visit

    async def greet(self) -> None:
        """Compare clocks, renew the lease, and see for how long an open transaction has held back what comes down.

        A schema that was changed meanwhile is noticed too, and the feed is cleared of what is needless in it.
        """
        self.contact, self.rival = await _greeted(self._connection, self._mine, self._books.clock)
        async with answering():
            self.held_back_s = await held_back_s(self._connection)
            self._schema_version = await schema_version_of(self._connection)
            await clear_feed(self._connection)

    async def exchange(self, on_batch: Callable[[], Awaitable[None]]) -> bool:
        """Carry up and down until both are done; say whether anything came down."""
        came = False
        if self._agreed_on is not None and self._agreed_on[0] != self._books.writer.store_id:
            await self._agree(self._agreed_on[1])  # the file was copied meanwhile
        while True:
            await self.up(on_batch)
            done, some = await self.down()
            came = came or some
            if done:
                came, self._renewed = came or self._renewed, False
                return came

    async def up(self, on_batch: Callable[[], Awaitable[None]]) -> None:
        """Carry up everything recorded, and what is parked and due to be tried again."""
        batch = await self._next_batch()
        while batch.last:
            store_id = self._books.writer.store_id
            async with beside(self._batch_after(batch.last)) as coming, beside(self._note()) as noting:
                await self._carry(batch, noting)
                self._pace.faster()
                batch = await coming
            copied = store_id != self._books.writer.store_id  # and begins anew
            if copied or not batch.last:
                await self._note()
            await on_batch()
            if copied or not batch.last:
                batch = await self._next_batch()
        exchange, parked = await self._read(lambda view: (view.ledger.exchange(), view.ledger.parked()))
        left = () if self._tried_left else parking.left_to_newer(parked)
        self._tried_left = True
        await self.retry((*parking.due(parked, self._books.clock().wall), *left))
        if exchange is not None and exchange.schema_version != (version := self._schema_version):
            await self.retry(parking.refused_by_schema(parked))
            await self._books.writer.keep(lambda ledger: ledger.tried_under(version))

    async def retry(self, seqs: Sequence[int]) -> None:
        """Try parked changes once more, and with those that go what was parked because of them."""
        waiting = sorted(seqs)
        while waiting:
            some = self._pace.of(BATCH)
            now, waiting = waiting[:some], waiting[some:]
            waiting += await self._retry(now, not_now=waiting)

    async def _retry(self, seqs: Sequence[int], not_now: Sequence[int]) -> list[int]:
        """Try some parked changes; give what was parked because of those that went, but for what is tried anyway."""
        batch = await self._read(lambda view: again(view, seqs))
        parked = await self._read(lambda view: view.ledger.parked())
        others = [one for one in parked if one.seq not in set(seqs)]
        refused, _ = await self._send(batch, others, again=True)
        still = {one.change.seq for one in refused}
        gone = [change for change in batch.changes if change.seq not in still]
        moot = parking.moot((*others, *(one.parked(self._books.clock().wall) for one in refused)), gone)

        def settle(ledger: Ledger) -> None:
            _park(ledger, refused)
            for seq in (*(change.seq for change in gone), *(one.seq for one in moot)):
                ledger.unpark(seq)

        await self._books.writer.keep(settle)
        self._renewed |= await self._renew((change.kind, change.uuid) for change in gone if is_editable(change.kind))
        free = parking.held_up(others, {change.uuid for change in gone})
        return [seq for seq in free if seq not in set(not_now)]

    async def down(self) -> tuple[bool, bool]:
        """Take over what was edited elsewhere; say whether all of it was, and whether there was any."""
        exchange = await self._read(lambda view: view.ledger.exchange())
        if exchange is None or exchange.feed is None:
            return await self._take_working_set(), True
        came = await self._ask_again()
        position: FeedPosition | None = exchange.feed
        while position is not None:
            chunks, position = await self._fetcher.news(position, self._kin)
            if position is None:
                break
            for chunk in chunks:
                if not await self._receive(chunk):
                    return False, came
            came = came or bool(chunks)
            await self._receive((), position)
        return True, came

    async def _ask_again(self) -> bool:
        """Ask once a connection for what could not be taken over before; say whether there was any."""
        if self._asked_again:
            return False
        self._asked_again = True
        return await self._renew(await self._read(lambda view: view.ledger.refused()))

    async def _renew(self, things: Iterable[tuple[str, UUID]]) -> bool:
        """Take over things as they stand on the server, unless they were edited here; say whether there was any."""
        came = False
        async with aclosing(self._fetcher.named(things)) as found:
            async for chunk in found:
                came = await self._receive(chunk) or came
        return came

    async def _take_working_set(self) -> bool:
        async with aclosing(self._fetcher.working_set()) as found:
            async for chunk, position in found:
                if not await self._receive(chunk, position):
                    return False
        return True

    async def _receive(self, arrivals: Sequence[Arrival], position: FeedPosition | None = None) -> bool:
        return await self._books.writer.keep(lambda ledger: ledger.receive(arrivals, position))

    async def _next_batch(self) -> Outgoing:
        some = self._pace.of(BATCH)
        return await self._read(lambda view: outgoing(view, view.ledger.sent(), some))

    async def _batch_after(self, seq: int) -> Outgoing:
        some = self._pace.of(BATCH)
        return await self._read(lambda view: outgoing(view, seq, some))

    async def _note(self) -> None:
        """Note on the line what the server acknowledged."""
        seq, self._to_note = self._to_note, 0
        if seq:
            await self._books.writer.keep(lambda ledger: ledger.acknowledge(seq))

    async def _carry(self, batch: Outgoing, noting: Awaitable[None]) -> None:
        """Send a batch and note what became of it; what was parked may be moot now, or free to go.

        `noting` has to be done before. Where all of it went, that is left to be noted beside the next batch.
        """
        parked = await self._read(lambda view: view.ledger.parked())
        refused, contested = await self._send(batch, parked)
        await noting
        if not (refused or parked or contested) and batch.changes and batch.changes[-1].seq == batch.last:
            self._to_note = batch.last
            return
        left = {one.change.seq for one in refused} | _discarded(parked)
        stored = [change for change in batch.changes if change.seq not in left]
        if not stored or stored[-1].seq < batch.last:
            async with answering():
                await self._uploader().acknowledge(batch.last)
        parked = (*parked, *(one.parked(self._books.clock().wall) for one in refused))  # oldest first, as both are
        moot = parking.moot(parked, stored)

        def settle(ledger: Ledger) -> None:
            _park(ledger, refused)
            for one in moot:
                ledger.unpark(one.seq)
            ledger.acknowledge(batch.last)

        await self._books.writer.keep(settle)
        self._renewed |= await self._renew(contested)
        if refused:
            log.warning("%d changes were refused by the central server and are parked.", len(refused))
        await self.retry(parking.held_up(parked, {one.uuid for one in moot}))

    async def _send(
        self, batch: Outgoing, parked: Sequence[Parked], *, again: bool = False
    ) -> tuple[list[Refusal], set[tuple[str, UUID]]]:
        """Send a batch; give what was refused, and the things of which another version was there."""
        uploader = self._uploader()

        async def upload(changes: Sequence[Change]) -> None:
            refuse_altered(changes)
            refuse_newer(changes)
            try:
                async with answering():
                    await uploader.upload(changes, batch, again=again)
            except CentralAway:
                self._pace.slower()
                raise
            except RowsRefused as error:
                if not again:
                    self._doubt.refused(changes, error)
                raise
            self._doubt.stored(changes)

        settled = _discarded(parked)
        changes = [change for change in batch.changes if change.seq not in settled]
        refused = await send(changes, parking.names(parked), upload)
        return sorted(refused, key=lambda one: one.change.seq), uploader.contested

    def _uploader(self) -> Uploader:
        return Uploader(self._connection, self._mine, self.contact, self._books.writer.store_id, self._kin)

    @property
    def _kin(self) -> frozenset[UUID]:
        return self._former_ids | {self._books.writer.store_id}

    async def _agree(self, epoch: str) -> None:
        """Begin anew with a server not met before, set back, or one that misses what it acknowledged.

        A file that was copied under a new id begins anew too; what came down stays here if the server is as it was.
        """
        exchange, former, self._former_ids = await self._read(
            lambda view: (view.ledger.exchange(), view.ledger.former(), view.ledger.own_ids())
        )
        self._agreed_on = (self._books.writer.store_id, epoch)
        as_it_was = (
            former is not None
            and former.epoch == epoch
            and await self._acked(former.store_id) >= former.sent
            and (exchange is None or await self._still_ahead(exchange.feed))
        )
        if exchange is not None and as_it_was:
            return
        if exchange is not None:
            log.warning("The central server was set back: everything goes up again.")
        version = self._schema_version
        await self._books.writer.keep(lambda ledger: ledger.begin(epoch, refeed=not as_it_was, schema_version=version))

    async def _still_ahead(self, read: FeedPosition | None) -> bool:
        """Say whether the feed grows behind what was read of it; else the server runs from an old copy of its disk."""
        async with answering():
            return read is None or read.xid <= (await position_now(self._connection)).xid

    async def _acked(self, store_id: UUID) -> int:
        async with answering():
            row = await (await self._connection.execute(_ACKED, (store_id,))).fetchone()
        return row[0] if row else 0

    async def _read(self, read: Callable[[View], T]) -> T:
        return await self._books.readers.read(read)


async def _greeted(connection: Link, mine: Holder, clock: Clock) -> tuple[Contact, str | None]:
    async with answering():
        return await contact_of(connection, clock), await take_lease(connection, mine)


def _discarded(parked: Sequence[Parked]) -> set[int]:
    return {one.seq for one in parked if one.discarded_at is not None}


def _park(ledger: Ledger, refused: Sequence[Refusal]) -> None:
    for one in refused:
        ledger.park(one.change, one.message, sqlstate=one.sqlstate, because_of=one.because_of)
