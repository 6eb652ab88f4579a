"""The operations about the central server: how the exchange is, what is parked, which conflicts were found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daemon.control.calls import Call, NoArguments, decided
from daemon.control.face import CentralFace
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json, moment
from stations.office.exchange import Choice, DiscardParked, discard_parked, settle_conflict
from storage.postgres.conflicts import FoundConflict, Side, body_of, conflicts_named, list_conflicts
from storage.records import Keep
from storage.sqlite.disk import MIB
from storage.sqlite.ledger import Parked
from storage.sqlite.tables import OF_KIND
from storage.sqlite.view import View

_WAIT_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try parked changes again: one by its number, or all."""

    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConflicts:
    """Conflicts nobody ruled on; with `settled` also the others."""

    settled: bool = False
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowConflict:
    """One conflict, by the first digits of its id."""

    conflict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveConflict:
    """Keep `local`, the version that lost, or `central`, the one that stands."""

    conflict: str
    keep: Keep
    reason: str


async def status(call: Call, _: NoArguments) -> Json:
    """Say how the exchange with the central server is."""
    central = _central(call)
    told, backlog = central.status, await central.backlog()
    standing = call.line.standing()
    at = standing.at
    days = await call.runner.read(lambda view: _days_left(view, standing.store.free_mb, at))
    return {
        "connected": told.connected, "since": moment(told.since), "trouble": told.trouble, "todo": told.todo,
        "waiting": backlog.waiting, "oldest": moment(backlog.oldest),
        "oldest_age_s": round((at - backlog.oldest).total_seconds(), 1) if backlog.oldest else 0.0,
        "parked": backlog.parked, "days_left": days, "rival": told.rival, "at": moment(at),
        "clock_offset_s": round(told.clock_offset.total_seconds(), 3) if told.clock_offset is not None else None,
        "held_back_s": round(told.held_back_s, 1), "server": central.address,
    }  # fmt: skip


async def now(call: Call, _: NoArguments) -> Json:
    """Carry at once, wait a while until everything is up, and say how it is."""
    await _central(call).drained(_WAIT_S)
    return await status(call, NoArguments())


async def parked(call: Call, _: NoArguments) -> list[Json]:
    """Give what is parked, oldest first."""
    return [_plain(one) for one in await call.runner.read(lambda view: view.ledger.parked())]


async def retry(call: Call, request: Retry) -> Json:
    """Have parked changes tried again, and say what is still parked."""
    central = _central(call)
    before = {one.seq for one in await call.runner.read(lambda view: view.ledger.parked()) if not one.discarded_at}
    wanted = before if request.number is None else before & {request.number}
    if not wanted:
        raise ControlError(Code.NOT_FOUND, "Nothing like that is parked.", "See sunline sync quarantine list.")
    if not central.status.connected:
        raise ControlError(Code.REFUSED, "The central server is not connected.", central.status.todo)
    await central.retry(sorted(wanted))
    after = await call.runner.read(lambda view: view.ledger.parked())
    return {"tried": len(wanted), "parked": [_plain(one) for one in after if one.seq in wanted]}


async def discard(call: Call, request: DiscardParked) -> Json:
    """Let a parked change be."""
    central = _central(call)
    one = await decided(call, discard_parked, request)
    user = await call.runner.read(lambda view: view.user_by_os_user(call.peer.os_user))
    await central.discard(one.seq, user.uuid if user else one.uuid, request.reason)
    return _plain(one)


async def conflicts(call: Call, request: ListConflicts) -> list[Json]:
    """Give the conflicts, newest first."""
    async with _central(call).questions() as connection:
        found = await list_conflicts(connection, settled=request.settled, limit=max(1, min(request.limit, 1000)))
    return [_short(one) for one in found]


async def conflict(call: Call, request: ShowConflict) -> Json:
    """Give one conflict with both versions."""
    found = await _named(call, request.conflict)
    return _short(found) | {"winner": _side(found.winner), "loser": _side(found.loser)}


async def resolve(call: Call, request: ResolveConflict) -> Json:
    """Settle a conflict. Keeping the losing version writes it again, as the newest."""
    found = await _named(call, request.conflict)
    loser = OF_KIND[found.kind].from_body(body_of(found.loser))
    choice = Choice(found.uuid, found.key, loser, request.keep, request.reason)
    await decided(call, settle_conflict, choice)
    _central(call).ring()
    return _short(found) | {"ruling": request.keep.value}


def _central(call: Call) -> CentralFace:
    if call.line.central is None:
        raise ControlError(
            Code.REFUSED, "This line has no central server.", "Add a [central] section to its configuration."
        )
    return call.line.central


async def _named(call: Call, text: str) -> FoundConflict:
    digits = text.replace("-", "").lower()
    if len(digits) < 6 or set(digits) - set("0123456789abcdef"):
        raise ControlError(Code.INVALID, f"{text[:60]!r} is no conflict's id.", "Give at least its first six digits.")
    async with _central(call).questions() as connection:
        found = await conflicts_named(connection, digits)
    if len(found) != 1:
        words = "Several conflicts begin" if found else "No conflict begins"
        raise ControlError(Code.NOT_FOUND, f"{words} with {digits}.", "See sunline sync conflicts list.")
    return found[0]


def _days_left(view: View, free_mb: int | None, at: datetime) -> float | None:
    """Say how long the disk lasts at the pace of the last week."""
    pace = view.ledger.bytes_per_day(at)
    return round(free_mb * MIB / pace, 1) if free_mb is not None and pace else None


def _plain(one: Parked) -> Json:
    return {
        "number": one.seq, "kind": one.kind, "uuid": str(one.uuid), "reason": one.message, "sqlstate": one.sqlstate,
        "because_of": str(one.because_of) if one.because_of else None, "attempts": one.attempts,
        "parked_at": moment(one.parked_at), "discarded_at": moment(one.discarded_at),
        "discarded_because": one.reason,
    }  # fmt: skip


def _short(one: FoundConflict) -> Json:
    return {
        "id": str(one.uuid), "kind": one.kind, "key": one.key, "rule": one.rule, "found_at": moment(one.found_at),
        "differs": list(one.differing), "winner_from": _origin(one.winner), "loser_from": _origin(one.loser),
        "ruling": one.ruling,
    }  # fmt: skip


def _origin(side: Side) -> str:
    return "the server" if side.line_number is None else f"line {side.line_number}"


def _side(side: Side) -> Json:
    hidden = {name: "(kept secret)" for name in ("password_hash", "badge_hash") if side.body.get(name)}
    return {"from": _origin(side), "edited_at": moment(side.edited_at), "values": side.body | hidden}
