"""One batch for the server: the rows of each kind, the versions that stand, the conflicts found. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID, uuid5

from storage.changes import Change, Stamp
from storage.records import Override, Panel, PanelStatus
from storage.sync.contact import Contact, corrected
from storage.sync.outgoing import Outgoing
from storage.sync.units import body_of, is_editable
from storage.sync.verdict import Fate, Known, Rule, Version, fate_of, prefer

_ENDED: Final = frozenset({PanelStatus.COMPLETED, PanelStatus.FAILED})
_CIRCUMSTANCES: Final = frozenset({"created_at", "created_by", "updated_at", "updated_by", "last_login", "enrolled_by"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A version as the server has it, before the batch or within it. `body` is fetched only for what is contested."""

    version: Version
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two versions made without knowing each other; the loser is kept."""

    kind: str
    thing_uuid: UUID
    rule: Rule
    winner: Standing
    loser: Standing

    @property
    def uuid(self) -> UUID:
        """The same two versions make the same conflict, however often they meet."""
        stamps = sorted(
            (side.version.stamp.hlc, str(side.version.stamp.store_id)) for side in (self.winner, self.loser)
        )
        return uuid5(self.thing_uuid, str(stamps))


@dataclass(frozen=True, slots=True)
class Server:
    """What the server says before a batch: the versions that stand, what it saw of each store, who overrode what.

    `kin` are the ids the file of this line ever had.
    """

    standing: Mapping[UUID, Standing]
    seen: Mapping[UUID, int]
    kin: frozenset[UUID]
    overrides: Mapping[UUID, tuple[Stamp, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """A version to be written over `was`; None: where there is none."""

    change: Change
    edited_at: datetime | None
    was: Stamp | None


@dataclass(slots=True)
class Plan:
    """What a batch writes: facts and edits by kind, conflicts, and how far each store of this line has come."""

    facts: defaultdict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    seen: dict[UUID, int] = field(default_factory=dict)


def plan(changes: Sequence[Change], batch: Outgoing, server: Server, contact: Contact, *, again: bool = False) -> Plan:
    """Work out what changes of a batch write, version after version."""
    made = Plan()
    standing = dict(server.standing)
    overrides = _with_own(changes, server.overrides)
    stamps = _last_stamps(changes)
    made.seen = {store_id: hlc for store_id, hlc in stamps.items() if hlc}
    kin = server.kin | stamps.keys()
    seen_of_kin = max((server.seen.get(store_id, 0) for store_id in kin), default=0)
    for change in changes:
        if not is_editable(change.kind):
            made.facts[change.kind].append(change)
            continue
        known = Known(
            batch.bases.get(change.seq), server.seen.get(change.store_id, 0), kin,
            received=change.received, again=again,
            gave_itself=change.received and seen_of_kin > batch.came_after.get(change.seq, seen_of_kin),
        )  # fmt: skip
        now = _meet(change, standing.get(change.uuid), known, contact, overrides, made.conflicts)
        if now is not None:
            standing[change.uuid] = now
    _edits(changes, standing, server.standing, made)
    return made


def _last_stamps(changes: Iterable[Change]) -> dict[UUID, int]:
    """Give how far each store of this line came; 0: defaults only. One store at a time: a UUID is slow to look up."""
    found: dict[UUID, int] = {}
    for store_id, own in groupby((it for it in changes if not it.received), key=attrgetter("store_id")):
        found[store_id] = max(found.get(store_id, 0), *(change.hlc for change in own))
    return found


def _meet(
    change: Change,
    current: Standing | None,
    known: Known,
    contact: Contact,
    overrides: Mapping[UUID, tuple[Stamp, ...]],
    conflicts: list[Conflict],
) -> Standing | None:
    """Let a version meet the one that stands; give the incoming one where it is to stand instead."""
    incoming = Standing(Version(Stamp(change.hlc, change.store_id), corrected(change, contact)), change.body)
    fate = fate_of(incoming.version, current.version if current else None, known)
    if fate is not None or current is None:
        return incoming if fate is Fate.TAKEN else None
    if current.body and _content(current.body) == _content(incoming.body):
        later, rule = prefer(incoming.version, current.version, incoming_overrides=False, current_overrides=False)
        return incoming if later and rule is Rule.TIME else None
    since = known.base.hlc if known.base else 0
    made = overrides.get(change.uuid, ())
    wins, rule = prefer(
        incoming.version, current.version,
        incoming_overrides=_overrode(made, change.store_id, max(since, known.seen_hlc)),
        current_overrides=_overrode(made, current.version.stamp.store_id, since),
    )  # fmt: skip
    if rule is not Rule.OVERRIDE and known.base is None and _begun_again(change.kind, incoming, current):
        wins, rule = False, Rule.ENDED
    winner, loser = (incoming, current) if wins else (current, incoming)
    conflicts.append(Conflict(change.kind, change.uuid, rule, winner, loser))
    return incoming if wins else None


def _begun_again(kind: str, incoming: Standing, current: Standing) -> bool:
    """Tell a panel made anew, by a line that lost its store, from the finished one of the same serial."""
    if kind != Panel.KIND or not current.body:
        return False
    begun, ended = body_of(incoming.body), body_of(current.body)
    return ended["status"] in _ENDED and ended["created_at"] < begun["created_at"]


def _content(body: bytes) -> dict[str, Any]:
    """Give what a version says, without who said it when: two people may do the same."""
    return {name: value for name, value in body_of(body).items() if name not in _CIRCUMSTANCES}


def _overrode(made: Iterable[Stamp], store_id: UUID, since: int) -> bool:
    return any(stamp.store_id == store_id and stamp.hlc > since for stamp in made)


def _with_own(changes: Iterable[Change], known: Mapping[UUID, tuple[Stamp, ...]]) -> dict[UUID, tuple[Stamp, ...]]:
    found = dict(known)
    for change in changes:
        if change.kind == Override.KIND:
            panel = UUID(body_of(change.body)["panel_uuid"])
            found[panel] = (*found.get(panel, ()), Stamp(change.hlc, change.store_id))
    return found


def _edits(
    changes: Iterable[Change], standing: Mapping[UUID, Standing], before: Mapping[UUID, Standing], made: Plan
) -> None:
    """Of each thing only the version that stands in the end is written."""
    by_stamp = {(it.uuid, it.hlc, it.store_id): it for it in changes if is_editable(it.kind)}
    for uuid, now in standing.items():
        was = before.get(uuid)
        if was is not None and was.version.stamp == now.version.stamp:
            continue
        change = by_stamp[uuid, now.version.stamp.hlc, now.version.stamp.store_id]
        edit = Edit(change, now.version.edited_at, was.version.stamp if was else None)
        made.edits.setdefault(change.kind, []).append(edit)
