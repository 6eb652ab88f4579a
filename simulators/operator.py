"""The person at one station, as a model: a generator of acts that is sent what came of each.

It takes panels off its belt, scans, inspects, judges, and reacts to what it hears: it repeats what nobody answered,
follows the screen when a panel belongs elsewhere, and puts aside what it cannot get through. It never waits for ever.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from simulators.acts import Act, Flash, Hold, Idle, Lay, Outcome, Scan, View, Work
from simulators.chance import seeded
from simulators.floor import STATIONS, End, Floor, Panel
from simulators.physics import TYPES, Setup
from simulators.plan import Shares
from simulators.rig import Laid
from simulators.scanner import Verdict

Doing = Generator[Act, Outcome, None]
Asking = Generator[Act, Outcome, Outcome]
Deciding = Generator[Act, Outcome, bool]
Judging = Generator[Act, Outcome, "Taken"]

_TRIES = 6
_FLASHES = 3
_MOVES = 24
_MARKS = 8


class Intent(StrEnum):
    """The verdict a person means to give."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    B = "b"


class Taken(StrEnum):
    """What became of a verdict that was scanned."""

    SAVED = "saved"
    WAITING = "waiting"  # noted, but the values are missing
    SCRAPPED = "scrapped"
    FAILED_BY_RIG = "failed by rig"  # the values are out of bounds: only DONE is left
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Habits:
    """How a person works. `electrical`: live, manual, later or none. See `plan.Plan` for the times."""

    commands: Mapping[str, str]
    badge: str | None = None
    shares: Shares = field(default_factory=Shares)
    defects: tuple[str, ...] = ()
    criteria: tuple[int, ...] = (1, 2, 3)
    electrical: str = "none"
    inspect_s: float = 45.0
    patience_s: float = 60.0
    retry_s: float = 0.5
    rework_limit: int = 2
    close_pallet_at_end: bool = False


