import hypothesis.strategies as st
import pytest
from hypothesis import given

from stations.rules.serialform import listed_types, serial_in_words
from stations.rules.serials import (
    DEFAULT_PATTERN,
    BadPattern,
    Serial,
    compile_pattern,
    normalise,
    parse_serial,
    why_not_a_serial,
)

DEFAULT = compile_pattern(DEFAULT_PATTERN)
SITE = compile_pattern(
    r"CRS(?P<year>[0-9]{2})(?P<frame>[WBR])(?P<backsheet>[TWB])(?P<cells>36|40|60|72|144)[A-Z]?(?P<sequence>[0-9]{5})"
)
GOOD = "CRS25WT6000001"

SERIALS = st.builds(
    "CRS{:02}{}{}{}{:05}".format, st.integers(0, 99), st.sampled_from("WB"), st.sampled_from("TWB"),
    st.sampled_from(["36", "40", "60", "72", "144"]), st.integers(0, 99999),
)  # fmt: skip


@given(SERIALS)
def test_every_serial_of_the_documented_form_is_read(text: str) -> None:
    serial = parse_serial(text, DEFAULT)
    assert serial is not None
    year, rest = serial.year - 2000, text[5:]
    assert f"CRS{year:02}{serial.frame}{serial.backsheet}{serial.panel_type}" == text[:-5]
    assert rest.startswith(serial.frame)


def test_a_serial_is_taken_apart() -> None:
    assert parse_serial("CRS25BT14400042", DEFAULT) == Serial("CRS25BT14400042", 2025, "B", "T", "144")


@pytest.mark.parametrize("text", [
    "", GOOD + "\n", "\n" + GOOD, GOOD + " ", GOOD[:-1], GOOD + "1", GOOD.lower(), "X" + GOOD, GOOD + ".",
    "CRS25RT6000001", "CRS25WX6000001", "CRS25WT6100001", "CRS25WT72M00001", "S25WT3608927", "CRS2XWT6000001",
    "CRS\u0662\u0665WT6000001", "CRS25WT60\u0660\u0660\u0660\u0660\u0661", "CRS\u0968\u096bWT6000001",
    "CRS25WT60\uff10\uff10\uff10\uff10\uff11", "230.CRS25WT7223695", "CRS25WT6000001CRS25WT6000002", GOOD * 9,
])  # fmt: skip
def test_nothing_else_is_a_serial(text: str) -> None:
    assert parse_serial(text, DEFAULT) is None


@given(st.text(max_size=30))
def test_whatever_is_scanned_is_read_or_refused_in_words(text: str) -> None:
    folded = normalise(text)
    assert parse_serial(folded, DEFAULT) or why_not_a_serial(folded, DEFAULT).endswith(".")


@pytest.mark.parametrize("scanned", [
    GOOD, GOOD.lower(), f"  {GOOD}\r\n", f"]C0{GOOD}", f"]d1{GOOD.lower()}", f"]Q3 {GOOD}", f"\t]A0{GOOD}",
    "".join(chr(ord(character) + 0xFEE0) for character in GOOD), "\uff23RS25WT60\uff10\uff10\uff10\uff10\uff11",
])  # fmt: skip
def test_what_scanners_make_of_a_serial_is_undone(scanned: str) -> None:
    assert normalise(scanned) == GOOD


def test_an_identifier_in_the_middle_is_two_scans() -> None:
    text = normalise("CRS25WT72M22]d6")
    assert parse_serial(text, SITE) is None
    assert "two scans ran together" in why_not_a_serial(text, SITE)


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert once.startswith("]") or normalise(once) == once


@pytest.mark.parametrize(("text", "frame", "cells"), [
    ("CRS24RW72M00494", "R", "72"), ("CRS24WW144A00494", "W", "144"), ("CRS24RW6000494", "R", "60"), (GOOD, "W", "60"),
])  # fmt: skip
def test_a_site_may_print_letters_and_frames_of_its_own(text: str, frame: str, cells: str) -> None:
    serial = parse_serial(text, SITE)
    assert serial is not None
    assert (serial.number, serial.frame, serial.panel_type) == (text, frame, cells)


