"""Values of rules as people write them. Each reader says in words what it takes, and refuses everything else."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?")
_WORD = re.compile(r"[!-~]{1,64}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,60}")
_CODE = re.compile(r"[A-Z0-9]{1,10}")
_LONGEST_LABEL, _MOST_WORDS = 60, 200


@dataclass(frozen=True, slots=True)
class Reader:
    """`takes` completes "it takes …"; `read` raises ValueError, with a reason where `takes` would not explain it."""

    takes: str
    read: Callable[[str], Any]


def whole(least: int, most: int, unit: str) -> Reader:
    """Make the reader of a whole number within a range, both ends included."""
    return _within(least, most, f"a whole number from {least} to {most} ({unit})", _WHOLE, int)


def number(least: float, most: float, unit: str) -> Reader:
    """Make the reader of a number within a range, both ends included."""
    return _within(least, most, f"a number from {least:g} to {most:g} ({unit})", _NUMBER, float)


def _within(least: float, most: float, takes: str, form: re.Pattern[str], convert: Callable[[str], float]) -> Reader:
    def read(text: str) -> float:
        if not form.fullmatch(text.strip()):
            raise ValueError
        value = convert(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return Reader(takes, read)


def _boolean(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.strip().lower() not in words:
        raise ValueError
    return words[text.strip().lower()]


def words_of(text: str) -> tuple[str, ...]:
    """Read words with commas between them, in upper case. Raises ValueError for what no scanner or tester says."""
    words = tuple(word.strip().upper() for word in text.split(",") if word.strip())
    if len(words) > _MOST_WORDS or not all(_WORD.fullmatch(word) for word in words):
        raise ValueError
    return words


def _defects(text: str) -> Mapping[str, str]:
    pairs = [line.partition("=") for line in text.replace(";", "\n").splitlines() if line.strip()]
    found = {key.strip().upper(): label.strip() for key, _, label in pairs}
    if not found or not all(_CODE.fullmatch(key) and 0 < len(label) <= _LONGEST_LABEL for key, label in found.items()):
        raise ValueError
    if len(found) < len(pairs):
        raise ValueError("a code stands there twice")
    return found


def _zone(text: str) -> ZoneInfo:
    name = text.strip()
    if not _ZONE.fullmatch(name):
        raise ValueError
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:  # OSError: the name of a folder of zones
        raise ValueError(f"there is no time zone {name}") from error


BOOLEAN = Reader("true or false", _boolean)
ZONE = Reader("a time zone like America/Indiana/Indianapolis", _zone)
WORDS = Reader("words with commas between them", words_of)
WORD_SET = Reader(WORDS.takes, lambda text: frozenset(words_of(text)))
DEFECTS = Reader("a list like 101=Cracked cell; 102=Solder joint open", _defects)
