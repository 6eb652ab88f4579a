"""A difference: what it is about, what each side says, what it comes from most likely, and a name that stays."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from daemon.shadow.causes import WORDS, Cause, Kind

NOTHING: Final = "-"
"""Stands where one side has nothing."""

_ID_DIGITS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where paper and line differ. `serial` is the line's, the paper's where the line has none; `day` is the panel's.

    `id` is made of what both say: it stays as long as they say it, and no longer.
    """

    kind: Kind
    cause: Cause
    serial: str
    day: date
    line: str
    paper: str
    station: int | None = None
    hint: str = ""
    rows: tuple[str, ...] = ()
    id: str = ""

    @property
    def words(self) -> str:
        """The likely cause in words."""
        return WORDS[self.cause].format(hint=self.hint)


def named(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Give each its id, in the order of days, serials and stations."""
    seen = Counter[tuple[object, ...]]()
    given = []
    for one in sorted(found, key=lambda one: (one.day, one.serial, one.station or 0, one.kind, one.line, one.paper)):
        content = (one.kind.value, one.serial, one.station, one.line, one.paper)
        seen[content] += 1
        digest = hashlib.sha256(repr((content, seen[content])).encode("utf-8", "replace")).hexdigest()
        given.append(replace(one, id=digest[:_ID_DIGITS]))
    return tuple(given)
