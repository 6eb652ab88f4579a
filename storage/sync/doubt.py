"""Telling rows that are wrong from a server that takes none of their kind. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from storage.changes import TABLES, Change
from storage.errors import CentralUnfit, RowsRefused
from storage.sync.units import units

ALIKE: Final = 20
"""So many in a row are no accident."""

_KIND_OF: Final = {name: str(record.KIND) for record, name in TABLES.items()}
_OF_THE_ROW: Final = ("23503", "23505")
"""A parent that is missing, a name that is taken: however many, each has its own."""
_TODO: Final = (
    "Update sunline on this line, or run `sunline central migrate`: one is behind the other. Then it goes on by itself."
)


class Reason(NamedTuple):
    """What was refused and why."""

    kind: str
    sqlstate: str
    constraint: str


class Doubt:
    """How often the server refused a kind for one reason, with none of it stored between; kept between connections."""

    def __init__(self) -> None:
        self._alike: dict[Reason, int] = {}

    def stored(self, changes: Sequence[Change]) -> None:
        """Note what the server took: the next refusal of such a thing is the first again."""
        if self._alike:
            kinds = {change.kind for change in changes}
            self._alike = {reason: count for reason, count in self._alike.items() if reason.kind not in kinds}

    def refused(self, changes: Sequence[Change], error: RowsRefused) -> None:
        """Note what the server refused; several units together say nothing, nor does what is one row's own fault.

        Raises CentralUnfit where all of a kind are refused alike: that is no row's fault, and nothing is to be parked.
        """
        if error.sqlstate is None or error.sqlstate in _OF_THE_ROW or len(units(changes)) > 1:
            return
        reason = Reason(_KIND_OF.get(error.table or "", changes[0].kind), error.sqlstate, error.constraint or "")
        self._alike[reason] = self._alike.get(reason, 0) + 1
        if self._alike[reason] >= ALIKE:
            named = reason.kind.replace("_", " ")
            raise CentralUnfit(f"The central server takes no {named} any more. {error}", todo=_TODO) from error
