"""The rules a site may change, read from `system_config`. Bad values never block: the default stands, and is said."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from stations.rules.readers import BOOLEAN, DEFECTS, WORD_SET, WORDS, ZONE, Reader, number, whole, words_of
from stations.rules.serialform import listed_types, one_of
from stations.rules.serials import DEFAULT_PATTERN, compile_pattern

DEFAULT_ZONE = "America/Indiana/Indianapolis"

DEFAULT_DEFECTS: Mapping[str, str] = {
    "101": "Cracked cell",
    "102": "Solder joint open",
    "103": "String misaligned",
    "104": "Foreign body under glass",
    "105": "Bubble or delamination",
    "201": "Frame gap or scratch",
    "202": "Glass scratch",
    "203": "Sealant missing",
    "301": "Junction box misplaced",
    "302": "Potting incomplete",
    "401": "Power too low",
    "402": "High pot failed",
    "403": "Dark cell in EL",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything `system_config` says. `line_types` maps a panel type to its line."""

    pallet_size: int = 25
    alert_threshold: int = 50
    line_types: Mapping[str, int] = field(
        default_factory=lambda: {"36": 1, "40": 1, "60": 1, "72": 1, "144": 2},
    )
    laser_enabled: bool = True
    serial_pattern: re.Pattern[str] = field(default_factory=lambda: compile_pattern(DEFAULT_PATTERN))
    max_rework_attempts: int = 3
    arm_timeout_s: float = 120.0
    allow_pending_electrical: bool = False
    undo_window_s: float = 60.0
    bounce_s: float = 1.0
    entry_bounce_s: float = 0.25
    session_h: float = 10.0
    late_tolerance: float = 0.01
    placeholder_serials: frozenset[str] = frozenset({"EDITSPSN"})
    setup_serials: frozenset[str] = frozenset({"6666666"})
    reference_prefixes: tuple[str, ...] = ("GOLDENPANEL",)
    defects: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_DEFECTS))
    plant_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))


@dataclass(frozen=True, slots=True)
class Key:
    """One rule: its field of Rules, how its value is read, its default as written, what it means."""

    field: str
    reader: Reader
    default: str
    meaning: str


_PATTERN = Reader("a regular expression with the groups year, frame, backsheet, cells, sequence", compile_pattern)

KEYS: Mapping[str, Key] = {
    "default_pallet_size": Key(
        "pallet_size", whole(1, 200, "panels"), "25", "Panels on a full pallet"),
    "mo_alert_threshold": Key(
        "alert_threshold", whole(0, 100_000, "panels"), "50", "Alert when an order has this many panels left"),
    "beijing_delicacy_laser_enabled": Key(
        "laser_enabled", BOOLEAN, "true", "Take electrical values from the tester; false: by hand"),
    "serial_pattern": Key(
        "serial_pattern", _PATTERN, DEFAULT_PATTERN, "Form of a panel's serial number"),
    "max_rework_attempts": Key(
        "max_rework_attempts", whole(0, 50, "reworks"), "3",
        "A panel may be reworked this often; the next FAIL is scrap"),
    "arm_timeout_s": Key(
        "arm_timeout_s", number(5, 3600, "seconds"), "120",
        "A flash without serial belongs to the armed panel for this long"),
    "allow_pending_electrical": Key(
        "allow_pending_electrical", BOOLEAN, "false", "Station 4 may pass a panel whose electrical values come later"),
    "undo_window_s": Key(
        "undo_window_s", number(0, 3600, "seconds"), "60", "A verdict can be taken back at the station for this long"),
    "bounce_s": Key(
        "bounce_s", number(0.1, 10, "seconds"), "1", "The same code again within this time is the same scan"),
    "session_h": Key(
        "session_h", number(0.5, 24, "hours"), "10", "A sign-in ends after this long"),
    "late_tolerance": Key(
        "late_tolerance", number(0.0001, 0.5, "share: 0.01 is 1 %"), "0.01",
        "A late value may differ this much from the one entered by hand"),
    "placeholder_serials": Key(
        "placeholder_serials", WORD_SET, "EDITSPSN", "What the tester sends where nobody gave a serial"),
    "setup_serials": Key(
        "setup_serials", WORD_SET, "6666666", "What the tester sends while it is set up"),
    "reference_prefixes": Key(
        "reference_prefixes", WORDS, "GOLDENPANEL", "How the names of reference panels begin"),
    "plant_time_zone": Key(
        "plant_zone", ZONE, DEFAULT_ZONE, "The zone whose calendar days an export counts"),
    "defect_codes": Key(
        "defects", DEFECTS, "; ".join(f"{code}={label}" for code, label in DEFAULT_DEFECTS.items()),
        "Codes and names of defects on the command sheets"),
}  # fmt: skip
"""Every rule by its `system_config` key. `line_<n>_panel_types` are read beside them."""

