"""Power cuts over a real shift: each survivor is the line as it stood at an acknowledged moment, and goes on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.readings import FlashSource
from stations.workflow.state import StationState
from storage.records import Record
from tests.stations.shift import Shift, serial, values
from tests.storage.power import Recorder, cuts, rebuild, record

SMALL, FULL = 100, 2000
PANELS = 14


@dataclass
class RecordedShift(Shift):
    """A shift that writes down, at each commit, what the line is, and relies on it from there on."""

    recorder: Recorder | None = None
    stood: dict[int, str] = field(default_factory=dict)

    def scan(self, station: int, text: str, *, after_s: float = 3.0, device: str | None = None) -> str:
        """Scan, and rely on the answer."""
        code = super().scan(station, text, after_s=after_s, device=device)
        self.rely()
        return code

    def write(self, *records: Record) -> None:
        """Write, and rely on it."""
        super().write(*records)
        self.rely()

    def flash_rely(self, number: int) -> None:
        """Flash, and rely on where it went."""
        self.flash(values(nudge=number / 1e4))
        self.rely()

    def rely(self) -> None:
        """Somebody saw this."""
        assert self.recorder is not None
        seq = self.store.view.last_seq()
        self.stood[seq] = line_as_it_stands(self)
        self.recorder.acknowledge(str(seq))


def line_as_it_stands(shift: Shift) -> str:
    """Everything that matters of a line: its stations, panels with their results, pallets, order, flashes."""
    view = shift.store.view
    panels = view.panels(limit=1000)
    return json.dumps(
        [
            sorted(view.station_states().items()),
            [(repr(panel), repr(view.results_of(panel.uuid))) for panel in panels],
            [(repr(pallet), repr(view.pallet_panels(pallet.uuid))) for pallet in view.pallets()],
            [(repr(order), repr(view.order_counts(order.uuid))) for order in view.orders()],
            [repr(one) for one in (*view.tray(1000), *view.undecided_flashes(1000))],
        ]
    )


def work(shift: RecordedShift) -> Iterator[None]:
    """A scripted shift: passes, B, rework, undo on both sides of a verdict, flashes and rows astray, pallets."""
    for station in (1, 2, 3, 4):
        shift.badge(station)
    for number in range(PANELS):
        panel = serial(number)
        for station in (1, 2, 3, 4):
            for text in told(panel, number + station):
                shift.scan(station, text)
                if text == panel and station == 4:
                    shift.flash_rely(2 * number + (len(shift.results(panel)) > 3))
            yield
        if number % 5 == 2:
            shift.flash_rely(1000 + number)  # nobody waits for it
            shift.late(
                shift.reading(values(nudge=7 + number), source=FlashSource.LATE, sn=serial(9), stamp=f"{number}")
            )
            shift.rely()
        if number % 6 == 5:
            shift.scan(4, "SL-CLOSE")
    shift.scan(1, serial(PANELS))
    shift.scan(1, "SL-F-2")
    shift.scan(2, "nonsense")
    shift.scan(3, "SL-OUT")


def told(panel: str, turn: int) -> tuple[str, ...]:
    """What is scanned for one panel at one station."""
    match turn % 7:
        case 1:
            return (panel, "SL-B", "SL-D-202", "SL-DONE")
        case 2:
            return (panel, "SL-F-1", "SL-D-101", "SL-DONE", panel, "SL-PASS")
        case 3:
            return (panel, "SL-PASS", "SL-UNDO", "SL-PASS")
        case 4:
            return (panel, "SL-OTHER", "SL-UNDO", "SL-PASS")
        case _:
            return (panel, "SL-PASS")


def worked(folder: Path, *, flushed: bool = True) -> tuple[Recorder, dict[int, str]]:
    """Work a shift on a recorded disk."""
    path = folder / "line.db"
    folder.mkdir()
    before = Shift(path)
    before.order("MO1", quantity=PANELS + 1)
    before.rule("default_pallet_size", "4")
    before.store.close()
    with record(path) as recorder:
        shift = RecordedShift(path, vfs=recorder.vfs, recorder=recorder)
        if not flushed:
            shift.store._connection.pragma("synchronous", 1)
        shift.rely()
        for turn, _ in enumerate(work(shift)):
            if turn % 11 == 10:  # the log is moved into the file, with cuts in the middle of it
                shift.store.log_pages = 10**6
                shift.store.tend()
        assert not shift.store.doubtful
        assert sum(order.status == "active" for order in shift.store.view.orders()) == 1
        assert len(shift.store.view.pallets()) >= 4
        end = len(recorder.events)
        shift.store.close()
        del recorder.events[end:]
    return recorder, shift.stood


def missing(recorder: Recorder, stood: dict[int, str], number: int, folder: Path, *, sound: bool) -> int:
    """Count the cuts after which something relied on is gone; a survivor between two commits fails at once."""
    gone = 0
    for cut in cuts(recorder, number, seed=20260302):
        shift = Shift(rebuild(cut, folder))
        told = [alarm.code for alarm in shift.store.view.alarms(1000) if alarm.code.startswith("store_")]
        assert set(told) <= ({"store_log_damaged"} if not sound else set()), "a power cut is no damage"
        seq = shift.store.view.last_seq() - len(told)
        assert seq in stood or seq < min(stood) or cut_raw_only(shift), "a commit is half there"
        assert seq not in stood or line_as_it_stands(shift) == stood[seq]
        gone += bool(cut.acknowledged) and seq < int(cut.acknowledged[-1])
        if sound:
            for station in (1, 2, 3, 4):
                goes_on(shift, station)
        shift.store.close()
    return gone


def cut_raw_only(shift: Shift) -> bool:
    """The one commit nobody was told of by itself: late rows are stored before they are decided on."""
    return bool(shift.store.view.undecided_flashes(1))


def goes_on(shift: Shift, station: int) -> None:
    """A station takes up what lay on its table, else the next panel."""
    state = shift.state(station)
    shift.wait(3600)
    if state.session is None:
        assert shift.badge(station) == "signed_in"
        state = shift.state(station)
    if state.open is not None:
        assert shift.scan(station, state.open.serial) in ("already_open", "rearmed")
        assert shift.state(station).open == with_same_marks(state, shift.state(station))
    else:
        assert shift.scan(station, serial(500 + station)) == ("opened_new" if station == 1 else "wrong_station")


def with_same_marks(before: StationState, after: StationState) -> object:
    """The panel that is open now, if it is the one that was, as it was marked."""
    same = (
        before.open and after.open and (before.open.serial, before.open.marks) == (after.open.serial, after.open.marks)
    )
    return after.open if same else before.open


@pytest.mark.parametrize("number", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1800)])])
def test_no_acknowledged_step_of_a_shift_is_lost_by_a_power_cut(tmp_path: Path, number: int) -> None:
    recorder, stood = worked(tmp_path / "line")
    assert missing(recorder, stood, number, tmp_path / "cut", sound=True) == 0


@pytest.mark.parametrize("number", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(1800)])])
def test_without_flushing_each_commit_the_same_cuts_lose_steps(tmp_path: Path, number: int) -> None:
    recorder, stood = worked(tmp_path / "line", flushed=False)
    assert missing(recorder, stood, number, tmp_path / "cut", sound=False) > 0
