"""The one async runner of a line: read, step, commit, apply, act. One decision at a time."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from drivers.readings import Answer, FileRows, Flash, FlashSource, Garbled, Reading, Scan, TesterFault
from stations.chronicle import chronicle
from stations.decide import Decided, Decider
from stations.gather import Surroundings, surroundings
from stations.office.outcome import Actor, Desk, Outcome, Refusal, Refused
from stations.rules.commands import without_token
from stations.rules.flashes import raw_flash, storable
from stations.rules.routing import LAST_STATION, STATIONS
from stations.statecodec import StateCodec
from stations.workflow.state import Banner, Colour, StationState
from stations.workflow.turn import Action, ArmTester, Ids, Place, ScanEvent, TellLine, TesterMode
from storage.errors import DecisionFailed, NotDurable
from storage.records import Batch, Disposition, FlashRuling, ImportedFile, RawFlash, RawGarble, RawScan, Record
from storage.sqlite.readers import Readers
from storage.sqlite.view import View
from storage.sqlite.writer import Writer

T = TypeVar("T")

log = logging.getLogger(__name__)

_NOTICES_KEPT = 20
_AT_ONCE = 40
"""Late rows stored, then decided, in one commit: few enough that no scan waits for them noticeably."""
_RETRY_S = 1.0


class Tester(Protocol):
    """What the runner asks of the tester of station 4, whatever it is."""

    @property
    def mode(self) -> TesterMode:
        """Where the five values come from right now."""

    def speaks_as(self, device: str) -> bool:
        """Tell whether readings of this device are the tester's."""

    def arm(self, serial: str | None) -> None:
        """Have the tester prepare for the flash of a panel, without waiting for it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a station says NOT SAVED: nothing was acknowledged. Gone with the next commit."""

    message: str
    todo: str


