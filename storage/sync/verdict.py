"""Two versions of one thing: which of them stands. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from storage.changes import Stamp


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an editable thing; `edited_at` by the server's clock, None where nobody can tell."""

    stamp: Stamp
    edited_at: datetime | None = None


class Fate(StrEnum):
    """What becomes of an incoming version."""

    TAKEN = "taken"  # the first, or made upon the one that stands
    OLD = "old"  # the server saw it before
    WINS = "wins"  # made without knowing the one that stands, and preferred to it
    LOSES = "loses"


class Rule(StrEnum):
    """Why one of two versions was preferred."""

    OVERRIDE = "override"
    TIME = "time"
    HLC = "hlc"
    ENDED = "ended"  # a panel that was finished is not begun again by a line that does not know it


@dataclass(frozen=True, slots=True)
class Known:
    """What the maker of a version, and the server, knew of the thing.

    `base` is the newest version that had come down when it was made, `seen_hlc` the last stamp of its store the server
    acknowledged, `kin` the ids the maker's file ever had. `again`: it was refused before, and stamps say nothing.
    `gave_itself`: the server has later things of the maker's file, so this came down from it as it is.
    """

    base: Stamp | None
    seen_hlc: int
    kin: frozenset[UUID]
    received: bool = False
    again: bool = False
    gave_itself: bool = False


def fate_of(incoming: Version, current: Version | None, known: Known) -> Fate | None:
    """Say what becomes of a version; None: neither was made upon the other, `prefer` has to decide."""
    stamp = incoming.stamp
    if current is None:
        return Fate.TAKEN
    if (
        stamp == current.stamp
        or (stamp.hlc <= known.seen_hlc and not known.again)
        or stamp.hlc == 0
        or known.gave_itself
    ):
        return Fate.OLD
    standing = current.stamp
    if standing.hlc == 0 or standing == known.base:
        return Fate.TAKEN
    if standing.store_id == stamp.store_id or (standing.store_id in known.kin and stamp.store_id in known.kin):
        return Fate.TAKEN if stamp.hlc > standing.hlc else Fate.OLD
    if known.received and standing.store_id in known.kin:
        return Fate.TAKEN  # what came down was decided upon after everything its receiver had sent before
    return None


def prefer(
    incoming: Version, current: Version, *, incoming_overrides: bool, current_overrides: bool
) -> tuple[bool, Rule]:
    """Say whether the incoming one of two versions in conflict wins, and by which rule.

    A supervisor's override wins; else the later edit by the server's clock; where that is not known of both or equal,
    the higher stamp.
    """
    if incoming_overrides != current_overrides:
        return incoming_overrides, Rule.OVERRIDE
    if incoming.edited_at and current.edited_at and incoming.edited_at != current.edited_at:
        return incoming.edited_at > current.edited_at, Rule.TIME
    mine, theirs = incoming.stamp, current.stamp
    return (mine.hlc, mine.store_id.int) > (theirs.hlc, theirs.store_id.int), Rule.HLC
