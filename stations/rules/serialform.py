"""The form of a serial in words, read off its pattern: what people are told to expect."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(r"\(\?P<([a-z]+)>")
_DIGITS = re.compile(r"(?:\[0-9\]|\\d)(?:\{([0-9]+)\})?")
_SET = re.compile(r"\[([A-Za-z0-9]+)\]")
_CHOICE = re.compile(r"[A-Za-z0-9]+(?:\|[A-Za-z0-9]+)*")
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")
_CALLED = {"sequence": "number"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a pattern: a named group, or what stands between groups (no name)."""

    name: str
    text: str

    @property
    def choices(self) -> tuple[str, ...]:
        """What the piece may be, where that can be listed."""
        if found := _SET.fullmatch(self.text):
            return tuple(found[1]) if "-" not in found[1] else ()
        return tuple(self.text.split("|")) if _CHOICE.fullmatch(self.text) else ()

    @property
    def digits(self) -> int:
        """How many digits the piece is; 0 where it is something else."""
        found = _DIGITS.fullmatch(self.text)
        return int(found[1] or 1) if found else 0

    def words(self) -> str:
        """Describe the piece; a part of an expression that has no plain words is shown as it stands."""
        if not self.name:
            return self.text
        many = "s" if self.digits > 1 else ""
        means = f"{self.digits} digit{many}" if self.digits else one_of(self.choices) or self.text
        return f"{_CALLED.get(self.name, self.name)} ({means})"

    def sample(self) -> str:
        """Give text that fits; empty where that takes more than a look."""
        if not self.name:
            return self.text if _PLAIN.fullmatch(self.text) else ""
        if self.name == "year" and self.digits in (2, 4):
            return "2025"[-self.digits :]
        if self.digits:
            return "1".zfill(self.digits)
        return max(self.choices, key=("60", "W", "T").count) if self.choices else ""


def serial_in_words(pattern: re.Pattern[str]) -> str:
    """Describe what a pattern reads: `CRS, year (2 digits), frame (W or B), …, like CRS25WT6000001`."""
    pieces = tuple(_pieces(pattern.pattern))
    sample = "".join(piece.sample() for piece in pieces)
    said = ", ".join(piece.words() for piece in pieces)
    return f"{said}, like {sample}" if pattern.fullmatch(sample) else said


def listed_types(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """List the panel types a pattern reads; empty where it does not list them."""
    return next((piece.choices for piece in _pieces(pattern.pattern) if piece.name == "cells"), ())


def one_of(choices: tuple[str, ...]) -> str:
    """Write a choice: `36, 40 or 60`."""
    *most, last = choices or ("",)
    return f"{', '.join(most)} or {last}" if most else last


def _pieces(pattern: str) -> Iterator[_Piece]:
    at = 0
    while opening := _OPENING.search(pattern, at):
        if opening.start() > at:
            yield _Piece("", pattern[at : opening.start()])
        end = _closing(pattern, opening.end())
        yield _Piece(opening[1], pattern[opening.end() : end])
        at = end + 1
    if pattern[at:]:
        yield _Piece("", pattern[at:])


def _closing(pattern: str, at: int) -> int:
    """Find the parenthesis that ends the group whose inside begins at `at`."""
    depth, within_set = 1, False
    while at < len(pattern):
        mark = pattern[at]
        if mark == "\\":
            at += 1
        elif mark == "]":
            within_set = False
        elif within_set or mark == "[":
            within_set = True
        else:
            depth += {"(": 1, ")": -1}.get(mark, 0)
        if not depth:
            return at
        at += 1
    return at
