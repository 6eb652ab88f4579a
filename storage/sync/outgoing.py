"""What goes up next, read from the line's log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.changes import Change, Stamp
from storage.sqlite.ledger import LedgerView
from storage.sqlite.view import View
from storage.sync.units import is_editable


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Changes in order, and for things edited elsewhere before the version each was made upon.

    `came_after` gives for versions that came down the last own stamp before. `last` is the number up to which the log
    was read, whatever of it goes up; 0: there was nothing.
    """

    changes: tuple[Change, ...]
    bases: Mapping[int, Stamp]
    came_after: Mapping[int, int]
    last: int


def outgoing(view: View, after: int, limit: int) -> Outgoing:
    """Read what comes after a change, decisions whole; what came down goes up only to a server that was set back."""
    ledger = view.ledger
    exchange = ledger.exchange()
    refeed_until = exchange.refeed_until if exchange else 0
    found = _whole(view.changes_after(after, limit), limit)
    changes = tuple(change for change in found if not change.received or change.seq <= refeed_until)
    return Outgoing(changes, _bases(ledger, changes), _came_after(ledger, changes), found[-1].seq if found else 0)


def again(view: View, seqs: Iterable[int]) -> Outgoing:
    """Read parked changes once more, in order."""
    changes = tuple(change for change in map(view.ledger.change, sorted(seqs)) if change is not None)
    ledger, last = view.ledger, changes[-1].seq if changes else 0
    return Outgoing(changes, _bases(ledger, changes), _came_after(ledger, changes), last)


def _whole(found: tuple[Change, ...], limit: int) -> tuple[Change, ...]:
    """Leave out at the end what belongs to a decision that is not read to its end, unless it is all there is."""
    if len(found) < limit:
        return found
    end = len(found) - 1
    while end and _moment(found[end - 1]) == _moment(found[-1]):
        end -= 1
    return found[:end] or found


def _moment(change: Change) -> tuple[str, int] | int:
    return change.seq if change.received else (change.boot_id, change.monotonic_ns)


def _came_after(ledger: LedgerView, changes: Iterable[Change]) -> dict[int, int]:
    return {change.seq: ledger.own_hlc_before(change.seq) for change in changes if change.received}


def _bases(ledger: LedgerView, changes: Iterable[Change]) -> dict[int, Stamp]:
    found = {}
    for change in changes:
        if is_editable(change.kind) and (base := ledger.received_before(change.uuid, change.seq)):
            found[change.seq] = base
    return found
