"""Serial numbers: normalise what was scanned, read what the pattern says."""

import re
import unicodedata
from dataclasses import dataclass

DEFAULT_PATTERN = (
    r"CRS(?P<year>[0-9]{2})(?P<frame>[WB])(?P<backsheet>[TWB])(?P<cells>36|40|60|72|144)(?P<sequence>[0-9]{5})"
)
"""`CRSYYFBPP#####`: year, frame W silver or B black, backsheet T W B, cells, five-digit sequence."""

_GROUPS = frozenset({"year", "frame", "backsheet", "cells", "sequence"})
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_LONGEST = 64


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
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error as error:
        raise BadPattern(f"The serial pattern is not a regular expression: {error}.") from error
    missing = _GROUPS - set(compiled.groupindex)
    if missing:
        raise BadPattern(f"The serial pattern lacks the group {min(missing)!r}.")
    return compiled


def parse_serial(text: str, pattern: re.Pattern[str]) -> Serial | None:
    """Read a normalised serial; None unless the whole text fits the pattern."""
    if len(text) > _LONGEST:
        return None
    match = pattern.fullmatch(text)
    if match is None or any(match[name] is None for name in _GROUPS) or not match["year"].isdecimal():
        return None
    year = int(match["year"])
    return Serial(text, 2000 + year if year < 100 else year, match["frame"], match["backsheet"], match["cells"])


def why_not_a_serial(text: str, pattern: re.Pattern[str]) -> str:
    """Say in one plain sentence what is wrong with a text that should have been a serial."""
    if len(text) > _LONGEST:
        return "The code is far too long for a serial."
    if pattern.search(text):
        return "The code holds a serial and more: two scans ran together."
    if "]" in text:
        return "The code has a scanner identifier in the middle: two scans ran together."
    if not text.isascii() or not text.isprintable():
        return "The code holds characters no serial has."
    return "The code is not a panel serial."
