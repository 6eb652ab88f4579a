"""Screens hear how far a visit is; every line hears what came of it, late if need be, and once."""

from pathlib import Path

from daemon.stick.decide import Came, concluded, ending_of
from daemon.stick.endings import ending
from daemon.stick.guard import Pulse
from daemon.stick.line import Line, Report
from daemon.stick.reporting import DEAF_S, EVERY_S, Teller, report_all, report_of
from daemon.stick.task import Minutes
from storage.export.target import TargetReadOnly
from storage.records import StickOutcome
from tests.daemon.stick.world import DEVICE, FakeLine, World


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_screens_are_told_once_a_second_and_a_deaf_line_is_left_in_peace(tmp_path: Path) -> None:
    world, clock = World(tmp_path), Clock()
    hears, deaf = FakeLine("Line 1", world), FakeLine("Line 2", world, down=True)
    teller, pulse = Teller("sdz", (hears, deaf), clock), Pulse(state="writing", share=0.5)
    for tenth in range(int(10 * (DEAF_S + 5))):
        clock.now = tenth / 10
        teller(pulse)
    assert abs(len(hears.told) - (DEAF_S + 5) / EVERY_S) <= 2
    assert set(hears.told) == {("writing", 0.5)}
    assert 2 <= len(deaf.told) <= 3


def test_a_line_that_starts_again_hears_what_came_of_it_and_one_that_does_not_is_given_up(tmp_path: Path) -> None:
    world, clock = World(tmp_path), Clock()
    there, late, never = (FakeLine(f"Line {n}", world, down=n > 1) for n in (1, 2, 3))
    ended = ending(StickOutcome.FULL)

    made: list[str] = []

    def report(line: Line) -> Report:
        told = report_of(line, Minutes(device=DEVICE), ended, "sdz")
        made.append(told.visit)
        return told

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        late.down = clock.now <= 3

    report_all((there, late, never), report, 10.0, 0.5, clock, sleep)
    assert len(set(made)) == 3, "however often a visit is told, it is one, and each line's its own"
    assert [len(line.reports) for line in (there, late, never)] == [1, 1, 0]
    assert late.reports[0].outcome is StickOutcome.FULL
    assert clock.now < 12


def test_what_came_of_the_lines_is_one_ending() -> None:
    came = {
        outcome: Came("Line 1", outcome, f"{outcome.value}.")
        for outcome in (
            StickOutcome.EXPORTED, StickOutcome.NOTHING_NEW, StickOutcome.NOT_ENROLLED, StickOutcome.LINE_NOT_RUNNING,
            StickOutcome.INTERNAL,
        )
    }  # fmt: skip
    order = list(came)
    for first in order:
        for second in order[order.index(first) :]:
            ended = concluded((came[first], came[second]), wrote=True)
            worst = max((first, second), key=order.index)
            if worst is StickOutcome.NOT_ENROLLED:  # of one line, beside one that knows it
                worst = first if first is not worst else StickOutcome.NOTHING_NEW
            if (first, second) == (StickOutcome.EXPORTED, StickOutcome.NOTHING_NEW):
                worst = StickOutcome.EXPORTED
            assert ended.outcome is worst
            assert f"{first.value}." in ended.message
            assert f"{second.value}." in ended.message
            is_safe = StickOutcome.EXPORTED in (first, second) or worst is StickOutcome.NOTHING_NEW
            assert ended.message.startswith("Safe to remove") == is_safe


def test_a_stick_that_stops_taking_data_in_the_middle_has_no_switch_to_be_moved() -> None:
    ended = ending_of(TargetReadOnly("csv/panels.csv may not be written (Read-only file system)."))
    assert ended.outcome is StickOutcome.READ_ONLY
    assert "in the middle" in ended.message
    assert "switch" not in ended.todo
