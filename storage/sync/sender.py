"""Changes on their way up: optimistic batches, halved where the server refuses one, until the culprit stands alone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.changes import Change
from storage.errors import RowsRefused
from storage.sqlite.ledger import Parked
from storage.sync.units import Unit, blocked, units

Upload = Callable[[Sequence[Change]], Awaitable[None]]
"""Store changes on the server in one transaction, or raise; RowsRefused where one of them can never go."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that did not go up, and why. `because_of` names what it needs that is parked."""

    change: Change
    message: str
    sqlstate: str | None = None
    because_of: UUID | None = None

    def parked(self, at: datetime) -> Parked:
        """Give it as it stands among what is parked, seen for the first time."""
        it = self.change
        return Parked(it.seq, it.uuid, it.kind, self.because_of, self.sqlstate, self.message, 1, at)


async def send(changes: Sequence[Change], parked: frozenset[UUID], upload: Upload) -> list[Refusal]:
    """Send changes up in order and give those that have to be parked; everything else is stored on the server.

    Whatever needs something parked is parked with it. Raises what `upload` raises but RowsRefused; what was stored
    until then is stored, and sending it again is harmless.
    """
    if parked or not changes:
        return await _send(units(changes), parked, upload)
    try:
        await upload(changes)
    except RowsRefused as error:
        return await _divide(units(changes), parked, upload, error)
    return []


async def _send(waiting: Sequence[Unit], parked: frozenset[UUID], upload: Upload) -> list[Refusal]:
    ready, refused = _ready(waiting, parked)
    if not ready:
        return refused
    try:
        await upload([change for unit in ready for change in unit])
    except RowsRefused as error:
        return refused + await _divide(ready, parked, upload, error)
    return refused


async def _divide(
    refused: Sequence[Unit], parked: frozenset[UUID], upload: Upload, error: RowsRefused
) -> list[Refusal]:
    """Find out which of the units that were refused together is to blame."""
    if len(refused) == 1:
        return _refusals(refused[0], error)
    middle = len(refused) // 2
    first = await _send(refused[:middle], parked, upload)
    gone = parked | {one.change.uuid for one in first}
    return [*first, *await _send(refused[middle:], gone, upload)]


def _ready(waiting: Sequence[Unit], parked: frozenset[UUID]) -> tuple[list[Unit], list[Refusal]]:
    """Tell what may go from what has to wait for something parked."""
    if not parked:
        return list(waiting), []
    gone, ready, refused = set(parked), [], []
    for unit in waiting:
        missing = blocked(unit, gone)
        if missing is None:
            ready.append(unit)
            continue
        gone |= {change.uuid for change in unit}
        refused += [Refusal(change, "It needs something that is parked.", None, missing) for change in unit]
    return ready, refused


def _refusals(unit: Unit, error: RowsRefused) -> list[Refusal]:
    first, *others = unit
    return [
        Refusal(first, str(error), error.sqlstate),
        *(Refusal(change, "It belongs to a result that is parked.", None, first.uuid) for change in others),
    ]
