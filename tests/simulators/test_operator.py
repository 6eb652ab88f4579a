from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.acts import Act, Flash, Hold, Idle, Lay, Outcome, Scan, Work, view_from
from simulators.chance import seeded
from simulators.floor import STATIONS, End, Floor, Panel
from simulators.operator import Habits, Operator
from simulators.physics import Setup
from simulators.plan import Shares
from simulators.scanner import Verdict
from tests.simulators.toy import COMMANDS, ToyLine

CALM = Shares(fail=0.0, b=0.0, undo=0.0)
Ears = Callable[[Scan, Verdict], Verdict]


def panels(count: int) -> list[Panel]:
    return [Panel(f"CRS25WT60{number:05d}", "60") for number in range(count)]


@dataclass
class Shift:
    """Plays operators against the toy line, without time, ports or tasks."""

    toy: ToyLine
    floor: Floor
    operators: dict[int, Operator]
    screen: bool = True
    hears: Ears = lambda _scan, verdict: verdict
    now_s: float = 0.0
    acts: int = 0
    flashes: bool = True
    heard: dict[int, list[tuple[str, Verdict]]] = field(default_factory=dict)

    def play(self, limit: int = 60_000) -> None:
        running = {number: operator.shift() for number, operator in self.operators.items()}
        acts = {number: next(shift) for number, shift in running.items()}
        while running:
            assert self.acts < limit, "people never come to an end"
            for number in list(running):
                self._step(number, running, acts)

    def _step(self, number: int, running: dict[int, Generator[Act, Outcome, None]], acts: dict[int, Act]) -> None:
        self.acts += 1
        self.now_s += 0.5
        try:
            acts[number] = running[number].send(self._do(number, acts[number]))
        except StopIteration:
            del running[number]

    def _do(self, number: int, act: Act) -> Outcome:
        match act:
            case Scan():
                good, screen = self.toy.scan(number, act.text)
                verdict = self.hears(act, Verdict.GOOD if good else Verdict.BAD)
                self.heard.setdefault(number, []).append((act.what, verdict))
                looks = self.screen and (act.watch or verdict is Verdict.BAD)
                return Outcome(self.now_s, verdict, view_from(screen) if looks else None)
            case Flash() if self.flashes:
                screen = self.toy.flash(number)
                return Outcome(self.now_s, view=view_from(screen) if self.screen else None)
            case Hold(seconds) | Work(seconds):
                self.now_s += seconds
            case Lay() | Idle() | Flash():
                pass
        return Outcome(self.now_s)


def shift(count: int, shares: Shares = CALM, seed: int = 1, made: list[Panel] | None = None) -> Shift:
    floor = Floor(made or panels(count))
    operators = {
        number: Operator(
            number,
            floor,
            Habits(
                COMMANDS,
                badge=f"SL-U-{number}",
                shares=shares,
                defects=("D1",),
                electrical="live" if number == 4 else "none",
                close_pallet_at_end=number == 4,
            ),
            seed,
        )
        for number in STATIONS
    }
    return Shift(ToyLine(), floor, operators)


def ends(played: Shift) -> tuple[int, int, int]:
    return tuple(len(played.floor.ended[end]) for end in End)  # type: ignore[return-value]


def test_a_calm_shift_passes_every_panel_through_every_station_once() -> None:
    played = shift(5)
    played.play()
    assert ends(played) == (5, 0, 0)
    assert sorted(played.toy.verdicts) == sorted(
        (panel.serial, station, "PASS") for panel in panels(5) for station in STATIONS
    )
    assert all(heard[0] == ("badge", Verdict.GOOD) for heard in played.heard.values())
    assert played.heard[4][-1] == ("close_pallet", Verdict.GOOD)
    assert all(verdict is Verdict.GOOD for heard in played.heard.values() for _, verdict in heard)


def test_failed_panels_come_back_to_the_station_that_failed_them() -> None:
    played = shift(12, Shares(fail=0.3, b=0.2, undo=0.0))
    played.play()
    assert ends(played) == (12, 0, 0)
    kinds = {verdict for _, _, verdict in played.toy.verdicts}
    assert kinds == {"PASS", "FAIL", "B"}
    for serial, station, verdict in played.toy.verdicts:
        if verdict == "FAIL":
            assert any(one[0] == serial and one[1] == station and one[2] != "FAIL" for one in played.toy.verdicts)


def test_verdicts_taken_back_are_given_again() -> None:
    played = shift(12, Shares(fail=0.1, b=0.1, undo=0.5))
    played.play()
    assert ends(played) == (12, 0, 0)
    assert ("undo", Verdict.GOOD) in played.heard[2]
    assert len(played.toy.verdicts) == len(set(played.toy.verdicts)) or "FAIL" in str(played.toy.verdicts)