class Operator:
    """One person at one station."""

    def __init__(self, station: int, floor: Floor, habits: Habits, seed: object = 0) -> None:
        self.station = station
        self._floor = floor
        self._habits = habits
        self._chance = seeded("operator", station, seed)
        self._unsure: Intent | None = None

    def shift(self) -> Doing:
        """Work until no panel is left on the floor."""
        yield from self._sign_in()
        while not self._floor.done:
            panel = self._floor.take(self.station)
            if panel is None:
                yield Idle()
            else:
                yield from self._handle(panel)
        if self._habits.close_pallet_at_end and "close_pallet" in self._habits.commands:
            yield from self._command("close_pallet")

    def _sign_in(self) -> Doing:
        if self._habits.badge is None:
            return
        for _ in range(_TRIES):
            outcome = yield from self._scan(self._habits.badge, "badge")
            if outcome.good:
                return

    def _handle(self, panel: Panel) -> Doing:
        """Bring one panel through this station, or send it where it belongs, or put it aside."""
        self._unsure = None
        if panel.moves > _MOVES:
            self._floor.end(panel, self.station, End.ASIDE, "went round in circles")
            return
        intent = self._meant(panel)
        yield from self._lay(panel)
        for attempt in range(_TRIES):
            yield Hold(self._habits.retry_s if attempt else 0.0)
            opened = yield from self._scan(panel.serial, "serial")
            if (yield from self._belongs_elsewhere(panel, opened)):
                return
            if opened.good and attempt > 0:
                yield from self._put_down(panel.serial)
                opened = yield from self._scan(panel.serial, "serial")
            if opened.good and (yield from self._attempt(panel, intent)):
                return
        self._floor.end(panel, self.station, End.ASIDE, "refused again and again")

    def _lay(self, panel: Panel) -> Doing:
        if self._has_rig:
            yield Lay(Laid(panel.serial, panel.panel_type, panel.setup))

    @property
    def _has_rig(self) -> bool:
        return self._habits.electrical in {"live", "later"}

    def _belongs_elsewhere(self, panel: Panel, opened: Outcome) -> Deciding:
        """Tell whether the panel is out of these hands now: ended, sent to another belt, or known to be done."""
        view = opened.view
        if view is None:
            return self._believes_done(panel, opened)
        if self._sent_away(panel, view, opened):
            return True
        if opened.good:
            return False
        if view.phase and "sign" in view.phase:
            yield from self._sign_in()
        elif view.serial and view.serial != panel.serial:
            yield from self._clear_table(view.serial)
        elif view.expected_station is None:
            return self._believes_done(panel, opened)
        return False

    def _sent_away(self, panel: Panel, view: View, opened: Outcome) -> bool:
        """Follow the screen when it says where the panel belongs."""
        why = view.headline or ""
        about_it = view.serial == panel.serial or self._unsure is not None
        if view.panel_status in _ENDS and about_it:
            self._floor.end(panel, self.station, _ENDS[view.panel_status], why)
        elif not opened.good and why in _FOR_A_SUPERVISOR:
            self._floor.end(panel, self.station, End.ASIDE, why)
        elif not opened.good and view.expected_station in STATIONS and view.expected_station != self.station:
            self._floor.send(panel, self.station, view.expected_station, why)
        else:
            return False
        return True

    def _believes_done(self, panel: Panel, opened: Outcome) -> bool:
        """When no screen says more: a panel refused right after an unanswered verdict was probably accepted."""
        if opened.good or self._unsure is None:
            return False
        self._deliver(panel, self._unsure)
        return True

    def _clear_table(self, serial: str) -> Doing:
        """Put down a panel that still lies open here, before anything else can be scanned; it is done again."""
        yield from self._put_down(serial)
        other = self._floor.fetch(serial)
        if other is not None:
            self._floor.send(other, self.station, self.station, "was still open")

    def _put_down(self, serial: str) -> Doing:
        """Take back mark after mark until the screen no longer shows the panel; without a screen, one mark."""
        for _ in range(_MARKS):
            outcome = yield from self._command("undo", watch="white")
            if not outcome.good or outcome.view is None or outcome.view.serial != serial:
                return

    def _attempt(self, panel: Panel, intent: Intent) -> Deciding:
        """Inspect and judge the open panel; False asks for another round."""
        yield Work(self._habits.inspect_s * self._chance.uniform(0.6, 1.6))
        if self._has_rig:
            return (yield from self._flash_and_judge(panel, intent))
        if self._habits.electrical == "manual":
            yield from self._enter_values(panel)
        yield from self._second_thoughts()
        return (yield from self._conclude(panel, intent)) in {Taken.SAVED, Taken.SCRAPPED}

    def _flash_and_judge(self, panel: Panel, intent: Intent) -> Deciding:
        """Flash until the verdict is saved: a pass that waits for values is given by the flash that brings them."""
        taken = Taken.REFUSED
        for _ in range(_FLASHES if panel.setup in {Setup.GOOD, Setup.NO_CONTACT} else 1):
            flashed = yield Flash()
            if taken is Taken.WAITING and flashed.view is not None and flashed.view.colour == "green":
                self._deliver(panel, intent)
                return True
            if self._habits.electrical == "later":
                yield from self._command("later")
            taken = yield from self._conclude(panel, intent)
            if taken in {Taken.SAVED, Taken.SCRAPPED}:
                return True
            if taken is Taken.FAILED_BY_RIG:
                return (yield from self._accept_failure(panel))
            if self._unsure is not None:
                return False
            yield from self._push_the_connectors(panel)
        return (yield from self._give_up_on(panel))

    def _accept_failure(self, panel: Panel) -> Deciding:
        """Send a panel to rework that the rig judged to be out of bounds."""
        outcome = yield from self._command("done", verdict_of=Intent.FAIL, watch="red")
        taken = _taken(Intent.FAIL, outcome)
        if taken is Taken.SAVED:
            self._deliver(panel, Intent.FAIL)
        elif taken is Taken.SCRAPPED:
            self._floor.end(panel, self.station, End.SCRAPPED, "too many reworks")
        return taken in {Taken.SAVED, Taken.SCRAPPED}

    def _give_up_on(self, panel: Panel) -> Deciding:
        """Fail a panel that the rig keeps refusing, when it really is a bad one."""
        if panel.setup is Setup.GOOD:
            return False
        return (yield from self._conclude(panel, Intent.FAIL)) is not Taken.REFUSED

    def _push_the_connectors(self, panel: Panel) -> Doing:
        if panel.setup is Setup.NO_CONTACT:
            panel.setup = Setup.GOOD
            yield from self._lay(panel)

    def _conclude(self, panel: Panel, intent: Intent) -> Judging:
        """Give the verdict; now and then take it back and give it again. Once saved, the panel is out of hand."""
        taken = yield from self._judge(intent)
        if taken is Taken.SAVED and self._now_and_then(self._habits.shares.undo):
            taken = yield from self._again(panel, intent)
        if taken is Taken.SAVED:
            self._deliver(panel, intent)
        elif taken is Taken.SCRAPPED:
            self._floor.end(panel, self.station, End.SCRAPPED, "too many reworks")
        return taken

    def _again(self, panel: Panel, intent: Intent) -> Judging:
        """Undo a saved verdict and repeat it. A refused undo leaves it saved."""
        undone = yield from self._command("undo")
        if not undone.good:
            return Taken.SAVED
        yield from self._scan(panel.serial, "serial")
        return (yield from self._judge(intent))

    def _second_thoughts(self) -> Doing:
        """Mark a fault by mistake and take the mark back."""
        if self._now_and_then(self._habits.shares.undo):
            marked = yield from self._command(f"fail_{self._chance.choice(self._habits.criteria)}")
            if marked.good:
                yield from self._command("undo")

    def _judge(self, intent: Intent) -> Judging:
        """Scan a verdict's commands in order and see what became of it."""
        self._unsure = None
        *marks, last = self._commands_of(intent)
        for name in marks:
            if not (yield from self._command(name)).good:
                return Taken.REFUSED
        outcome = yield from self._command(last, verdict_of=intent, watch=self._telling_colour(intent))
        self._unsure = None if outcome.good else self._unsure
        return _taken(intent, outcome)

    def _telling_colour(self, intent: Intent) -> str | None:
        """Only at the rig may a pass wait for something; only a failed panel may be scrap."""
        if intent is Intent.FAIL:
            return "red"
        return "green" if self._has_rig else None

    def _commands_of(self, intent: Intent) -> tuple[str, ...]:
        if intent is Intent.PASS:
            return ("pass_all",)
        defects = [name for name in self._habits.commands if name.startswith("defect_")]
        chosen = self._chance.choice([f"defect_{code}" for code in self._habits.defects] or defects)
        first = "b" if intent is Intent.B else f"fail_{self._chance.choice(self._habits.criteria)}"
        return (first, chosen, "done")

    def _deliver(self, panel: Panel, intent: Intent) -> None:
        """Put a judged panel where the verdict sends it."""
        if intent is Intent.FAIL:
            panel.fails += 1
            panel.setup = Setup.GOOD
            self._floor.send(panel, self.station, self.station, "rework")
        elif self.station == STATIONS[-1]:
            self._floor.end(panel, self.station, End.FINISHED, intent.value)
        else:
            self._floor.send(panel, self.station, self.station + 1, intent.value)

    def _meant(self, panel: Panel) -> Intent:
        """Decide the verdict before looking, as chance has made the panel."""
        drawn = self._chance.random()
        if drawn < self._habits.shares.fail:
            return Intent.FAIL if panel.fails < self._habits.rework_limit else Intent.PASS
        return Intent.B if drawn < self._habits.shares.fail + self._habits.shares.b else Intent.PASS

    def _now_and_then(self, share: float) -> bool:
        return self._chance.random() < share

    def _enter_values(self, panel: Panel) -> Doing:
        """Type the nameplate's five values with digit barcodes: Pmax, Voc, Isc, Vmp, Imp."""
        yield from self._command("manual")
        kind = TYPES[panel.panel_type]
        vmp, imp = kind.voc_v * 0.85, kind.pmax_w / (kind.voc_v * 0.85)
        for value in (kind.pmax_w, kind.voc_v, kind.isc_a, vmp, imp):
            for sign in f"{value:.2f}":
                yield from self._command("point" if sign == "." else f"digit_{sign}")
            yield from self._command("enter")

    def _command(self, name: str, verdict_of: Intent | None = None, watch: str | None = None) -> Asking:
        return (yield from self._scan(self._habits.commands[name], name, verdict_of, watch))

    def _scan(self, text: str, what: str, verdict_of: Intent | None = None, watch: str | None = None) -> Asking:
        """Scan until somebody answers or patience ends; read a warning that blocks the station.

        A verdict that was refused only when repeated may have counted the first time: then the person is unsure.
        """
        outcome = yield Scan(text, what, watch)
        began_s = outcome.now_s
        repeated = False
        while outcome.verdict is Verdict.NONE and outcome.now_s - began_s < self._habits.patience_s:
            yield Hold(self._habits.retry_s)
            repeated = True
            outcome = yield Scan(text, what, watch)
        if repeated and not outcome.good and verdict_of is not None:
            self._unsure = verdict_of
        if not outcome.good and outcome.view is not None and outcome.view.phase == "warned":
            yield Scan(self._habits.commands["done"], "done")
        return outcome


def _taken(intent: Intent, outcome: Outcome) -> Taken:
    view = outcome.view
    if not outcome.good:
        judged = view is not None and view.headline == "FAIL is marked"
        return Taken.FAILED_BY_RIG if judged else Taken.REFUSED
    if view is not None and intent is Intent.FAIL and (view.headline == "SCRAP" or view.panel_status == "failed"):
        return Taken.SCRAPPED
    if view is not None and intent is not Intent.FAIL and view.colour in {"amber", "white"}:
        return Taken.WAITING
    return Taken.SAVED


_FOR_A_SUPERVISOR = {"On hold", "Put aside", "No order", "Unknown panel type"}
_ENDS = {"completed": End.FINISHED, "failed": End.SCRAPPED}
