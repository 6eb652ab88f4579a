"""What is asked of an area, as tables: the first row that applies is the answer, and well is only what was seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from daemon.checkup.finding import Area, Finding, Severity, Unseen, not_seen

F = TypeVar("F")

Words = tuple[str, str]
"""What is the matter, and what to do."""


@dataclass(frozen=True, slots=True)
class Row(Generic[F]):
    """One thing that can be the matter. `applies` takes facts of which any may be Unseen."""

    check: str
    severity: Severity
    applies: Callable[[F], bool]
    says: Callable[[F], Words]


@dataclass(frozen=True, slots=True)
class Question(Generic[F]):
    """One question: its rows, the worst first; without the facts in `needs` its answer is never "well".

    `about` is what could not be looked at then.
    """

    name: str
    area: Area
    about: str
    needs: tuple[str, ...]
    rows: tuple[Row[F], ...]
    well: Callable[[F], str]

    def answer(self, facts: F, lines: tuple[int, ...] = ()) -> Finding:
        """Give the one finding."""
        for row in self.rows:
            if row.applies(facts):
                about = self.about if row.severity is Severity.UNSEEN else ""
                return Finding(self.area, row.check, row.severity, *row.says(facts), lines, about)
        unseen = next((fact for name in self.needs if isinstance(fact := getattr(facts, name), Unseen)), None)
        if unseen is not None:
            return not_seen(self.area, self.name, self.about, unseen, lines)
        return Finding(self.area, self.name, Severity.OK, self.well(facts), "", lines)