def test_a_panel_at_the_wrong_station_goes_where_the_screen_says() -> None:
    played = shift(1)
    panel = played.floor.take(1)
    assert panel is not None
    played.floor.send(panel, 1, 3)
    played.play()
    assert ends(played) == (1, 0, 0)
    assert [station for _, station, _ in played.toy.verdicts] == [1, 2, 3, 4]


def test_a_panel_nobody_accepts_is_put_aside() -> None:
    played = shift(1, made=[Panel("GARBLED", "60"), *panels(2)])
    played.play()
    assert ends(played) == (2, 0, 1)


@pytest.mark.parametrize("screen", [True, False])
def test_lost_answers_are_repeated_and_no_verdict_is_believed_twice(screen: bool) -> None:
    chance = seeded("deaf")
    played = shift(10)
    played.screen = screen
    played.hears = lambda _scan, verdict: Verdict.NONE if chance.random() < 0.2 else verdict
    played.play()
    assert ends(played) == (10, 0, 0)
    assert len(played.toy.verdicts) == 40


def test_a_lost_flash_is_seen_on_the_screen_and_flashed_again() -> None:
    played = shift(3)
    lose = iter([True, False, True, False, False])
    flash = played.toy.flash

    def sometimes(number: int, serial: str | None = None) -> dict[str, object]:
        return played.toy.stations[number].screen if next(lose, False) else flash(number, serial)

    played.toy.flash = sometimes  # type: ignore[method-assign]
    played.play()
    assert ends(played) == (3, 0, 0)
    assert played.toy.status == {panel.serial: "completed" for panel in panels(3)}


@pytest.mark.parametrize("screen", [True, False])
def test_a_mark_whose_undo_got_lost_does_not_block_the_station(screen: bool) -> None:
    played = shift(3)
    played.screen = screen
    scan, lose = played.toy.scan, iter([True])

    def forgetful(number: int, text: str) -> tuple[bool, dict[str, object]]:
        answer = scan(number, text)
        if number == 2 and played.toy.stations[2].open and next(lose, False):
            played.toy.stations[2].marks.append("fail_1")
        return answer

    played.toy.scan = forgetful  # type: ignore[method-assign]
    played.play()
    assert ends(played) == (3, 0, 0)


def test_a_panel_still_open_is_put_down_and_done_again() -> None:
    played = shift(3)
    stuck = panels(3)[2].serial
    played.toy.at[stuck], played.toy.status[stuck] = 1, "in_production"
    played.toy.stations[1].open = stuck
    played.play()
    assert ends(played) == (3, 0, 0)


def test_a_tester_that_never_answers_costs_panels_but_not_the_shift() -> None:
    played = shift(3)
    played.flashes = False
    played.play()
    assert sum(ends(played)) == 3


def test_a_bad_panel_refused_by_the_rig_is_failed_and_repaired() -> None:
    played = shift(1, made=[Panel("CRS25WT6000001", "60", Setup.CRACKED)])
    scan = played.toy.scan

    def judging(number: int, text: str) -> tuple[bool, dict[str, object]]:
        fails = [one for one in played.toy.verdicts if one[2] == "FAIL"]
        if number == 4 and text == COMMANDS["pass_all"] and not fails:
            return False, {"colour": "red"}
        return scan(number, text)

    played.toy.scan = judging  # type: ignore[method-assign]
    played.play()
    assert ends(played) == (1, 0, 0)
    assert [verdict for _, station, verdict in played.toy.verdicts if station == 4] == ["FAIL", "PASS"]


def test_values_are_typed_with_digit_barcodes_where_there_is_no_tester() -> None:
    floor = Floor(panels(1), entry=4)
    habits = Habits(COMMANDS, badge="SL-U-4", shares=CALM, electrical="manual")
    played = Shift(ToyLine(needs_flash=False), floor, {4: Operator(4, floor, habits)})
    played.toy.at[panels(1)[0].serial] = 4
    played.play()
    typed = [what for what, _ in played.heard[4]]
    start = typed.index("manual")
    assert typed[start + 1 : start + 8] == [
        "digit_3", "digit_2", "digit_9", "point", "digit_1", "digit_0", "enter",
    ]  # fmt: skip
    assert typed.count("enter") == 5


@given(st.integers(0, 10_000), st.floats(0, 0.6), st.floats(0, 0.6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_people_always_come_to_an_end(seed: int, deaf: float, wrong: float, screen: bool) -> None:
    chance = seeded("ears", seed)

    def hears(_scan: Scan, verdict: Verdict) -> Verdict:
        if chance.random() < deaf:
            return Verdict.NONE
        return chance.choice(list(Verdict)) if chance.random() < wrong else verdict

    played = shift(4, Shares(fail=0.2, b=0.2, undo=0.2), seed)
    played.screen, played.hears = screen, hears
    played.play()
    assert sum(ends(played)) >= 4
