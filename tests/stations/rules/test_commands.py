import hypothesis.strategies as st
import pytest
from hypothesis import given

from stations.rules.commands import (
    BADGE_PREFIX,
    COMMANDS,
    DIGIT_PREFIX,
    TEST_CODES,
    Code,
    Meaning,
    badge_hash,
    bind_code,
    defect_code,
    fail_code,
    read_code,
)
from stations.rules.serials import DEFAULT_PATTERN, compile_pattern, normalise, parse_serial
from stations.rules.settings import DEFAULT_DEFECTS
from tests.stations.shift import serial


@pytest.mark.parametrize("barcode", COMMANDS)
def test_every_printed_command_means_itself(barcode: str) -> None:
    assert read_code(normalise(barcode.lower())) == Code(COMMANDS[barcode][0])


def test_no_two_commands_mean_or_say_the_same() -> None:
    assert len({meaning for meaning, _ in COMMANDS.values()}) == len(COMMANDS)
    assert len({label for _, label in COMMANDS.values()}) == len(COMMANDS)


@given(st.integers(1, 99))
def test_every_printed_criterion_is_read_back(number: int) -> None:
    assert read_code(fail_code(number)) == Code(Meaning.FAIL, str(number))


@pytest.mark.parametrize("code", DEFAULT_DEFECTS)
def test_every_printed_defect_is_read_back(code: str) -> None:
    assert read_code(normalise(defect_code(code))) == Code(Meaning.DEFECT, code)


@pytest.mark.parametrize("digit", "0123456789")
def test_every_printed_digit_is_read_back(digit: str) -> None:
    assert read_code(DIGIT_PREFIX + digit) == Code(Meaning.DIGIT, digit)


@pytest.mark.parametrize("station", [1, 2, 3, 4])
def test_every_printed_station_is_read_back(station: int) -> None:
    assert read_code(normalise(bind_code(2, station).lower())) == Code(Meaning.BIND, f"2-{station}")


@pytest.mark.parametrize("text", TEST_CODES)
def test_every_printed_test_code_is_only_a_test(text: str) -> None:
    for said in (text, text.upper(), text.lower(), text.swapcase(), f"]C0{text}"):
        assert read_code(normalise(said)).meaning is Meaning.TEST
    assert read_code(normalise(text[1:])).meaning is Meaning.SERIAL
    assert parse_serial(normalise(text), compile_pattern(DEFAULT_PATTERN)) is None


def test_badges_are_read_in_any_case_and_stored_as_a_hash() -> None:
    assert read_code(normalise(BADGE_PREFIX + "a1b2")) == Code(Meaning.BADGE, "A1B2")
    assert badge_hash("a1b2") == badge_hash("A1B2") != badge_hash("A1B3")
    assert len(badge_hash("a1b2")) == 64


@pytest.mark.parametrize("text", [
    "", "SL-", "SL-X", "SL-N-", "SL-N-10", "SL-N-X", "SL-N-\u0661", "SL-F-", "SL-F-100", "SL-F-X", "SL-F--1", "SL-D-",
    "SL-U-", "SL-PASSX", "SL-PASS SL-PASS", "SL-F-\u00b2", "SL-BIND-", "SL-BIND-X", "SL-BIND-2", "SL-BIND-0-1",
    "SL-BIND-1-2-3", "SL-BIND-12", "SL-TEST-", "SL-TEST",
])  # fmt: skip
def test_a_damaged_command_is_unknown_and_never_a_serial(text: str) -> None:
    assert read_code(text).meaning is Meaning.UNKNOWN


@pytest.mark.parametrize("text", [serial(1), serial(2, "144"), "PASS", "garbage"])
def test_everything_without_our_prefix_is_taken_for_a_serial(text: str) -> None:
    assert read_code(text) == Code(Meaning.SERIAL, text)


@given(st.text())
def test_whatever_is_scanned_has_a_meaning(text: str) -> None:
    code = read_code(normalise(text))
    assert code.meaning is not Meaning.FAIL or 0 <= int(code.argument) <= 99
