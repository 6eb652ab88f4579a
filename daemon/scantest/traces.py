"""From what arrived back to the printed code: which one it was, and what the scanner made of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.scantest.manners import MANNERS, Manner, sayings
from stations.rules.commands import TEST_CODES, TEST_PREFIX

_EXTRA_MOST: Final = 12
"""So many characters beside a code are a scanner's prefix and suffix; more are another barcode."""

_ALIKE: Final = 0.6
"""A text with so many characters in their places is the code, its other characters changed on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How a text comes from the test code `number`, counted from 0, said in one of `manners`, the plainest first.

    `lost`: its first character is missing; `cut`: its end is. `front` and `back` were put around it. `changed`:
    characters became others, in no known way.
    """

    number: int
    manners: tuple[Manner, ...] = MANNERS[:1]
    lost: bool = False
    cut: bool = False
    front: str = ""
    back: str = ""
    changed: bool = False
    twice: bool = False

    @property
    def manner(self) -> Manner:
        """The plainest manner."""
        return self.manners[0]


def trace(text: str) -> Trace | None:
    """Find the code a text comes from, by the simplest fault that explains it; None for what is no test code."""
    half = text[: len(text) // 2]
    return (
        _exact(text)
        or _lost(text)
        or (_twice(half) if text == half + half else None)
        or _within(text)
        or _cut(text)
        or _alike(text)
    )


def _exact(text: str) -> Trace | None:
    ways = sayings(TEST_CODES).get(text)
    return Trace(number=ways[0][0], manners=tuple(manner for _, manner in ways)) if ways else None


def _lost(text: str) -> Trace | None:
    ways = [way for said, found in sayings(TEST_CODES).items() if said[1:] == text for way in found]
    return _from(ways, lost=True) if ways else None


def _twice(half: str) -> Trace | None:
    found = _exact(half) or _lost(half)
    return replace(found, twice=True) if found else None


def _within(text: str) -> Trace | None:
    """Find the code in the text around which the least was put."""
    found = [
        Trace(number=ways[0][0], manners=tuple(manner for _, manner in ways), front=front, back=back)
        for said, ways in sayings(TEST_CODES).items()
        for front, middle, back in (text.partition(said),)
        if middle and len(front) + len(back) <= _EXTRA_MOST
    ]
    return min(found, key=lambda one: len(one.front) + len(one.back), default=None)


def _cut(text: str) -> Trace | None:
    """Find the code whose beginning this is, its number included."""
    least = len(TEST_PREFIX) + 2
    ways = [way for said, found in sayings(TEST_CODES).items() if said.startswith(text) for way in found]
    return _from(ways, cut=True) if ways and len(text) >= least else None


def _alike(text: str) -> Trace | None:
    """Find the code that has most of the characters in their places."""
    known = [said for said in sayings(TEST_CODES) if abs(len(said) - len(text)) <= _EXTRA_MOST]
    nearest = max(known, key=lambda said: _likeness(text, said), default="")
    if _likeness(text, nearest) < _ALIKE:
        return None
    return Trace(number=sayings(TEST_CODES)[nearest][0][0], changed=True)


def _likeness(text: str, said: str) -> float:
    same = sum(a == b for a, b in zip(text, said, strict=False))
    return same / max(len(text), len(said), 1) if same > len(TEST_PREFIX) + 1 else 0.0


def _from(ways: Sequence[tuple[int, Manner]], *, lost: bool = False, cut: bool = False) -> Trace:
    best = min(ways, key=lambda way: way[1].oddity)
    manners = sorted({manner for number, manner in ways if number == best[0]}, key=MANNERS.index)
    return Trace(number=best[0], manners=tuple(manners), lost=lost, cut=cut)


def trace_all(texts: Sequence[str]) -> list[Trace | None]:
    """Find the code of every text; what the scanner puts in front of most of them is in front of all."""
    found = [trace(text) for text in texts]
    fronts = [one.front for one in found if one is not None]
    usual = max(fronts, key=fronts.count, default="")
    return [
        one if one is not None or not (usual and text.startswith(usual)) else _behind(usual, text)
        for text, one in zip(texts, found, strict=True)
    ]


def _behind(front: str, text: str) -> Trace | None:
    found = trace(text.removeprefix(front))
    return replace(found, front=front) if found else None


def common_manner(traces: Sequence[Trace]) -> Manner:
    """Give the manner that explains most of the texts; of several the plainest."""
    counted = Counter(manner for one in traces for manner in one.manners if not one.changed)
    most = max(counted.values(), default=0)
    return next((manner for manner in MANNERS if counted[manner] == most and most), MANNERS[0])
