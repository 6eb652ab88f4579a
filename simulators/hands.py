"""One person's hands and ears: carries out the operator's acts on real ports and reports what came of them."""

import asyncio
from dataclasses import dataclass

from simulators.acts import Act, Flash, Hold, Idle, Lay, Outcome, Scan, View, Work
from simulators.devices import Device
from simulators.faults import Injection
from simulators.operator import Operator
from simulators.progress import Clock, Progress
from simulators.rigside import RigSide
from simulators.scanner import Feedback, Scanner, Verdict
from simulators.screen import Screen

_LOOK_S = 0.4
_REACT_S = 2.0
_SETTLE_S = 0.3
_SCAN_S = 1.2


@dataclass(frozen=True, slots=True)
class Pace:
    """Human times: `speed` multiplies them; `bounce_s` is real, between two equal scans in a row."""

    speed: float
    bounce_s: float


class ScannerInHand:
    """A scanner with its port: one scan at a time, each with its answer."""

    def __init__(self, model: Scanner) -> None:
        self.model = model
        self._answered = asyncio.Event()

    def wake(self) -> None:
        """Look for an answer: something changed."""
        self._answered.set()

    async def scan(self, device: Device, text: str) -> Feedback:
        """Trigger and wait for the answer, or for the scanner to give up."""
        self.model.trigger(text)
        device.kick()
        while (feedback := self.model.take_feedback()) is None:
            self._answered.clear()
            await self._answered.wait()
        return feedback


class Hands:
    """Works a shift at one station."""

    def __init__(
        self,
        operator: Operator,
        scanner: tuple[ScannerInHand, Device],
        rig: RigSide | None,
        screen: Screen | None,
        pace: Pace,
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._operator = operator
        self._scanner, self._device = scanner
        self._rig = rig
        self._screen = screen
        self._pace = pace
        self._progress = progress
        self._clock = clock
        self._last: tuple[str, float] = ("", -1e9)
        self.moved = asyncio.Event()

    async def work(self) -> None:
        """Do what the operator decides, until the shift ends."""
        shift = self._operator.shift()
        try:
            act = next(shift)
            while True:
                act = shift.send(await self._do(act))
        except StopIteration:
            return

    async def _do(self, act: Act) -> Outcome:
        match act:
            case Scan():
                return await self._scan(act)
            case Flash():
                return Outcome(self._clock(), view=await self._flash())
            case Lay(laid) if self._rig is not None:
                self._rig.rig.lay(laid)
            case Work(seconds):
                await asyncio.sleep(seconds * self._pace.speed)
            case Hold(seconds):
                await asyncio.sleep(seconds)
            case Idle():
                await self.moved.wait()
                self.moved.clear()
        return Outcome(self._clock())

    async def _scan(self, act: Scan) -> Outcome:
        await self._reach_for(act.text)
        since = self._screen.version if self._screen else 0
        self._say("scan", text=act.text, what=act.what)
        feedback = await self._scanner.scan(self._device, act.text)
        self._last = (act.text, self._clock())
        verdict, view = await self._make_out(act, feedback.verdict, since)
        self._record(act, feedback, verdict)
        await self._let_settle(feedback)
        return Outcome(self._clock(), verdict, view)

    async def _reach_for(self, text: str) -> None:
        """Take the time a person needs, and never let two equal scans be taken for a bounce."""
        await asyncio.sleep(_SCAN_S * self._pace.speed)
        before, at_s = self._last
        if before == text:
            await asyncio.sleep(max(0.0, at_s + self._pace.bounce_s - self._clock()))

    async def _make_out(self, act: Scan, verdict: Verdict, since: int) -> tuple[Verdict, View | None]:
        """Hear with the ears, else see with the eyes; without either, trust."""
        screen = self._screen if self._screen is not None and self._screen.on.is_set() else None
        if not self._scanner.model.answers:
            view = await screen.look(since, act.watch, _REACT_S) if screen else None
            return (_seen_verdict(view) if screen else Verdict.GOOD), view
        if screen and (verdict is Verdict.BAD or act.watch):
            colour = None if verdict is Verdict.BAD else act.watch
            return verdict, await screen.look(since, colour, _LOOK_S)
        return verdict, None

    def _record(self, act: Scan, feedback: Feedback, verdict: Verdict) -> None:
        latency_s = feedback.latency_s
        self._say(
            "feedback",
            text=act.text,
            what=act.what,
            verdict=verdict.value,
            sent_s=None if feedback.sent_s is None else self._progress.since_start(feedback.sent_s),
            latency_ms=None if latency_s is None else round(latency_s * 1000, 3),
        )
        if verdict in {Verdict.GOOD, Verdict.SEEN} and feedback.sent_s is not None:
            self._worked(act, feedback.sent_s)

    def _worked(self, act: Scan, sent_s: float) -> None:
        log = self._device.injector.log
        log.worked(self._device.name, sent_s, self._clock())
        if self._rig is not None and act.what in {"pass_all", "done"}:
            log.worked(self._rig.name, self._rig.flashed_s, self._clock())

    async def _let_settle(self, feedback: Feedback) -> None:
        """After a disturbance, wait until no answer to an echo of the scan can be taken for the next one's."""
        since_s = self._clock() if feedback.sent_s is None else feedback.sent_s
        if any(one.at_s >= since_s - _SETTLE_S for one in self._own_injections()):
            await asyncio.sleep(_SETTLE_S)

    def _own_injections(self) -> list[Injection]:
        return [one for one in self._device.injector.log.injections if one.device == self._device.name]

    async def _flash(self) -> View | None:
        if self._rig is None:
            return None
        since = self._screen.version if self._screen else 0
        await asyncio.sleep(self._rig.flash_s * self._pace.speed)
        await self._rig.flash()
        if self._screen is not None and self._screen.on.is_set() and self._rig.live:
            return await self._screen.look(since, None, _REACT_S)
        await asyncio.sleep(_SETTLE_S if self._rig.live else 0)
        return None

    def _say(self, event: str, **facts: object) -> None:
        self._progress.emit(event, station=self._operator.station, device=self._device.name, **facts)


def _seen_verdict(view: View | None) -> Verdict:
    if view is None:
        return Verdict.NONE
    return Verdict.BAD if view.colour == "red" else Verdict.GOOD
