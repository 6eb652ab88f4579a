import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from daemon.stick.endings import EXIT_STATUS, USUAL, Ending, ending
from daemon.stick.guard import Guard, Pulse, VisitStopped
from daemon.stick.patience import Patience
from storage.records import StickOutcome

OUTCOMES = tuple(StickOutcome)


@dataclass
class Stick:
    """A stick that may be pulled; each look may do something."""

    there: bool = True
    done: int = 0
    looks: int = 0
    at_look: Callable[[int], None] = field(default=lambda _: None)

    def present(self) -> bool:
        self.looks += 1
        self.at_look(self.looks)
        return self.there

    def activity(self) -> int:
        return self.done


class Clock:
    """A clock that goes on by ten seconds with each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10
        return self.now


def guard(stick: Stick, stuck_s: float = 90.0, **settings: object) -> Guard:
    patience = Patience(look_s=0.002, settle_s=0.1, stuck_s=stuck_s)
    return Guard(stick, patience=patience, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_ending_is_what_the_work_says(outcome: StickOutcome) -> None:
    assert guard(Stick()).run(lambda _: ending(outcome)) == ending(outcome)


def test_a_fault_of_the_program_is_an_ending_too() -> None:
    def work(_: Pulse) -> Ending:
        raise ZeroDivisionError

    assert guard(Stick()).run(work).outcome is StickOutcome.INTERNAL


@pytest.mark.parametrize("outcome", [StickOutcome.UNREADABLE, StickOutcome.INTERNAL, StickOutcome.PULLED_EARLY])
def test_a_stick_that_fails_and_then_is_gone_was_pulled(outcome: StickOutcome) -> None:
    stick = Stick()
    stick.at_look = lambda look: setattr(stick, "there", look < 3)
    assert guard(stick).run(lambda _: ending(outcome)) == ending(StickOutcome.PULLED_EARLY)


def test_a_stick_that_is_pulled_while_the_work_is_stuck_ends_the_visit() -> None:
    stick, release = Stick(), threading.Event()
    stick.at_look = lambda look: setattr(stick, "there", look < 3)

    def work(_: Pulse) -> Ending:
        release.wait(30)
        return ending(StickOutcome.EXPORTED)

    try:
        assert guard(stick).run(work) == ending(StickOutcome.PULLED_EARLY)
    finally:
        release.set()


def test_the_work_is_told_to_stop_when_the_stick_is_gone() -> None:
    stick, stopped = Stick(there=False), threading.Event()

    def work(pulse: Pulse) -> Ending:
        try:
            while True:
                pulse.beat()
        except VisitStopped:
            stopped.set()
            raise

    assert guard(stick).run(work).outcome is StickOutcome.PULLED_EARLY
    assert stopped.wait(5)


@pytest.mark.parametrize("outcome", [StickOutcome.EXPORTED, StickOutcome.NOT_ENROLLED, StickOutcome.FULL])
def test_what_the_work_knows_for_certain_counts_though_the_stick_is_gone_already(outcome: StickOutcome) -> None:
    stick, gone = Stick(), threading.Event()

    def at_look(look: int) -> None:
        if look == 2:
            stick.there = False
            gone.set()

    stick.at_look = at_look

    def work(_: Pulse) -> Ending:
        assert gone.wait(5)
        return ending(outcome)

    assert guard(stick).run(work).outcome is outcome


def test_once_nothing_is_mounted_any_more_pulling_is_fine() -> None:
    stick = Stick(there=False)

    def work(pulse: Pulse) -> Ending:
        before = stick.looks
        pulse.closed = True
        while stick.looks > before + 1:
            before = stick.looks
        return ending(StickOutcome.EXPORTED)

    assert guard(stick).run(work).outcome is StickOutcome.EXPORTED


def test_a_stick_that_neither_works_nor_goes_is_given_up() -> None:
    release = threading.Event()

    def work(_: Pulse) -> Ending:
        release.wait(30)
        return ending(StickOutcome.EXPORTED)

    try:
        ended = guard(Stick(), stuck_s=90, clock=Clock()).run(work)
    finally:
        release.set()
    assert ended.outcome is StickOutcome.UNREADABLE
    assert "does not answer" in ended.message


def test_a_slow_stick_that_still_completes_something_is_waited_for() -> None:
    stick, enough = Stick(), threading.Event()

    def at_look(look: int) -> None:
        stick.done += 1
        if look == 50:
            enough.set()

    stick.at_look = at_look

    def work(_: Pulse) -> Ending:
        assert enough.wait(10)
        return ending(StickOutcome.EXPORTED)

    assert guard(stick, stuck_s=25, clock=Clock()).run(work).outcome is StickOutcome.EXPORTED


def test_a_stopped_service_ends_the_visit_and_says_so() -> None:
    watch = guard(Stick())

    def work(pulse: Pulse) -> Ending:
        watch.stopped.set()
        while True:
            pulse.beat()

    ended = watch.run(work)
    assert (ended.outcome, "going down" in ended.message) == (StickOutcome.PULLED_EARLY, True)


def test_the_state_of_the_work_is_told_meanwhile() -> None:
    told: list[tuple[str, float]] = []
    enough = threading.Event()

    def meanwhile(pulse: Pulse) -> None:
        told.append((pulse.state, pulse.share))
        enough.set()

    def work(pulse: Pulse) -> Ending:
        pulse.beat("writing", 0.25)
        pulse.beat()
        assert enough.wait(5)
        return ending(StickOutcome.EXPORTED)

    guard(Stick(), meanwhile=meanwhile).run(work)
    assert ("writing", 0.25) in told


def test_every_outcome_has_words_and_an_exit_code_of_its_own() -> None:
    assert set(USUAL) == set(EXIT_STATUS) == set(OUTCOMES)
    assert len(set(EXIT_STATUS.values())) == len(OUTCOMES)
    for outcome in OUTCOMES:
        said = ending(outcome)
        assert said.message.endswith(".")
        assert said.todo.endswith((".", "sunline usb enrol.", "'sunline-usb@*'."))
        assert said.words.isascii()
        assert len(said.words) < 260
