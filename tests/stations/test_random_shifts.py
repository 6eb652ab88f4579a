"""Random shifts: whatever is scanned, flashed, undone, restarted or comes late, the records stay true."""

import json
import tempfile
from collections import Counter, defaultdict, deque
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from uuid_utils.compat import uuid7

from drivers.readings import FlashSource, IvValues
from stations.office.holds import RaiseHold, ReleaseHold, raise_hold, release_hold
from stations.office.orders import ResizeOrder, resize_order
from stations.office.panels import MovePanel, ScrapPanel, UndoVerdict, move_panel, scrap_panel, undo_verdict
from stations.rules.flashes import values_of
from stations.rules.routing import effective
from stations.workflow.turn import TesterMode
from storage.records import (
    Disposition,
    OrderStatus,
    Pallet,
    PalletStatus,
    Panel,
    PanelStatus,
    RawFlash,
    StationResult,
    Verdict,
)
from tests.stations.shift import Shift, serial, values

PANELS = [serial(number) for number in range(5)]
STATIONS = st.sampled_from([1, 2, 3, 4])
MARKS = st.sampled_from(
    ["SL-PASS", "SL-F-1", "SL-F-3", "SL-OTHER", "SL-B", "SL-D-101", "SL-D-999", "SL-DONE", "SL-UNDO"]
)
ODD = st.sampled_from(
    ["SL-RETEST", "SL-CLOSE", "SL-LATER", "SL-MANUAL", "SL-N-9", "SL-ENTER", "SL-XX", "", "garbage", "\x00"]
)
SERIALS = st.sampled_from([*PANELS, *PANELS, "editSPSn", "GoldenPanel380", "S26WW600", ""])
ROWS = st.lists(
    st.tuples(SERIALS, st.sampled_from(["new", "new", "weak", "same", "again", "none"])), min_size=1, max_size=3
)
PAUSES = st.sampled_from([0.3, 2.5, 5.0, 61.0])
LOWEST_W = 316.0
BY_HAND = IvValues(330.0, 41.0, 10.2, 34.0, 9.7)
REWORKS = 2
PALLET = 2
QUANTITY = 4


