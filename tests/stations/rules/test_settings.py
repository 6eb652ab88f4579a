from dataclasses import fields

import hypothesis.strategies as st
import pytest
from hypothesis import given

from stations.rules.settings import KEYS, Rules, Unfit, check_rule, read_rules
from storage.records import ConfigEntry
from storage.records.seeds import seed_records
from tests.stations.shift import BEGIN, SITE

SEEDED = {one.config_key: one.config_value for one in seed_records(SITE, BEGIN) if isinstance(one, ConfigEntry)}
BAD = {
    "default_pallet_size": "0", "mo_alert_threshold": "-1", "beijing_delicacy_laser_enabled": "maybe",
    "serial_pattern": "(", "max_rework_attempts": "three", "arm_timeout_s": "0", "allow_pending_electrical": "",
    "undo_window_s": "nan", "bounce_s": "-1", "session_h": "inf", "late_tolerance": "1 %", "defect_codes": "101",
    "placeholder_serials": "\x00", "setup_serials": "A B", "reference_prefixes": "x" * 65,
    "plant_time_zone": "America",
}  # fmt: skip


def test_every_rule_that_is_seeded_is_known_and_says_what_stands_without_it() -> None:
    rules, problems = read_rules(SEEDED)
    assert not problems
    assert rules == Rules()


def test_every_rule_has_a_field_of_its_own() -> None:
    names = [key.field for key in KEYS.values()]
    assert len(set(names)) == len(names)
    assert set(names) <= {one.name for one in fields(Rules)}


@pytest.mark.parametrize("key", BAD)
def test_a_bad_value_keeps_its_default_and_says_so(key: str) -> None:
    rules, problems = read_rules({**SEEDED, key: BAD[key]})
    assert rules == Rules()
    assert len(problems) == 1
    assert key in problems[0]
    assert check_rule(key, BAD[key], SEEDED) is not None


@pytest.mark.parametrize("key", KEYS)
def test_a_default_as_it_is_written_is_the_default(key: str) -> None:
    assert KEYS[key].reader.read(KEYS[key].default) == getattr(Rules(), KEYS[key].field)
    assert check_rule(key, KEYS[key].default, SEEDED) is None


@pytest.mark.parametrize(("key", "text", "words"), [
    ("max_rework_attempts", "1000000000", "a whole number from 0 to 50 (reworks)"),
    ("default_pallet_size", "1000000", "a whole number from 1 to 200 (panels)"),
    ("arm_timeout_s", "0.0001", "a number from 5 to 3600 (seconds)"),
    ("default_pallet_size", "2.5", "a whole number from 1 to 200 (panels)"),
    ("session_h", "1_0", "a number from 0.5 to 24 (hours)"),
    ("mo_alert_threshold", "9" * 5000, "a whole number from 0 to 100000 (panels)"),
    ("allow_pending_electrical", "maybe", "true or false"),
    ("defect_codes", "101", "a list like 101=Cracked cell; 102=Solder joint open"),
    ("defect_codes", "101=a; 101=b", "a code stands there twice"),
    ("plant_time_zone", "Indiana", "there is no time zone Indiana"),
    ("plant_time_zone", "../../etc/passwd", "a time zone like America/Indiana/Indianapolis"),
    ("plant_time_zone", "America", "there is no time zone America"),
    ("serial_pattern", "CRS", "it lacks the group backsheet"),
    ("serial_pattern", "a{99999999999}", "it is not a regular expression"),
])  # fmt: skip
def test_a_refused_value_is_told_what_the_rule_takes_and_nothing_else(key: str, text: str, words: str) -> None:
    unfit = check_rule(key, text, SEEDED)
    assert unfit is not None
    assert words in unfit.why
    assert "default" not in unfit.why.removeprefix(key)