def test_a_site_pattern_knows_ascii_digits_alone() -> None:
    loose = compile_pattern(r"(?P<year>\d\d)(?P<frame>\w)(?P<backsheet>\w)(?P<cells>\d\d)(?P<sequence>\d{5})")
    assert parse_serial("25WT6000001", loose) is not None
    assert parse_serial("\u0662\u0665WT6000001", loose) is None


@pytest.mark.parametrize(("pattern", "word"), [
    ("(", "regular expression"), ("CRS", "group"),
    (r"(?P<year>..)(?P<frame>.)(?P<backsheet>.)(?P<cells>..)", "sequence"),
])  # fmt: skip
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, word: str) -> None:
    with pytest.raises(BadPattern, match=word):
        compile_pattern(pattern)


@pytest.mark.parametrize("optional", ["year", "frame", "backsheet", "cells", "sequence"])
def test_a_serial_that_lacks_an_optional_group_is_none(optional: str) -> None:
    parts = {"year": "[0-9]{2}", "frame": "[WB]", "backsheet": "[TWB]", "cells": "60", "sequence": "[0-9]{5}"}
    pattern = "CRS" + "".join(f"(?P<{name}>{part})" + "?" * (name == optional) for name, part in parts.items())
    given_parts = {"year": "25", "frame": "W", "backsheet": "T", "cells": "60", "sequence": "00001"}
    text = "CRS" + "".join(part for name, part in given_parts.items() if name != optional)
    assert parse_serial(text, compile_pattern(pattern)) is None
    assert parse_serial(GOOD, compile_pattern(pattern)) is not None


def test_a_year_that_is_no_number_makes_no_serial() -> None:
    pattern = compile_pattern(r"(?P<year>[A-Z])(?P<frame>W)(?P<backsheet>T)(?P<cells>60)(?P<sequence>[0-9]{5})")
    assert parse_serial("KWT6000001", pattern) is None


def test_an_unreadable_serial_is_shown_beside_the_form_it_should_have() -> None:
    why = why_not_a_serial("CRS25RT6000001", DEFAULT)
    assert "Read: CRS25RT6000001." in why
    assert "year (2 digits), frame (W or B), backsheet (T, W or B), cells (36, 40, 60, 72 or 144)" in why
    assert "like CRS25WT6000001" in why
    assert "Read: CRS?25." in why_not_a_serial("CRS\x0025", DEFAULT)
    assert len(why_not_a_serial("9" * 4000, DEFAULT)) < 300


@pytest.mark.parametrize(("pattern", "words"), [
    (SITE.pattern, "cells (36, 40, 60, 72 or 144), [A-Z]?, number (5 digits), like CRS25WT6000001"),
    (r"(?P<year>\d{4})-(?P<frame>[A-Z])(?P<backsheet>(T)|\))(?P<cells>\d+)(?P<sequence>\d)",
     r"year (4 digits), -, frame ([A-Z]), backsheet ((T)|\)), cells (\d+), number (1 digit)"),
])  # fmt: skip
def test_the_form_of_a_sites_own_serials_is_told_from_its_pattern(pattern: str, words: str) -> None:
    assert serial_in_words(compile_pattern(pattern)).endswith(words)


@pytest.mark.filterwarnings("ignore:Possible")
@given(st.text(st.sampled_from("(?P<cells>)[]{}|\\d0-9WT+*^$"), max_size=40))
def test_any_pattern_at_all_can_be_told_in_words(middle: str) -> None:
    groups = "".join(f"(?P<{name}>0)" for name in ("year", "frame", "backsheet", "sequence"))
    try:
        pattern = compile_pattern(f"{groups}{middle}(?P<cells>1|2)")
    except BadPattern:
        return
    assert serial_in_words(pattern)
    assert all(isinstance(one, str) for one in listed_types(pattern))


@pytest.mark.parametrize(
    "text", ["25WWT60" + "1" * 44, "25WWXT60" + "1" * 5, "25WTTT60" + "1" * 5, "2025025WWT60" + "1" * 5], ids=len
)
def test_a_site_pattern_lets_nothing_through_that_records_cannot_hold(text: str) -> None:
    pattern = compile_pattern("(?P<year>[0-9]+)W(?P<frame>[WX]+)(?P<backsheet>T+)(?P<cells>60)(?P<sequence>[0-9]+)")
    assert parse_serial("25WWT6011111", pattern) is not None
    assert parse_serial(text, pattern) is None
