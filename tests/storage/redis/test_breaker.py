from hypothesis import given
from hypothesis import strategies as st

from storage.redis.breaker import Admission, Breaker, Circuit


def opened(breaker: Breaker) -> Breaker:
    for _ in range(breaker.failures_to_open):
        breaker.failed(breaker.admit(0), 0)
    return breaker


def test_a_few_failures_in_a_row_open_it() -> None:
    breaker = Breaker(failures_to_open=3)
    for _ in range(2):
        breaker.failed(breaker.admit(0), 0)
    breaker.answered()
    for _ in range(2):
        breaker.failed(breaker.admit(0), 0)
    assert breaker.circuit is Circuit.CLOSED
    breaker.failed(breaker.admit(0), 0)
    assert breaker.admit(0) is Admission.REFUSED


def test_one_probe_at_a_time_is_let_through() -> None:
    breaker = opened(Breaker(first_s=1))
    assert breaker.admit(0.9) is Admission.REFUSED
    assert breaker.admit(1.0) is Admission.PROBE
    assert breaker.admit(100) is Admission.REFUSED


def test_the_delay_between_probes_doubles_up_to_the_cap() -> None:
    breaker = opened(Breaker(first_s=1, cap_s=5))
    now, waits = 0.0, []
    for _ in range(5):
        wait = next(step for step in range(1, 100) if breaker.admit(now + step) is Admission.PROBE)
        waits.append(wait)
        now += wait
        breaker.failed(Admission.PROBE, now)
    assert waits == [1, 2, 4, 5, 5]


def test_an_answer_closes_it_and_the_delay_begins_anew() -> None:
    breaker = opened(Breaker(first_s=1))
    breaker.failed(breaker.admit(1), 1)
    breaker.answered()
    assert breaker.admit(1) is Admission.CALL
    opened(breaker)
    assert breaker.admit(1) is Admission.PROBE


def test_an_abandoned_probe_lets_the_next_caller_probe() -> None:
    breaker = opened(Breaker(first_s=1))
    breaker.abandoned(breaker.admit(1))
    assert breaker.admit(1) is Admission.PROBE


def test_an_old_call_going_away_does_not_let_a_second_probe_through() -> None:
    breaker = Breaker(first_s=1)
    old = breaker.admit(0)
    opened(breaker)
    assert breaker.admit(1) is Admission.PROBE
    breaker.abandoned(old)
    breaker.failed(old, 1)
    assert breaker.admit(1) is Admission.REFUSED


@given(st.lists(st.tuples(st.sampled_from(["admit", "answer", "fail", "abandon"]), st.floats(0, 3)), max_size=60))
def test_there_is_never_more_than_one_probe_and_it_never_refuses_for_ever(steps: list[tuple[str, float]]) -> None:
    breaker, now, out = Breaker(first_s=1, cap_s=4), 0.0, list[Admission]()
    for act, later in steps:
        now += later
        if act == "admit" or not out:
            admitted = breaker.admit(now)
            if admitted is not Admission.REFUSED:
                out.append(admitted)
        else:
            ended = out.pop(0)
            if act == "answer":
                breaker.answered()
            elif act == "fail":
                breaker.failed(ended, now)
            else:
                breaker.abandoned(ended)
    while out:
        breaker.abandoned(out.pop())
    assert breaker.admit(now + 4) is not Admission.REFUSED
