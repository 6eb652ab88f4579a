"""What goes up next, read from the line's log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.sqlite.answers import Change
from storage.sqlite.ledger import LedgerView, Stamp
from storage.sqlite.view import View
from storage.sync.units import is_editable


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Changes in order, and for things edited elsewhere before the version each was made upon.

    `last` is the number up to which the log was read, whatever of it goes up; 0: there was nothing.
    """

    changes: tuple[Change, ...]
    bases: Mapping[int, Stamp]
    last: int


def outgoing(view: View, after: int, limit: int) -> Outgoing:
    """Read what comes after a change; what came down goes up only to a server that was set back."""
    ledger = view.ledger
    exchange = ledger.exchange()
    refeed_until = exchange.refeed_until if exchange else 0
    found = view.changes_after(after, limit)
    changes = tuple(change for change in found if not change.received or change.seq <= refeed_until)
    return Outgoing(changes, _bases(ledger, changes), found[-1].seq if found else 0)


def again(view: View, seqs: Iterable[int]) -> Outgoing:
    """Read parked changes once more, in order."""
    changes = tuple(change for change in map(view.ledger.change, sorted(seqs)) if change is not None)
    return Outgoing(changes, _bases(view.ledger, changes), changes[-1].seq if changes else 0)


def _bases(ledger: LedgerView, changes: Iterable[Change]) -> dict[int, Stamp]:
    found = {}
    for change in changes:
        if is_editable(change.kind) and (base := ledger.received_before(change.uuid, change.seq)):
            found[change.seq] = base
    return found
