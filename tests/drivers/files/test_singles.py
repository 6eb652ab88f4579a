import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.files.singles import is_not_given, number_of, number_text, shortest, significant_digits

SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)


def as_single(value: float) -> bytes:
    return struct.pack("f", value)


@given(SINGLES)
def test_shortest_text_reads_back_as_the_same_single(value: float) -> None:
    assert as_single(float(shortest(value))) == as_single(value)


@given(st.floats(2.0**-100, 2.0**100, width=32))
def test_no_shorter_text_would_do(value: float) -> None:
    digits = significant_digits(shortest(value))
    assert digits == 1 or as_single(float(f"{value:.{digits - 1}g}")) != as_single(value)


@given(st.decimals(min_value="-9999", max_value="9999", places=2))
def test_six_printed_digits_survive_single_precision(value: object) -> None:
    (widened,) = struct.unpack("f", struct.pack("f", float(str(value))))
    assert float(shortest(widened)) == float(str(value))


@pytest.mark.parametrize(
    ("text", "digits"),
    [("449.51935", 8), ("0.7877", 4), ("450", 2), ("1e-06", 1), ("10.0703", 6), ("-0", 1), ("9999", 4)],
)
def test_digits_are_counted_between_the_outer_non_zero_ones(text: str, digits: int) -> None:
    assert significant_digits(text) == digits


@given(st.floats(allow_nan=False))
def test_number_text_reads_back_in_single_or_double_precision(value: float) -> None:
    read_back = float(number_text(value))
    assert read_back == value or as_single(read_back) == as_single(value)


def test_whole_and_single_numbers_are_written_as_people_do() -> None:
    (widened,) = struct.unpack("f", struct.pack("f", 0.7877))
    assert [number_text(x) for x in (17.0, widened, 0.1, 1e300)] == ["17", "0.7877", "0.1", "1e+300"]


@pytest.mark.parametrize("text", ["449.5", " 449.5 ", "４４９．５", "+449.5", "4.495E2"])
def test_number_texts_are_read_full_width_too(text: str) -> None:
    assert number_of(text) == 449.5


@pytest.mark.parametrize("text", ["", "nan", "inf", "-Infinity", "1_0", "449,5", "0x1F", "1e999", "12 W", "٣"])
def test_what_is_no_plain_number_is_none(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize("text", ["", " ", "-", "NaN", "-inf", "Infinity", "1.#IND", "-1.#IND", "#DIV/0!", "#N/A"])
def test_texts_for_no_number(text: str) -> None:
    assert is_not_given(text)


@pytest.mark.parametrize("text", ["0", "CALI", "449,5", "none"])
def test_other_texts_do_not_stand_for_no_number(text: str) -> None:
    assert not is_not_given(text)
