"""Printed numbers are read strictly; check values agree with published ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.tester.checksums import ChecksumKind, crc16_modbus, hex_checksum
from drivers.tester.numbers import NotANumber, Printed, read_number

NULLS = ("", "-", "nan", "9.91E37", "9999")


@pytest.mark.parametrize(
    ("text", "value", "digits"),
    [
        ("450.10", 450.10, 5),
        ("+4.501000E+02", 450.1, 7),
        ("450", 450.0, 3),
        ("0.0045", 0.0045, 2),
        ("-5.123E-03", -0.005123, 4),
        (" .5 ", 0.5, 1),
        ("7.", 7.0, 1),
        ("0.00", 0.0, 0),
    ],
)
def test_numbers_carry_the_digits_they_were_printed_with(text: str, value: float, digits: int) -> None:
    assert read_number(text) == Printed(value, digits)


def test_a_decimal_comma_is_read_where_the_dialect_has_one() -> None:
    assert read_number("450,1", decimal=",") == Printed(450.1, 4)
    for text in ("1.234,5", "450.1"):
        with pytest.raises(NotANumber):
            read_number(text, decimal="," if "," in text else ".", unit="x") if "," in text else read_number("450,1")


def test_units_come_off_in_any_case_with_or_without_a_blank() -> None:
    assert read_number("450.1 W", unit="W") == read_number("450.1w", unit="W") == Printed(450.1, 4)
    with pytest.raises(NotANumber):
        read_number("450.1 V", unit="W")


def test_scales_are_applied_in_decimal() -> None:
    assert read_number("10700", scale=0.001) == Printed(10.7, 5)
    assert read_number("0.4501", unit="kW", scale=1000) == Printed(450.1, 4)


@pytest.mark.parametrize("text", ["", " ", "-", "NaN", "+9.910000E+37", "9999", "9999.00", "- W"])
def test_null_tokens_mean_not_given_and_never_zero(text: str) -> None:
    assert read_number(text, unit="W", nulls=NULLS) is None


@pytest.mark.parametrize("text", ["45O.1", "1 2", "0x10", "inf", "1e999", "1_000", "٣", "--1", "1.2.3", "+", "."])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        read_number(text)


@settings(deadline=None)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives_printing(value: float) -> None:
    printed = read_number(repr(value))
    assert printed is not None
    assert printed.value == value


@settings(deadline=None)
@given(text=st.text(max_size=12))
def test_any_text_is_a_number_a_null_or_refused(text: str) -> None:
    try:
        read_number(text, decimal=",", unit="W", scale=0.001, nulls=NULLS)
    except NotANumber:
        return


def test_check_values_agree_with_published_ones() -> None:
    assert crc16_modbus(b"123456789") == 0x4B37
    assert hex_checksum(ChecksumKind.CRC16_MODBUS, b"123456789") == b"4B37"
    sentence = b"GPGLL,5300.97914,N,00259.98174,E,125926,A"
    assert hex_checksum(ChecksumKind.XOR8, sentence) == b"28"
    assert hex_checksum(ChecksumKind.SUM8, b"\xff\x02") == b"01"
