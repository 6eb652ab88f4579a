"""The rules a site may change, read from `system_config`. Bad values never block: the default stands, and is said."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stations.rules.serials import DEFAULT_PATTERN, BadPattern, compile_pattern

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


def _positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError("must be above zero")
    return value


def _natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError("must not be negative")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError("must be above zero")
    return value


def _boolean(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.strip().lower() not in words:
        raise ValueError("must be true or false")
    return words[text.strip().lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip().upper() for word in text.split(",") if word.strip())


def _defects(text: str) -> Mapping[str, str]:
    pairs = [line.partition("=") for line in text.replace(";", "\n").splitlines() if line.strip()]
    if not pairs or any(not key.strip() or not label.strip() for key, _, label in pairs):
        raise ValueError("must be a list like 101=Cracked cell; 102=…")
    return {key.strip().upper(): label.strip() for key, _, label in pairs}


KEYS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "default_pallet_size": ("pallet_size", _positive),
    "mo_alert_threshold": ("alert_threshold", _natural),
    "beijing_delicacy_laser_enabled": ("laser_enabled", _boolean),
    "serial_pattern": ("serial_pattern", compile_pattern),
    "max_rework_attempts": ("max_rework_attempts", _natural),
    "arm_timeout_s": ("arm_timeout_s", _seconds),
    "allow_pending_electrical": ("allow_pending_electrical", _boolean),
    "undo_window_s": ("undo_window_s", _seconds),
    "bounce_s": ("bounce_s", _seconds),
    "session_h": ("session_h", _seconds),
    "late_tolerance": ("late_tolerance", _seconds),
    "placeholder_serials": ("placeholder_serials", lambda text: frozenset(_words(text))),
    "setup_serials": ("setup_serials", lambda text: frozenset(_words(text))),
    "reference_prefixes": ("reference_prefixes", _words),
    "defect_codes": ("defects", _defects),
}
"""`system_config` key → field of Rules and its reader. `line_<n>_panel_types` are read beside it."""

_LINE_KEY = re.compile(r"line_([0-9]+)_panel_types")


def read_rules(entries: Mapping[str, str]) -> tuple[Rules, tuple[str, ...]]:
    """Read the rules; each entry that cannot be used keeps its default and gives one sentence."""
    changes: dict[str, Any] = {}
    problems: list[str] = []
    for key, text in entries.items():
        if key not in KEYS:
            if not _LINE_KEY.fullmatch(key):
                problems.append(f"There is no rule named {key}; it has no effect.")
            continue
        name, reader = KEYS[key]
        try:
            changes[name] = reader(text)
        except (ValueError, BadPattern) as error:
            problems.append(f"The rule {key} = {text!r} cannot be used ({error}); its default stands.")
    types, type_problems = _read_types(entries)
    if types:
        changes["line_types"] = types
    return replace(Rules(), **changes), (*problems, *type_problems)


def _read_types(entries: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    found: dict[str, int] = {}
    twice: set[str] = set()
    for key, text in sorted(entries.items()):
        match = _LINE_KEY.fullmatch(key)
        for panel_type in _words(text) if match else ():
            if match and found.setdefault(panel_type, int(match[1])) != int(match[1]):
                twice.add(panel_type)
    for panel_type in twice:
        del found[panel_type]
    return found, [f"Panel type {name} is given to two lines; no line takes it." for name in sorted(twice)]


def check_rule(key: str, text: str, entries: Mapping[str, str]) -> str | None:
    """Say why `text` cannot become the value of `key` beside the other entries; None when it can."""
    if key not in KEYS and not _LINE_KEY.fullmatch(key):
        return f"There is no rule named {key}."
    _, before = read_rules({k: v for k, v in entries.items() if k != key})
    _, after = read_rules({**entries, key: text})
    new = [problem for problem in after if problem not in before]
    return new[0] if new else None
