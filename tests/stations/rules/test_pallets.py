import hypothesis.strategies as st
import pytest
from hypothesis import given

from stations.rules.pallets import next_number, number_prefix

PREFIX = number_prefix("IN", 1, 2026)


@pytest.mark.parametrize(("last", "number"), [
    (None, "PIN-1-2026-000001"), ("PIN-1-2026-000041", "PIN-1-2026-000042"),
    ("PIN-1-2026-999999", "PIN-1-2026-1000000"), ("PIN-1-2026-1000000", "PIN-1-2026-1000001"),
])  # fmt: skip
def test_numbers_count_on(last: str | None, number: str) -> None:
    assert next_number(PREFIX, last) == number


@given(st.integers(1, 10**8))
def test_no_number_is_given_twice(count: int) -> None:
    number = f"{PREFIX}{count:06d}"
    after = next_number(PREFIX, number)
    assert int(after.removeprefix(PREFIX)) == count + 1
    assert (len(after), after) > (len(number), number)