class LineRunner:
    """Feeds the workflow of one line and keeps its promises in order: stored raw, decided, committed, then told."""

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        place: Place,
        tester: Tester,
        *,
        ids: Ids,
        now: Callable[[], datetime],
        hindrance: Callable[[], Trouble | None] = lambda: None,
    ) -> None:
        self.place = place
        self.on_decided: Callable[[Decided], None] = lambda _: None
        """Hears of every decision on a reading, after its commit."""
        self._hindrance = hindrance
        self._failed: Trouble | None = None
        self._writer = writer
        self._readers = readers
        self._tester = tester
        self._ids = ids
        self._now = now
        self._codec = StateCodec()
        self._around = Surroundings(place)
        self._states = {number: StationState(number) for number in STATIONS}
        self._upsets: dict[int, Banner] = {}
        self._notices: deque[str] = deque(maxlen=_NOTICES_KEPT)
        self._watchers: set[asyncio.Event] = set()

    async def start(self) -> None:
        """Load rules and states, then decide on flashes that were stored but not decided on before the last stop."""
        await self.reload()
        await self._finish_backlog()
        self.rearm()

    def rearm(self) -> None:
        """Tell the tester again which panel it is to expect: after a start, and when it comes back."""
        state = self._states[LAST_STATION]
        waiting = state.open is not None and state.open.electrical is None
        mine = [arm for arm in state.arms if state.open and arm.panel_uuid == state.open.panel_uuid]
        if waiting and mine:
            self._tester.arm(mine[-1].serial)

    async def reload(self) -> None:
        """Read rules, criteria, waivers and station states again; everybody watching is told."""
        at = self._now()
        self._around, bodies = await self._writer.read(
            lambda view: (surroundings(view, self.place, at), view.station_states())
        )
        for number in STATIONS:
            self._states[number] = self._codec.decode(number, bodies.get(number))
        for problem in self._around.problems:
            log.warning(problem)
        self.changed()

    async def take(self, station_number: int, reading: Reading) -> Answer:
        """Take one reading of a device at a station through to its commit; the answer is for the device.

        Never raises for bad data or a failing disk: the answer is BAD then and the screen says why. Cancelled, the
        commit under way still ends, unanswered.
        """
        if isinstance(reading, Scan) and self._hindrance() is not None:
            self.changed()
            return Answer.BAD
        try:
            answer = await self._taken(station_number, reading)
        except NotDurable as error:
            return self._not_saved(error)
        except DecisionFailed as error:
            return self._upset(station_number, error)
        self._failed = None
        self._upsets.pop(station_number, None)
        self.changed()
        return answer

    async def keep(self, station_number: int, scan: Scan) -> bool:
        """Store a scan as it came, and decide nothing on it; False, and the screen says why, where that cannot be."""
        if self._hindrance() is not None:
            self.changed()
            return False
        try:
            await self._writer.write(Batch((self._raw(station_number, scan),)))
        except NotDurable as error:
            self._not_saved(error)
            return False
        self._failed = None
        self.changed()
        return True

    async def _taken(self, station_number: int, reading: Reading) -> Answer:
        match reading:
            case Scan():
                return await self._scan(station_number, reading)
            case Flash():
                return await self._flash(reading)
            case FileRows():
                return await self._rows(reading)
            case TesterFault():
                await self._store(self._garble(reading, reading.reason))
                return await self._apply(reading.device, self._decider().fault(reading.reason, reading.wall))
            case Garbled():
                fields = {"station": station_number, "device": reading.device, "action": "unreadable"}
                log.warning("%s cannot be read: %s", reading.device, reading.reason, extra=fields)
                await self._store(self._garble(reading, reading.reason))
                return await self._garbled(station_number, reading)
            case _:
                raise TypeError(f"a {type(reading).__name__} is no reading the line decides on")

    async def _garbled(self, station_number: int, reading: Garbled) -> Answer:
        if not self._tester.speaks_as(reading.device):
            return await self._apply(reading.device, self._decider().garbled_scan(station_number, reading.wall))
        if self._tester.mode is TesterMode.LATE:  # a file: nobody waits for it, and its name is in the log
            return Answer.BAD
        return await self._apply(reading.device, self._decider().garble(reading.wall))

    async def _scan(self, station_number: int, scan: Scan) -> Answer:
        raw = self._raw(station_number, scan)
        event = ScanEvent(raw.uuid, scan.device, storable(scan.text), scan.wall)
        return await self._apply(scan.device, self._decider().scan(station_number, event), raw)

    def _raw(self, station_number: int, scan: Scan) -> RawScan:
        text = storable(scan.text)
        kept = without_token(text)
        return RawScan(
            uuid=self._ids(), device=scan.device, station_number=station_number,
            raw=scan.raw if kept == text else kept.encode(), text=kept, seen_at=scan.wall,
        )  # fmt: skip

    async def _flash(self, flash: Flash) -> Answer:
        row = raw_flash(flash, self._ids())
        await self._store(row)
        try:
            return await self._insist(lambda: self._apply(row.device, self._decider().flash(row, flash.wall)))
        except DecisionFailed as error:
            await self._give_up_on(row, error)
            raise

    async def _rows(self, batch: FileRows) -> Answer:
        for some in _chunks(batch.rows, _AT_ONCE):
            await self._few_rows(some, batch.wall)
        if batch.last:
            imported = self._imported(batch)
            await self._store(imported)
            fields = {"station": LAST_STATION, "device": batch.device, "action": "imported"}
            log.info("%s: %d rows of %s were taken in.", batch.device, imported.row_count, batch.file, extra=fields)
        return Answer.SEEN

    async def _few_rows(self, rows: Sequence[Flash | Garbled], at: datetime) -> None:
        flashes = tuple(raw_flash(row, self._ids()) for row in rows if isinstance(row, Flash))
        garbles = tuple(self._garble(row, row.reason) for row in rows if isinstance(row, Garbled))
        raw: tuple[Record, ...] = (*flashes, *garbles)
        while raw or flashes:
            done = await self._insist(partial(self._decide_late, raw, flashes, at))
            raw, flashes = (), flashes[done:]

    async def _decide_late(self, raw: tuple[Record, ...], rows: tuple[RawFlash, ...], at: datetime) -> int:
        """Store late rows, decide on each for itself, and say on how many; a scan that comes meanwhile goes first.

        What cannot be decided on goes to the tray.
        """
        decider = self._decider()
        outcomes = await self._writer.transact_each(raw, [decider.late(row, at) for row in rows])
        for row, outcome in zip(rows, outcomes, strict=False):
            if isinstance(outcome, DecisionFailed):
                await self._give_up_on(row, outcome)
            else:
                self._take_over(outcome)
        return len(outcomes)

    async def _store(self, *records: Record) -> None:
        await self._insist(lambda: self._writer.write(Batch(records)))

    async def _insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until it is saved: what a device says only once must outlast a disk that fails for a while."""
        while True:
            try:
                return await attempt()
            except NotDurable as error:
                self._not_saved(error)
                await asyncio.sleep(_RETRY_S)

    def _imported(self, batch: FileRows) -> ImportedFile:
        return ImportedFile(
            uuid=self._ids(), device=batch.device, name=storable(batch.file), digest=batch.digest,
            row_count=max(0, batch.first_row + len(batch.rows) - 1), created_at=batch.wall,
        )  # fmt: skip

    def _garble(self, reading: Reading, reason: str) -> RawGarble:
        return RawGarble(
            uuid=self._ids(), device=reading.device, raw=reading.raw, reason=storable(reason), seen_at=reading.wall
        )

    async def _apply(self, device: str, decide: Callable[[View], Decided], *raw: Record) -> Answer:
        decided = await self._writer.transact(raw, decide)
        self._take_over(decided)
        chronicle(decided, device)
        return decided.answer

    def _take_over(self, decided: Decided) -> None:
        self._states[decided.state.station_number] = decided.state
        self.on_decided(decided)
        for action in decided.actions:
            self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case ArmTester(serial):
                self._tester.arm(serial)
            case TellLine(code, message):
                log.warning(message, extra={"action": code})

    def _decider(self) -> Decider:
        return Decider(self._around, self._tester.mode, self._codec, self._ids)

    async def _finish_backlog(self) -> None:
        while rows := await self._writer.read(lambda view: view.undecided_flashes(_AT_ONCE)):
            for row in rows:
                await self._catch_up(row)

    async def _catch_up(self, row: RawFlash) -> None:
        live = row.source == FlashSource.LIVE
        decider = self._decider()
        try:
            await self._apply(row.device, decider.flash(row, row.seen_at) if live else decider.late(row, self._now()))
        except DecisionFailed as error:
            await self._give_up_on(row, error)

    async def _give_up_on(self, row: RawFlash, error: DecisionFailed) -> None:
        """Put a flash into the tray that cannot be decided on, so that it blocks no file and no start."""
        fields = {"station": LAST_STATION, "device": row.device, "panel": row.serial_number, "action": "undecided"}
        what = "The flash %s could not be decided on and went to the tray."
        log.error(what, row.uuid, exc_info=error.__cause__, extra=fields)
        await self._store(self._tray(row))

    def _tray(self, row: RawFlash) -> FlashRuling:
        return FlashRuling(
            uuid=self._ids(), flash_uuid=row.uuid, disposition=Disposition.TRAY, created_at=self._now(),
            reason="This program could not decide on it.",
        )  # fmt: skip

    def _not_saved(self, error: NotDurable) -> Answer:
        if self._failed is None:
            log.error("NOT SAVED: %s %s", error, error.todo, extra={"action": "not_saved"})
        self._failed = Trouble(str(error), error.todo)
        self.changed()
        return Answer.BAD

    def _upset(self, station_number: int, error: DecisionFailed) -> Answer:
        fields = {"station": station_number, "action": "not_saved"}
        log.error("Station %d: %s", station_number, error, exc_info=error.__cause__, extra=fields)
        detail = "The scan is kept, nothing else was saved."
        self._upsets[station_number] = Banner(Colour.RED, "NOT SAVED", detail, error.todo)
        self.changed()
        return Answer.BAD

    async def request(self, os_user: str, is_root: bool, decide: Callable[[View, Desk], Outcome[T]]) -> T:
        """Make an office decision between two station decisions, and commit it.

        Raises Refused with the reason, NotDurable when nothing was committed. Cancelled, the commit under way ends.
        """

        def decided(view: View) -> Outcome[T]:
            desk = Desk(self.place, self._now(), self._ids, Actor(os_user, view.user_by_os_user(os_user), is_root))
            return decide(view, desk)

        outcome = await self._writer.transact((), decided)
        self._failed = None
        if outcome.refusal is not None or outcome.value is None:
            raise Refused(outcome.refusal or NOTHING)
        for action in outcome.actions:
            self._act(action)
        await self.reload()
        return outcome.value

    async def read(self, fn: Callable[[View], T]) -> T:
        """Read what is stored, beside the decisions and never in their way."""
        return await self._readers.read(fn)

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing is saved right now: the last commit failed, or there is no room; None when all is well."""
        return self._failed or self._hindrance()

    def state(self, station_number: int) -> StationState:
        """The state of a station as last committed; with trouble, its screen says so."""
        state = self._states[station_number]
        trouble = self.trouble
        if trouble is not None:
            return replace(state, banner=Banner(Colour.RED, "NOT SAVED", trouble.message, trouble.todo))
        upset = self._upsets.get(station_number)
        return replace(state, banner=upset) if upset is not None else state

    @property
    def surroundings(self) -> Surroundings:
        """Rules, criteria, waivers and names in force."""
        return self._around

    @property
    def notices(self) -> tuple[str, ...]:
        """What the whole line was told, oldest first."""
        return tuple(self._notices)

    def changed(self) -> None:
        """Tell everybody watching to look again."""
        for event in self._watchers:
            event.set()

    def tell(self, message: str) -> None:
        """Show a message on every station of the line; one said before moves up."""
        if message in self._notices:
            self._notices.remove(message)
        self._notices.append(message)
        self.changed()

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever anything on the line changed; the watcher clears it."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)


NOTHING = Refusal("internal", "The request led to nothing.", "Report this with the time it happened.")


def _chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
