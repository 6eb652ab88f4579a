"""The five electrical values of both sides: whether they agree, and whose they may be instead."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice, takewhile
from math import isclose, log10
from operator import itemgetter
from typing import Final

from daemon.shadow.causes import Clues
from daemon.shadow.paper import NO_VALUES, VALUE_NAMES, Five
from daemon.shadow.sides import LineVerdict

TOLERANCE: Final = 0.01
"""Within so much of each other two values agree."""

_SAME: Final = 0.0005
_SAME_LEAST: Final = 0.006
_MOST_OWNERS: Final = 3


def disagreeing(line: Five, paper: Five) -> tuple[int, ...]:
    """Give the places where the paper has a value and the line has another, or none."""
    pairs = enumerate(zip(line, paper, strict=True))
    return tuple(n for n, (one, other) in pairs if other is not None and not _agree(one, other))


def _agree(line: float | None, paper: float) -> bool:
    return line is not None and isclose(line, paper, rel_tol=TOLERANCE, abs_tol=1e-9)


def the_same(one: Five, other: Five) -> bool:
    """Tell whether two rows of values are one, but for rounding; with fewer than three values nobody can tell."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return len(both) > 2 and all(abs(a - b) <= max(_SAME_LEAST, _SAME * abs(a)) for a, b in both)


class Ledger:
    """Every panel's values, on the line and on the paper."""

    def __init__(self, line: Mapping[str, Sequence[Five]], paper: Mapping[str, Sequence[Five]]) -> None:
        self.paper = paper
        rows = ((values[0], serial, values) for serial, found in line.items() for values in found)
        self._by_pmax = sorted(
            ((pmax, serial, values) for pmax, serial, values in rows if pmax is not None), key=itemgetter(0, 1)
        )

    def owners(self, values: Five, but: str) -> tuple[str, ...]:
        """Give the other panels to which the line gave these very values; none where there are too many."""
        pmax = values[0]
        if pmax is None:
            return ()
        first = bisect_left(self._by_pmax, pmax * (1 - 2 * _SAME) - _SAME_LEAST, key=itemgetter(0))
        near = takewhile(lambda row: row[0] <= pmax * (1 + 2 * _SAME) + _SAME_LEAST, islice(self._by_pmax, first, None))
        found = {serial: None for _, serial, row in near if serial != but and the_same(row, values)}
        return tuple(found) if len(found) <= _MOST_OWNERS else ()


def clues(serial: str, line: LineVerdict, paper: Five, others: Sequence[LineVerdict], ledger: Ledger) -> Clues:
    """Say what is known of values that disagree."""
    owners = ledger.owners(paper, serial)
    swapped = [one for one in owners if any(the_same(line.values, row) for row in ledger.paper.get(one, ()))]
    return Clues(
        has_values=line.values != NO_VALUES,
        owners=tuple(swapped) or owners,
        swapped=bool(swapped),
        own_earlier=any(the_same(one.values, paper) for one in others if one is not line),
        permuted=_permuted(line.values, paper),
        power_of_ten=_slipped(line.values, paper),
    )


def _permuted(line: Five, paper: Five) -> bool:
    ours, theirs = sorted(v for v in line if v is not None), sorted(v for v in paper if v is not None)
    return len(theirs) > 1 and len(ours) == len(theirs) and all(map(_agree, ours, theirs))


def _slipped(line: Five, paper: Five) -> bool:
    """Tell whether what disagrees is ten, a hundred times too large or too small."""
    wrong = [(line[n], paper[n]) for n in disagreeing(line, paper)]
    shifts = [log10(theirs / ours) for ours, theirs in wrong if ours and theirs and ours > 0]
    return len(shifts) == len(wrong) > 0 and all(
        round(shift) != 0 and abs(shift - round(shift)) < TOLERANCE / 2 for shift in shifts
    )


def written(values: Five, places: Sequence[int]) -> str:
    """Write the values at some places with their names."""
    said = ((VALUE_NAMES[n], values[n]) for n in places)
    return ", ".join(f"{name} {'-' if value is None else f'{value:g}'}" for name, value in said)
