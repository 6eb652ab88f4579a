"""How much goes up at once."""

from hypothesis import given
from hypothesis import strategies as st

from storage.sync.pace import Pace


@given(went=st.lists(st.booleans()), whole=st.integers(1, 1_000))
def test_something_always_goes_never_more_than_a_batch_and_soon_all_of_it_again(went: list[bool], whole: int) -> None:
    pace = Pace()
    for arrived in went:
        (pace.faster if arrived else pace.slower)()
        assert 1 <= pace.of(whole) <= whole
    for _ in range(6):
        pace.faster()
    assert pace.of(whole) == whole


def test_what_does_not_arrive_in_time_is_sent_in_smaller_parts() -> None:
    pace = Pace()
    sizes = []
    for _ in range(4):
        pace.slower()
        sizes.append(pace.of(500))
    assert sizes == [125, 31, 10, 10]