_LINE_KEY = re.compile(r"line_([1-9])_panel_types")
TYPES_TAKE = "panel types with commas between them"


def takes(key: str) -> str:
    """Say what a rule takes; empty for a rule there is not."""
    return KEYS[key].reader.takes if key in KEYS else TYPES_TAKE if _LINE_KEY.fullmatch(key) else ""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a value cannot become a rule's, and what to do."""

    why: str
    todo: str


def read_rules(entries: Mapping[str, str]) -> tuple[Rules, tuple[str, ...]]:
    """Read the rules; each entry that cannot be used keeps its default and gives one sentence."""
    changes: dict[str, Any] = {}
    problems: list[str] = []
    for key, text in entries.items():
        if key not in KEYS:
            if not _LINE_KEY.fullmatch(key):
                problems.append(f"There is no rule named {key}; it has no effect.")
            continue
        try:
            changes[KEYS[key].field] = KEYS[key].reader.read(text)
        except ValueError as error:
            why = _reason(key, error)
            problems.append(f"The rule {key} = {text!r} cannot be used: {why}. Its default stands.")
    types, type_problems = _read_types(entries)
    if types:
        changes["line_types"] = types
    return replace(Rules(), **changes), (*problems, *type_problems)


def _reason(key: str, error: ValueError) -> str:
    return str(error) or f"it takes {takes(key)}"


def _read_types(entries: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    found: dict[str, int] = {}
    problems: list[str] = []
    twice: set[str] = set()
    for key, text in sorted(entries.items()):
        match = _LINE_KEY.fullmatch(key)
        if match is None:
            continue
        try:
            types = words_of(text)
        except ValueError:
            problems.append(f"The rule {key} = {text!r} cannot be used: it takes {TYPES_TAKE}.")
            continue
        twice |= {one for one in types if found.setdefault(one, int(match[1])) != int(match[1])}
    for panel_type in twice:
        del found[panel_type]
    return found, problems + [f"Panel type {name} is given to two lines; no line takes it." for name in sorted(twice)]


def check_rule(key: str, text: str, entries: Mapping[str, str]) -> Unfit | None:
    """Say why `text` cannot become the value of `key` beside the other entries; None when it can."""
    line = _LINE_KEY.fullmatch(key)
    others = read_rules({k: v for k, v in entries.items() if k != key})[0]
    if line:
        return _check_types(text, int(line[1]), others)
    if key not in KEYS:
        return Unfit(f"There is no rule named {key}.", _nearest(key, entries))
    try:
        value = KEYS[key].reader.read(text)
    except ValueError as error:
        return Unfit(f"{key} cannot be {text!r}: {_reason(key, error)}.", "Give another value.")
    return _check_pattern(value, others) if key == "serial_pattern" else None


def _nearest(key: str, entries: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(key, {*KEYS, *entries}, 1)
    return f"Did you mean {near[0]}?" if near else "List them: sunline rule list."


def _check_types(text: str, line: int, others: Rules) -> Unfit | None:
    known = listed_types(others.serial_pattern)
    wanted = f"{TYPES_TAKE}, of {one_of(known)}" if known else TYPES_TAKE
    try:
        types = words_of(text)
    except ValueError:
        types = ()
    if not types:
        return Unfit(f"line_{line}_panel_types cannot be {text!r}: it takes {wanted}.", "Give another value.")
    for one in types:
        if known and one not in known:
            todo = f"Known types: {', '.join(known)}. A new type goes into serial_pattern first."
            return Unfit(f"No serial has panel type {one}.", todo)
        rival = others.line_types.get(one, line)
        if rival != line:
            return Unfit(
                f"Panel type {one} is built on line {rival}.", f"Take it out of line_{rival}_panel_types first."
            )
    return None


def _check_pattern(pattern: re.Pattern[str], others: Rules) -> Unfit | None:
    known = listed_types(pattern)
    lost = [one for one in others.line_types if known and one not in known]
    if not lost:
        return None
    line = others.line_types[lost[0]]
    todo = f"Put it under (?P<cells>...), or take it out of line_{line}_panel_types first."
    return Unfit(f"This serial_pattern does not read panel type {lost[0]}, which line {line} builds.", todo)