@pytest.mark.parametrize("key", [key for key in KEYS if "from" in KEYS[key].reader.takes])
def test_a_number_may_be_the_least_and_the_most_and_nothing_beyond(key: str) -> None:
    reader = KEYS[key].reader
    least, most = reader.takes.split(" from ")[1].split(" (")[0].split(" to ")
    reader.read(least)
    reader.read(most)
    for text in (f"-{most}", f"{float(most) * 2:.0f}", "", "nan", "inf", "1e3", "x"):
        with pytest.raises(ValueError, match=r"^$"):
            reader.read(text)


def test_one_bad_value_spoils_no_other() -> None:
    rules, problems = read_rules({**SEEDED, "default_pallet_size": "many", "session_h": "8"})
    assert (rules.pallet_size, rules.session_h) == (25, 8.0)
    assert len(problems) == 1


def test_an_unknown_rule_is_named_and_refused() -> None:
    _, problems = read_rules({"palet_size": "20"})
    assert problems == ("There is no rule named palet_size; it has no effect.",)
    unfit = check_rule("palet_size", "20", SEEDED)
    assert unfit == Unfit("There is no rule named palet_size.", "Did you mean default_pallet_size?")


def test_a_type_on_two_lines_is_refused_and_taken_by_neither() -> None:
    rules, problems = read_rules({**SEEDED, "line_2_panel_types": "144,60"})
    assert dict(rules.line_types) == {"36": 1, "40": 1, "72": 1, "144": 2}
    assert problems == ("Panel type 60 is given to two lines; no line takes it.",)
    unfit = check_rule("line_2_panel_types", "144, 60", SEEDED)
    assert unfit == Unfit("Panel type 60 is built on line 1.", "Take it out of line_1_panel_types first.")


@pytest.mark.parametrize("text", ["61", "144,x", "144;60", ",", "\x07"])
def test_a_line_is_given_only_panel_types_that_serials_have(text: str) -> None:
    unfit = check_rule("line_2_panel_types", text, SEEDED)
    assert unfit is not None
    assert "36, 40, 60, 72" in f"{unfit.why} {unfit.todo}"


def test_a_new_panel_type_comes_into_the_serial_pattern_first() -> None:
    wider = KEYS["serial_pattern"].default.replace("|144", "|144|96")
    assert check_rule("serial_pattern", wider, SEEDED) is None
    assert check_rule("line_2_panel_types", "144,96", {**SEEDED, "serial_pattern": wider}) is None
    narrower = wider.replace("|144", "")
    unfit = check_rule("serial_pattern", narrower, SEEDED)
    assert unfit is not None
    assert "panel type 144, which line 2 builds" in unfit.why


def test_types_may_be_given_to_new_lines() -> None:
    rules, problems = read_rules({**SEEDED, "line_3_panel_types": " 96 , 108a"})
    assert not problems
    assert (rules.line_types["96"], rules.line_types["108A"]) == (3, 3)


def test_a_problem_that_was_there_before_hinders_no_other_change() -> None:
    assert check_rule("session_h", "8", {**SEEDED, "bounce_s": "x", "nonsense": "1"}) is None


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), (" Yes ", True), ("1", True), ("FALSE", False), ("no", False)]
)
def test_yes_and_no_are_understood(text: str, value: bool) -> None:
    assert read_rules({"allow_pending_electrical": text})[0].allow_pending_electrical is value


def test_defects_are_a_list_of_codes_and_labels() -> None:
    rules, _ = read_rules({"defect_codes": "a1=Cracked cell; b2 = Bubble\nc3=Two = signs"})
    assert dict(rules.defects) == {"A1": "Cracked cell", "B2": "Bubble", "C3": "Two = signs"}


@given(st.dictionaries(st.sampled_from([*KEYS, "line_1_panel_types", "line_2_panel_types"]) | st.text(), st.text()))
def test_no_rules_can_block_the_start(entries: dict[str, str]) -> None:
    rules, problems = read_rules(entries)
    assert rules.pallet_size > 0
    assert all(problem.endswith(".") for problem in problems)
