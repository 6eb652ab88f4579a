"""People at the stations who work panels through the line, remember what they were promised, and go on after a stop."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from stations.workflow.state import StationState
from tests.line.cable import Cable, Gun, Rig, Told, result_line
from tests.line.premises import BADGES, STATIONS, Books, Premises, serial

Verdicts = list[tuple[str, str]]


def script(number: int, station: int) -> tuple[str, ...]:
    """What is scanned for a panel at a station, after its serial: mostly PASS, some B, undo, and rework."""
    panel = serial(number)
    match (number + 3 * station) % 9:
        case 1:
            return ("SL-B", "SL-D-202", "SL-DONE")
        case 2:
            return ("SL-F-1", "SL-D-101", "SL-DONE", panel, "SL-PASS")
        case 3 if station < 4:
            return ("SL-PASS", "SL-UNDO", "SL-PASS")
        case 4:
            return ("SL-F-1", "SL-UNDO", "SL-PASS")
        case _:
            return ("SL-PASS",)


@dataclass(frozen=True)
class Flash:
    """A flash the rig is to make before the next scan."""

    line: str


def as_kept(text: str) -> str:
    """Give what a store holds of a scan: of a badge only the hash."""
    if not text.startswith("SL-U-"):
        return text
    return "SL-U-" + hashlib.sha256(text.removeprefix("SL-U-").encode()).hexdigest()


@dataclass
class Operator:
    """Works one station: takes a panel, says its script, hands it on. `said` was acknowledged, `pending` not yet."""

    station: int
    gun: Gun
    rig: Rig | None
    floor: "Floor"
    said: list[str] = field(default_factory=list)
    flashed: list[str] = field(default_factory=list)
    todo: list[str | Flash] = field(default_factory=list)
    panel: int = -1
    pending: str | Flash | None = None

    async def work(self) -> None:
        """Go on for ever; cancelled or cut off, `pending` is what nobody answered."""
        while True:
            if not self.todo:
                await self._take_next()
            await self._one(self.todo[0])
            self.todo.pop(0)
            self.floor.acknowledged()
            if not self.todo:
                self._hand_on()

    def settle(self, done: bool) -> None:
        """After a stop the screen says whether what was pending was done."""
        if done and self.pending is not None:
            self._note(self.pending)
            self.todo.pop(0)
            if not self.todo:
                self._hand_on()
        self.pending = None

    async def _take_next(self) -> None:
        self.panel = await self.floor.queues[self.station].get()
        self.todo = list(self._steps(self.panel))

    def _steps(self, number: int) -> Iterator[str | Flash]:
        for text in (serial(number), *script(number, self.station)):
            yield text
            if text == serial(number) and self.rig is not None:
                sn = serial(number) if number % 2 else ""
                yield Flash(result_line(self.floor.next_flash(), sn))

    async def _one(self, step: str | Flash) -> None:
        self.pending = step
        if isinstance(step, Flash):
            assert self.rig is not None
            assert await self.rig.flash(step.line), step
        else:
            await self._scan(step)
        self.pending = None
        self._note(step)

    async def _scan(self, text: str) -> None:
        """Scan until it is green; red is only right while the disk is in trouble."""
        while True:
            troubles = self.floor.troubles
            told = await self.gun.scan(text)
            if told is Told.GOOD:
                return
            assert self.floor.in_trouble or self.floor.troubles > troubles, (self.station, text, told)
            assert told is Told.BAD
            self.floor.refused += 1
            await asyncio.sleep(0.002)

    def _note(self, step: str | Flash) -> None:
        if isinstance(step, Flash):
            self.flashed.append(step.line)
        else:
            self.said.append(step)

    def _hand_on(self) -> None:
        if self.station < 4:
            self.floor.queues[self.station + 1].put_nowait(self.panel)
        else:
            self.floor.finished.append(self.panel)


@dataclass
class Floor:
    """Everybody on the line, and the panels between them."""

    cables: dict[str, Cable]
    operators: dict[int, Operator] = field(default_factory=dict)
    queues: dict[int, "asyncio.Queue[int]"] = field(default_factory=dict)
    finished: list[int] = field(default_factory=list)
    answers: int = 0
    refused: int = 0
    troubles: int = 0
    in_trouble: bool = False
    _flash: Iterator[int] = field(default_factory=count)
    _wanted: int = 0
    _reached: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, premises: Premises, cables: dict[str, Cable] | None = None) -> "Floor":
        """Put an operator at each station, with cables of their own unless some are given."""
        floor = cls(cables or {name: Cable(premises.port(name)) for name in (*premises.scanners, "tester")})
        floor.queues = {n: asyncio.Queue() for n in STATIONS}
        for n in STATIONS:
            rig = Rig(floor.cables["tester"]) if n == 4 else None
            floor.operators[n] = Operator(n, Gun(floor.cables[f"scanner-{n}"]), rig, floor)
        return floor

    def plug(self) -> None:
        """Plug every device in anew, so that nothing is left in a line."""
        for cable in self.cables.values():
            cable.plug()

    def pull(self) -> None:
        """Unplug everything."""
        for cable in self.cables.values():
            cable.pull()

    async def sign_in(self) -> None:
        """Everybody scans the badge."""
        for n, operator in self.operators.items():
            operator.todo = [BADGES[n]]
            await operator._one(BADGES[n])
            operator.todo = []

    def next_flash(self) -> int:
        """Number the flashes."""
        return next(self._flash)

    def acknowledged(self) -> None:
        """Count an answer."""
        self.answers += 1
        if self.answers >= self._wanted:
            self._reached.set()

    async def answered(self, more: int) -> None:
        """Wait for this many more answers."""
        self._wanted = self.answers + more
        self._reached.clear()
        await self._reached.wait()

    def start(self) -> list[asyncio.Task[None]]:
        """Let everybody work."""
        return [asyncio.create_task(one.work(), name=f"operator {n}") for n, one in self.operators.items()]

    async def stop(self, tasks: list[asyncio.Task[None]]) -> None:
        """Send everybody home; whoever found something wrong raises it here."""
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
                raise outcome

    def check(self, books: Books) -> None:
        """Compare what was promised with what a store says, and let everybody read their screen."""
        for operator in self.operators.values():
            self.check_scans(operator, books)
        self._check_flashes(books)

    def check_scans(self, operator: Operator, books: Books) -> None:
        """Compare one station, and let its operator read the screen."""
        n, pending = operator.station, operator.pending
        texts = [scan.text for scan in books.scans[n]]
        maybe = [pending] if isinstance(pending, str) else []
        said = [as_kept(text) for text in operator.said + maybe]
        assert texts in (said[: len(operator.said)], said), f"station {n}: a scan is missing or doubled"
        # The rig repeats what was not acknowledged.
        operator.settle(done=not isinstance(pending, Flash) and len(texts) > len(operator.said))
        assert all(str(scan.uuid) in books.outcomes for scan in books.scans[n])
        assert books.verdicts(n) == verdicts_of(operator.said), f"station {n}: results are not what was said"
        self._check_table(operator, books.states[n])

    def _check_flashes(self, books: Books) -> None:
        stored = [row.raw.decode() for row in books.flashes]
        assert set(self.operators[4].flashed) <= set(stored), "an acknowledged flash is missing"

    @staticmethod
    def _check_table(operator: Operator, state: StationState) -> None:
        assert (state.open.serial if state.open else None) == open_after(operator.said), "another panel is open"
        assert (state.session is None) == (not operator.said), "the session was lost"
        assert not state.warning


def open_after(said: list[str]) -> str | None:
    """The panel that is open after these scans, all of them accepted."""
    now: str | None = None
    last: str | None = None
    for text in said:
        if text.startswith("CRS"):
            now = text
        elif text == "SL-UNDO":
            now = now or last
        elif text in ("SL-PASS", "SL-DONE"):
            last, now = now, None
    return now


def verdicts_of(said: list[str]) -> Verdicts:
    """The results after these scans, all of them accepted."""
    rows: Verdicts = []
    panel, grade, open_ = "", "", False
    for text in said:
        if text.startswith("CRS"):
            panel, grade, open_ = text, "PASS", True
        elif text == "SL-UNDO" and not open_:
            rows.append((panel, "VOID"))
            open_ = True
        elif text in ("SL-F-1", "SL-B", "SL-UNDO"):
            grade = {"SL-F-1": "FAIL", "SL-B": "B", "SL-UNDO": "PASS"}[text]
        elif text in ("SL-PASS", "SL-DONE"):
            rows.append((panel, grade))
            open_ = False
    return rows
