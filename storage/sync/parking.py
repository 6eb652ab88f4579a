"""What is parked: when to try it again, what it holds up, what became moot. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from storage.changes import Change
from storage.sqlite.ledger import Parked
from storage.sync.units import NEWER, is_editable

_MISSING_PARENT: Final = "23503"
_BY_SCHEMA: Final = ("22", "23502", "23514")
_TRIES: Final = 6
_FIRST_WAIT: Final = timedelta(seconds=2)


def names(parked: Iterable[Parked]) -> frozenset[UUID]:
    """Name everything parked: nothing that needs it can go up."""
    return frozenset(one.uuid for one in parked)


def due(parked: Iterable[Parked], now: datetime) -> tuple[int, ...]:
    """Give what may go by itself after a while: what it refers to may come from elsewhere. Waits double, and end."""
    return tuple(
        one.seq
        for one in parked
        if one.discarded_at is None
        and one.sqlstate == _MISSING_PARENT
        and one.attempts <= _TRIES
        and now - one.parked_at >= _FIRST_WAIT * 2**one.attempts
    )


def refused_by_schema(parked: Iterable[Parked]) -> tuple[int, ...]:
    """Give what another schema of the server may take: values it could not hold, words it did not know."""
    return tuple(one.seq for one in parked if one.discarded_at is None and (one.sqlstate or "").startswith(_BY_SCHEMA))


def left_to_newer(parked: Iterable[Parked]) -> tuple[int, ...]:
    """Give what an older program left to a newer one, which this may be."""
    return tuple(one.seq for one in parked if one.discarded_at is None and one.sqlstate == NEWER)


def held_up(parked: Sequence[Parked], by: Iterable[UUID]) -> tuple[int, ...]:
    """Give what is parked only because of some others, directly or through what it needs, in the order recorded."""
    gone, found = set(by), []
    for one in parked:
        if one.discarded_at is None and one.because_of in gone:
            gone.add(one.uuid)
            found.append(one.seq)
    return tuple(found)


def moot(parked: Iterable[Parked], stored: Iterable[Change]) -> tuple[Parked, ...]:
    """Give the parked versions of things of which a later version is on the server now."""
    newest = {change.uuid: change.seq for change in stored if is_editable(change.kind)}
    return tuple(one for one in parked if one.seq < newest.get(one.uuid, 0))
