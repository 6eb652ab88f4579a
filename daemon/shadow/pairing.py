"""Which verdict on the paper is which verdict of the line: the pairing that leaves the fewest differences."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from daemon.shadow.paper import PaperVerdict
from daemon.shadow.sides import LineVerdict
from daemon.shadow.times import HOURS_APART, gap
from daemon.shadow.values import disagreeing

Pair = tuple[LineVerdict | None, PaperVerdict | None]
"""None: the other side has no such verdict."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_OTHER_VERDICT: Final = 6
_ALONE: Final = 4
_OTHER_TIME: Final = 1
_OTHER_VALUES: Final = 1


def paired(line: Sequence[LineVerdict], paper: Sequence[PaperVerdict]) -> tuple[Pair, ...]:
    """Pair the verdicts of one panel at one station.

    The paper is taken in the order it is written, or by its times where that fits better: a table may be sorted.
    """
    written = _aligned(line, paper)
    timed = _aligned(line, sorted(paper, key=lambda one: one.at or _NEVER))
    return min(written, timed, key=_cost)


def _aligned(line: Sequence[LineVerdict], paper: Sequence[PaperVerdict]) -> tuple[Pair, ...]:
    best: list[list[tuple[Pair, ...]]] = [[() for _ in range(len(paper) + 1)] for _ in range(len(line) + 1)]
    for at in range(len(line) + 1):
        for by in range(len(paper) + 1):
            ways: list[tuple[Pair, ...]] = []
            if at and by:
                ways.append((*best[at - 1][by - 1], (line[at - 1], paper[by - 1])))
            if at:
                ways.append((*best[at - 1][by], (line[at - 1], None)))
            if by:
                ways.append((*best[at][by - 1], (None, paper[by - 1])))
            if ways:
                best[at][by] = min(ways, key=_cost)
    return best[-1][-1]


def _cost(pairs: Sequence[Pair]) -> int:
    """Weigh: one other verdict is likelier than one too many on each side; times and values tell like from like."""
    return sum(_ALONE if line is None or paper is None else _unlike(line, paper) for line, paper in pairs)


def _unlike(line: LineVerdict, paper: PaperVerdict) -> int:
    ahead = gap(line, paper)
    return (
        _OTHER_VERDICT * (line.result is not paper.result)
        + _OTHER_TIME * (ahead is not None and abs(ahead) > HOURS_APART)
        + _OTHER_VALUES * bool(disagreeing(line.values, paper.values))
    )