class RandomShift(RuleBasedStateMachine):
    """Knows from the results alone where every panel must be, and from the floor whose flash each flash is."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.shift = Shift(Path(self.folder.name) / "line.db")
        self.in_flight: deque[tuple[str, IvValues]] = deque()
        self.whose: dict[str, str] = {}
        self.answered: set[str] = set()
        self.nudge = 0
        self.newest: RawFlash | None = None
        self.closed: set[UUID] = set()

    @initialize()
    def begin(self) -> None:
        self.shift.order("MO1", quantity=QUANTITY, pmax_min_w=LOWEST_W)
        self.shift.order("MO2", quantity=QUANTITY, pmax_min_w=LOWEST_W)
        self.shift.rule("max_rework_attempts", str(REWORKS))
        self.shift.rule("default_pallet_size", str(PALLET))
        self.shift.rule("allow_pending_electrical", "true")
        self.shift.badges()
        for panel in PANELS[:3]:
            self.shift.passed(panel, 1, 2, 3)

    def teardown(self) -> None:
        self.shift.store.close()
        self.folder.cleanup()

    @rule(station=STATIONS, panel=st.sampled_from(PANELS), pause=PAUSES)
    def scan_panel(self, station: int, panel: str, pause: float) -> None:
        self.shift.scan(station, panel, after_s=pause)

    @rule(panel=st.sampled_from(PANELS))
    def scan_where_it_belongs(self, panel: str) -> None:
        known = self.shift.store.view.panel(panel)
        self.shift.scan(known.current_station if known else 1, panel)

    @rule(panel=st.sampled_from(PANELS))
    def pass_here(self, panel: str) -> None:
        station = self._ready(panel)
        self.shift.scan(station, panel)
        if station == 4:
            self.trigger_flash("good")
            if self.in_flight:
                self.flash_arrives(1.0)
        self.shift.scan(station, "SL-PASS")

    @rule(panel=st.sampled_from(PANELS), mark=st.sampled_from(["SL-F-1", "SL-OTHER", "SL-B"]))
    def fault_here(self, panel: str, mark: str) -> None:
        station = self._ready(panel)
        for text in (panel, mark, "SL-D-101", "SL-DONE"):
            self.shift.scan(station, text)

    @rule(panel=st.sampled_from(PANELS), then=st.sampled_from(["SL-UNDO", "SL-PASS", "SL-DONE"]), pause=PAUSES)
    def undo_here(self, panel: str, then: str, pause: float) -> None:
        """Take back the last thing said at the station that saw the panel last."""
        known = self.shift.store.view.panel(panel)
        rows = self.shift.store.view.results_of(known.uuid) if known else ()
        if rows:
            self.shift.scan(rows[-1].station_number, "SL-UNDO", after_s=pause)
            self.shift.scan(rows[-1].station_number, then)

    def _ready(self, panel: str) -> int:
        """Bring the panel's station to where it can take a panel: warning read, somebody signed in."""
        known = self.shift.store.view.panel(panel)
        station = known.current_station if known else 1
        if self.shift.state(station).warning:
            self.shift.scan(station, "SL-DONE")
        if self.shift.state(station).session is None:
            self.shift.badge(station)
        return station

    @rule(station=STATIONS, text=st.one_of(MARKS, MARKS, ODD), pause=PAUSES)
    def scan_command(self, station: int, text: str, pause: float) -> None:
        self.shift.scan(station, text, after_s=pause)

    @rule(station=STATIONS, who=st.sampled_from(["op1", "op2", "boss", "boss", "nobody"]))
    def scan_badge(self, station: int, who: str) -> None:
        self.shift.badge(station, who)

    @rule(mode=st.sampled_from([TesterMode.LIVE, TesterMode.LIVE, TesterMode.DEAD, TesterMode.LATE]))
    def tester_changes(self, mode: TesterMode) -> None:
        self.shift.tester = mode

    @rule()
    def restart(self) -> None:
        self.shift.restart()

    @rule(quality=st.sampled_from(["good", "good", "weak", "none"]))
    def trigger_flash(self, quality: str) -> None:
        """The operator flashes the panel on the rig: once an arm."""
        state = self.shift.state(4)
        arms = [arm for arm in state.arms if state.open and arm.panel_uuid == state.open.panel_uuid]
        if state.open is None or not arms or str(arms[-1].uuid) in self.answered:
            return
        self.answered.add(str(arms[-1].uuid))
        self.nudge += 1
        five = {"good": values(nudge=self.nudge / 1e4), "weak": values(factor=0.2), "none": IvValues(0, 0, 0, 0, 0)}[
            quality
        ]
        self.in_flight.append((state.open.serial, five))

    @precondition(lambda self: self.in_flight)
    @rule(pause=st.sampled_from([1.0, 5.0, 130.0]))
    def flash_arrives(self, pause: float) -> None:
        panel, five = self.in_flight.popleft()
        self.shift.flash(five, after_s=pause)
        newest = self.shift.store.view.tray(1000)
        rows = [row for row, _ in newest] + [row for p in PANELS for row in self._attached(p)]
        for row in rows:
            self.whose.setdefault(str(row.uuid), panel)

    @rule(rows=ROWS, pause=PAUSES)
    def rows_come(self, rows: list[tuple[str, str]], pause: float) -> None:
        """A result file: new measurements, rows seen before, another panel's values, no contact."""
        self.shift.wait(pause)
        self.shift.late(*(self._row(name, what) for name, what in rows))

    def _row(self, name: str, what: str) -> RawFlash:
        if what == "again" and self.newest is not None:
            return replace(self.newest, uuid=uuid7(), seen_at=self.shift.now)
        self.nudge += 1
        five = values(factor=0.9 if what == "weak" else 1.0, nudge=self.nudge / 1e4)
        if what == "same" and self.newest is not None:
            five = values_of(self.newest)
        row = self.shift.row(name, IvValues(0, 0, 0, 0, 0) if what == "none" else five, f"10:00:{self.nudge}")
        self.newest = self.newest if what == "none" else row
        return row

    @rule(station=st.sampled_from([4, 4, 2]), factor=st.sampled_from([1.0, 1.0, 0.9]))
    def enter_values(self, station: int, factor: float) -> None:
        """Five values by hand; refused where they are not asked for."""
        if self.shift.scan(station, "SL-MANUAL") == "entry_begun":
            pmax, voc, isc, vmp, imp = (value or 0 for value in BY_HAND.five)
            self.shift.enter(IvValues(round(pmax * factor), voc, isc * factor, vmp, round(imp * factor, 2)))

    @rule(panel=st.sampled_from(PANELS), values_by=st.sampled_from(["row", "hand", "later"]))
    def pass_without_the_tester(self, panel: str, values_by: str) -> None:
        self.shift.tester = TesterMode.DEAD
        station = self._ready(panel)
        self.shift.scan(station, panel)
        if station == 4 and values_by == "row":
            self.rows_come([(panel, "new")], 2.5)
        if station == 4 and values_by == "hand":
            self.enter_values(4, 1.0)
        if station == 4 and values_by == "later":
            self.shift.scan(4, "SL-LATER")
        self.shift.scan(station, "SL-PASS")

    @rule(panel=st.sampled_from(PANELS), what=st.sampled_from(["raise", "release", "raise pallet", "release pallet"]))
    def hold(self, panel: str, what: str) -> None:
        subject = panel
        if what.endswith("pallet"):
            pallets = self.shift.store.view.pallets()
            subject = pallets[-1].pallet_number if pallets else panel
        if what.startswith("raise"):
            self.shift.ask(raise_hold, RaiseHold(subject=subject, reason="look"))
        else:
            self.shift.ask(release_hold, ReleaseHold(hold=subject, reason="fine"))

    @rule(panel=st.sampled_from(PANELS), what=st.sampled_from(["move", "move", "scrap", "undo"]), station=STATIONS)
    def supervisor_decides(self, panel: str, what: str, station: int) -> None:
        if what == "move":
            self.shift.ask(move_panel, MovePanel(serial=panel, station=station, reason="so"))
        elif what == "scrap":
            self.shift.ask(scrap_panel, ScrapPanel(serial=panel, reason="broken"))
        else:
            self.shift.ask(undo_verdict, UndoVerdict(serial=panel, reason="wrong"))

    @rule(mo=st.sampled_from(["MO1", "MO2"]), quantity=st.integers(1, QUANTITY + 1))
    def resize(self, mo: str, quantity: int) -> None:
        self.shift.ask(resize_order, ResizeOrder(mo_number=mo, quantity=quantity, reason="so"))

    @rule(number=st.integers(0, 19))
    def criterion_changes(self, number: int) -> None:
        one = self.shift.store.view.criteria()[number]
        self.shift.write(replace(one, active=not one.active))
        self.shift.reload()

    def _attached(self, panel: str) -> list[RawFlash]:
        known = self.shift.store.view.panel(panel)
        history = self.shift.store.view.history(known.uuid) if known else None
        rulings = history.rulings if history else ()
        attached = [one for one in rulings if one.disposition is Disposition.ATTACHED]
        rows = [self.shift.store.view.raw_flash(one.flash_uuid) for one in attached]
        return [row for row in rows if row is not None and row.source == FlashSource.LIVE]

    @invariant()
    def no_live_flash_is_attached_to_another_panel(self) -> None:
        for panel in PANELS:
            for row in self._attached(panel):
                assert self.whose[str(row.uuid)] == panel

    @invariant()
    def every_panel_is_where_its_results_say(self) -> None:
        for number in PANELS:
            panel = self.shift.store.view.panel(number)
            if panel is None:
                continue
            rows = self.shift.store.view.results_of(panel.uuid)
            self._check_place(panel, rows)

    def _check_place(self, panel: Panel, rows: tuple[StationResult, ...]) -> None:
        overruled = bool(self.shift.store.view.overrides_of(panel.uuid))
        counted = effective(rows)
        passed = {row.station_number for row in counted if row.result in (Verdict.PASS, Verdict.COSMETIC)}
        in_order = set(range(1, panel.current_station)) <= passed
        assert in_order or overruled, "a panel is ahead of a station it never passed"
        fails = sum(row.result is Verdict.FAIL for row in counted)
        assert (panel.status is PanelStatus.FAILED) == (fails > REWORKS) or overruled
        if panel.status is PanelStatus.COMPLETED:
            assert counted[-1].station_number == 4
            assert counted[-1].result is not Verdict.FAIL
        if panel.status is PanelStatus.REWORK and not overruled:
            assert counted[-1].result is Verdict.FAIL
            assert counted[-1].station_number == panel.current_station
        voided = [row.supersedes for row in rows if row.result is Verdict.VOID]
        assert len(voided) == len(set(voided)), "one result was taken back twice"

    @invariant()
    def pallets_hold_completed_panels_once_each(self) -> None:
        view = self.shift.store.view
        places: Counter[str] = Counter()
        for pallet in view.pallets():
            on_it = view.pallet_panels(pallet.uuid)
            assert len(on_it) <= PALLET
            assert len({one.position_in_pallet for one in on_it}) == len(on_it)
            if len(on_it) == PALLET and pallet.status is not PalletStatus.COMPLETED:
                assert any(self._was_held(one.panel_uuid) for one in on_it)
            for one in on_it:
                panel = view.panel_by_uuid(one.panel_uuid)
                assert panel is not None
                assert panel.status is PanelStatus.COMPLETED
                assert panel.order_uuid == pallet.order_uuid
                places[panel.serial_number] += 1
        completed = [n for n in PANELS if (p := view.panel(n)) and p.status is PanelStatus.COMPLETED]
        assert places == Counter(completed)

    def _was_held(self, panel: UUID) -> bool:
        history = self.shift.store.view.history(panel)
        return history is not None and bool(history.holds)

    @invariant()
    def no_pallet_was_closed_with_what_may_not_be_shipped(self) -> None:
        done = [one for one in self.shift.store.view.pallets() if one.status is PalletStatus.COMPLETED]
        for pallet in done:
            if pallet.uuid not in self.closed:
                self._check_closed(pallet)
        assert self.closed <= {one.uuid for one in done}, "a closed pallet was opened again"
        self.closed = {one.uuid for one in done}

    def _check_closed(self, pallet: Pallet) -> None:
        view = self.shift.store.view
        assert pallet.completed_at is not None
        on_it = [one.panel_uuid for one in view.pallet_panels(pallet.uuid)]
        assert on_it
        held = [hold for uuid in (pallet.uuid, *on_it) for hold in view.open_holds(uuid)]
        assert all(hold.created_at > pallet.completed_at for hold in held), "a pallet was closed with a held panel"

    @invariant()
    def every_flash_is_attached_to_one_panel_at_most(self) -> None:
        owners: dict[UUID, set[str]] = defaultdict(set)
        for number in PANELS:
            known = self.shift.store.view.panel(number)
            for row, _ in self.shift.store.view.flashes_of_panel(known.uuid) if known else ():
                owners[row.uuid].add(number)
        assert all(len(serials) == 1 for serials in owners.values())

    @invariant()
    def pending_means_passed_without_values_and_none_came_since(self) -> None:
        for number in PANELS:
            panel = self.shift.store.view.panel(number)
            if panel is None or panel.status is not PanelStatus.COMPLETED:
                assert panel is None or not panel.electrical_pending
                continue
            final = effective(self.shift.store.view.results_of(panel.uuid))[-1]
            without = final.electrical_data is None
            rows = self._rows_that_count(panel)
            assert panel.electrical_pending == (without and not rows), (number, len(rows))
            by_hand = without or json.loads(final.electrical_data or "{}")["source"] == "manual"
            if by_hand and rows and (rows[-1].pmax_w or 0) < LOWEST_W:
                assert self._was_held(panel.uuid), "a late FAIL beside values by hand held nothing"

    def _rows_that_count(self, panel: Panel) -> list[RawFlash]:
        """The late rows a panel got that no earlier attempt at station 4 failed with or was judged by."""
        counted = effective(self.shift.store.view.results_of(panel.uuid))
        last = [row for row in counted if row.station_number == 4]
        afresh = [row.created_at for row in last if row.result is Verdict.FAIL]
        overrides = self.shift.store.view.overrides_of(panel.uuid)
        afresh += [one.created_at for one in overrides if one.action == "retest"]
        used = " ".join(row.electrical_data or "" for row in last)
        rows = {row.uuid: row for row, _ in self.shift.store.view.flashes_of_panel(panel.uuid)}
        late = [row for row in rows.values() if row.source == FlashSource.LATE and str(row.uuid) not in used]
        return [row for row in late if all(row.seen_at > at for at in afresh)]

    @invariant()
    def no_operator_took_back_what_a_supervisor_decided_on_since(self) -> None:
        view = self.shift.store.view
        for panel in filter(None, map(view.panel, PANELS)):
            rows = {row.uuid: row for row in view.results_of(panel.uuid)}
            moments = [one.created_at for one in view.overrides_of(panel.uuid)]
            for void in rows.values():
                if void.supersedes is not None and void.notes == "undone at the station":
                    since = rows[void.supersedes].created_at
                    assert not [at for at in moments if since < at < void.created_at]

    @invariant()
    def orders_count_true(self) -> None:
        view = self.shift.store.view
        known = [panel for number in PANELS if (panel := view.panel(number))]
        for order in view.orders():
            mine = [panel for panel in known if panel.order_uuid == order.uuid]
            counts = view.order_counts(order.uuid)
            assert counts.joined == len(mine)
            assert counts.completed == sum(panel.status is PanelStatus.COMPLETED for panel in mine)
            assert counts.joined - counts.scrapped <= order.quantity
            assert (order.status is OrderStatus.COMPLETED) == (counts.completed == order.quantity)
            alerts = Counter(alert.alert for alert in view.alerts_of(order.uuid))
            assert all(times == 1 for times in alerts.values())

    @invariant()
    def no_panel_is_open_twice(self) -> None:
        opened = [state.open.serial for n in (1, 2, 3, 4) if (state := self.shift.state(n)).open]
        assert len(opened) == len(set(opened))

    @invariant()
    def every_flash_has_a_ruling_and_every_scan_an_outcome(self) -> None:
        assert not self.shift.store.view.undecided_flashes(1)
        assert not self.shift.store.view.intake_errors(1)


SMALL, FULL = 15, 600


@pytest.mark.parametrize("shifts", [SMALL, pytest.param(FULL, marks=pytest.mark.faults)])
@pytest.mark.timeout(1200)
def test_whatever_happens_on_a_shift_the_records_stay_true(shifts: int) -> None:
    run_state_machine_as_test(
        RandomShift,
        settings=settings(
            max_examples=shifts,
            stateful_step_count=60,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking sixty steps takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
