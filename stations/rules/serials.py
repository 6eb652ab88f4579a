"""Serial numbers: normalise what was scanned, read what the pattern says."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stations.rules.serialform import serial_in_words

DEFAULT_PATTERN = (
    r"CRS(?P<year>[0-9]{2})(?P<frame>[WB])(?P<backsheet>[TWB])(?P<cells>36|40|60|72|144)(?P<sequence>[0-9]{5})"
)
"""`CRSYYFBPP#####`: year, frame W silver or B black, backsheet T W B, cells, five-digit sequence."""

_FITS: Mapping[str, Callable[[str], bool]] = {
    "year": lambda text: text.isdecimal() and len(text) in (2, 4),
    "frame": lambda text: len(text) == 1,
    "backsheet": lambda text: len(text) == 1,
    "cells": lambda text: 1 <= len(text) <= 10,
    "sequence": lambda _: True,
}
_GROUPS = frozenset(_FITS)
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_LONGEST = 50
_SHOWN = 40
_LONGEST_PATTERN = 500


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial number taken apart. `year` has four digits; `panel_type` is the number of cells as text."""

    number: str
    year: int
    frame: str
    backsheet: str
    panel_type: str


class BadPattern(ValueError):
    """The configured serial pattern cannot be used; says why."""


def normalise(text: str) -> str:
    """Fold what was scanned to the form serials are compared in: NFKC, no AIM identifier, trimmed, upper case."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if _AIM.match(folded):
        folded = folded[3:]
    return folded.strip().upper()


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a site's serial pattern.

    Raises BadPattern unless it is a regular expression with the groups year, frame, backsheet, cells, sequence.
    """
    if len(pattern) > _LONGEST_PATTERN:
        raise BadPattern(f"it is longer than {_LONGEST_PATTERN} characters")
    try:
        compiled = re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise BadPattern(f"it is not a regular expression: {error}") from error
    missing = _GROUPS - set(compiled.groupindex)
    if missing:
        raise BadPattern(f"it lacks the group {min(missing)}, written (?P<{min(missing)}>...)")
    return compiled


def parse_serial(text: str, pattern: re.Pattern[str]) -> Serial | None:
    """Read a normalised serial; None unless the whole text fits the pattern and every part what records hold."""
    match = pattern.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not all(match[name] is not None and fits(match[name]) for name, fits in _FITS.items()):
        return None
    year = int(match["year"])
    return Serial(text, 2000 + year if year < 100 else year, match["frame"], match["backsheet"], match["cells"])


def why_not_a_serial(text: str, pattern: re.Pattern[str]) -> str:
    """Say what is wrong with a text that should have been a serial: the likeliest reason, what was read, the form."""
    expected = f"Expected: {serial_in_words(pattern)}."
    if len(text) > _LONGEST:
        return f"The code is far too long for a serial: {len(text)} characters. {expected}"
    read = f"Read: {_shown(text)}."
    if pattern.search(text):
        return f"The code holds a serial and more: two scans ran together. {read}"
    if "]" in text:
        return f"The code has a scanner identifier in the middle: two scans ran together. {read}"
    if not text.isascii() or not text.isprintable():
        return f"The code holds characters no serial has. {read} {expected}"
    return f"The code is not a panel serial. {read} {expected}"


def _shown(text: str) -> str:
    plain = "".join(one if one.isprintable() else "?" for one in text)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."
