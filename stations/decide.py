"""One decision of a line: state and facts out of the view, through the step functions, into a batch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from drivers.readings import Answer
from stations.gather import Glance, Surroundings, facts_for_flash, facts_for_late, facts_for_scan
from stations.rules.commands import Code, Meaning
from stations.rules.routing import LAST_STATION
from stations.statecodec import StateCodec
from stations.workflow.flashing import live_flash, tester_fault, tester_garble
from stations.workflow.lateness import late_flash
from stations.workflow.signing import current
from stations.workflow.state import StationState
from stations.workflow.table import step_scan, unreadable_scan
from stations.workflow.turn import Action, Facts, Ids, ScanEvent, Step, TesterMode, Turn
from storage.records import Batch, RawFlash
from storage.sqlite.view import View

_NO_CODE = Code(Meaning.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision writes, and what is done once it is written."""

    batch: Batch
    state: StationState
    answer: Answer = Answer.SEEN
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Decider:
    """Everything a decision takes from outside the transaction."""

    around: Surroundings
    tester: TesterMode
    codec: StateCodec
    ids: Ids

    def glance(self, view: View, at: datetime) -> Glance:
        """See the whole line as the transaction finds it."""
        states = {number: self.codec.decode(number, body) for number, body in view.station_states().items()}
        return Glance(view, self.around, self.tester, states, at)

    def scan(self, station_number: int, event: ScanEvent) -> Callable[[View], Decided]:
        """Decide on a scan."""

        def decide(view: View) -> Decided:
            look = self.glance(view, event.at)
            state = look.states.get(station_number) or StationState(station_number)
            step = step_scan(state, event, facts_for_scan(look, state, event), self.ids)
            return self._decided(state, step)

        return decide

    def flash(self, row: RawFlash, at: datetime) -> Callable[[View], Decided]:
        """Decide on a live flash, already stored."""

        def decide(view: View) -> Decided:
            look, state = self._last_station(view, at)
            return self._at_rig(state, facts_for_flash(look, state, row), at, lambda turn: live_flash(turn, row))

        return decide

    def fault(self, reason: str, at: datetime) -> Callable[[View], Decided]:
        """Decide on what a tester said instead of measuring."""

        def decide(view: View) -> Decided:
            _, state = self._last_station(view, at)
            return self._at_rig(state, self._plain_facts(), at, lambda turn: tester_fault(turn, reason))

        return decide

    def garble(self, at: datetime) -> Callable[[View], Decided]:
        """Decide on a line of the live tester that nobody can read, stored already."""

        def decide(view: View) -> Decided:
            _, state = self._last_station(view, at)
            return self._at_rig(state, self._plain_facts(), at, tester_garble)

        return decide

    def garbled_scan(self, station_number: int, at: datetime) -> Callable[[View], Decided]:
        """Decide on a scan that nobody can read, stored already."""

        def decide(view: View) -> Decided:
            state = self.glance(view, at).states.get(station_number) or StationState(station_number)
            return self._decided(state, unreadable_scan(state))

        return decide

    def _plain_facts(self) -> Facts:
        tester = self.tester if self.around.rules.laser_enabled else TesterMode.NONE
        return Facts(place=self.around.place, rules=self.around.rules, tester=tester)

    def late(self, row: RawFlash, at: datetime) -> Callable[[View], Decided]:
        """Decide on a late row, already stored."""

        def decide(view: View) -> Decided:
            look, state = self._last_station(view, at)
            return self._at_rig(state, facts_for_late(look, state, row), at, lambda turn: late_flash(turn, row))

        return decide

    def _last_station(self, view: View, at: datetime) -> tuple[Glance, StationState]:
        look = self.glance(view, at)
        return look, look.states.get(LAST_STATION) or StationState(LAST_STATION)

    def _at_rig(self, state: StationState, facts: Facts, at: datetime, step: Callable[[Turn], Step]) -> Decided:
        turn, ended = current(Turn(state, facts, at, self.ids, _NO_CODE))
        taken = step(turn)
        return self._decided(state, replace(taken, records=(*ended, *taken.records)))

    def _decided(self, before: StationState, step: Step) -> Decided:
        states = (self.codec.encode(step.state),) if step.state != before else ()
        return Decided(Batch(step.records, states), step.state, step.answer, step.actions)
