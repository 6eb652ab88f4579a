"""The operations about the central server: how the exchange is, what is parked, which conflicts were found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daemon.control.calls import Call, NoArguments, decided
from daemon.control.face import CentralFace
from daemon.control.protocol import Code, ControlError
from daemon.control.views.exchange import conflict_view, list_parked, parked_view, redis_view, side_view
from daemon.control.views.plain import Json, moment
from stations.office.exchange import Choice, DiscardParked, discard_parked, settle_conflict
from storage.changes import OF_KIND
from storage.postgres.conflicts import FoundConflict, body_of, conflicts_named, list_conflicts
from storage.postgres.tables import read_rows
from storage.records import Keep, is_shadow
from storage.sqlite.disk import MIB
from storage.sqlite.view import View
from storage.sync.patience import answering

_WAIT_S: Final = 20.0
_AWAY_S: Final = 2.0
_BY_HAND: Final = "Look at it as it is now and change it by hand if that is wrong."


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
    standing, redis = call.line.standing(), central.redis
    at = standing.at
    days = await call.runner.read(lambda view: _days_left(view, standing.store.free_mb, at))
    refused = await call.runner.read(lambda view: len(view.ledger.refused()))
    return {
        "connected": told.connected, "since": moment(told.since), "trouble": told.trouble, "todo": told.todo,
        "waiting": backlog.waiting, "oldest": moment(backlog.oldest),
        "oldest_age_s": round((at - backlog.oldest).total_seconds(), 1) if backlog.oldest else 0.0,
        "parked": backlog.parked, "refused": refused, "days_left": days, "rival": told.rival, "at": moment(at),
        "clock_offset_s": round(told.clock_offset.total_seconds(), 3) if told.clock_offset is not None else None,
        "held_back_s": round(told.held_back_s, 1), "server": central.address,
        "redis": redis_view(redis) if redis is not None else None,
    }  # fmt: skip


async def now(call: Call, _: NoArguments) -> Json:
    """Carry at once, wait a while until everything is up, and say how it is; at once where the server is away."""
    central = _central(call)
    await central.drained(_WAIT_S if central.status.connected else _AWAY_S)
    return await status(call, NoArguments())


async def parked(call: Call, _: NoArguments) -> list[Json]:
    """Give what is parked, oldest first."""
    return await call.runner.read(list_parked)


async def retry(call: Call, request: Retry) -> Json:
    """Have parked changes tried again, and say what is still parked."""
    central = _central(call)
    before = {one.seq for one in await call.runner.read(lambda view: view.ledger.parked()) if not one.discarded_at}
    wanted = before if request.number is None else before & {request.number}
    if not wanted:
        raise ControlError(Code.NOT_FOUND, _not_parked(request.number), "See sunline sync quarantine list.")
    if not central.status.connected:
        raise ControlError(Code.REFUSED, "The central server is not connected.", "See sunline sync status.")
    await central.retry(sorted(wanted))
    after = await call.runner.read(list_parked)
    return {"tried": len(wanted), "parked": [one for one in after if one["number"] in wanted]}


async def discard(call: Call, request: DiscardParked) -> Json:
    """Let a parked change be."""
    central = _central(call)
    one = await decided(call, discard_parked, request)
    user = await call.runner.read(lambda view: view.user_by_os_user(call.peer.os_user))
    await central.discard(one.seq, user.uuid if user else one.uuid, request.reason)
    return parked_view(one)


async def conflicts(call: Call, request: ListConflicts) -> list[Json]:
    """Give the conflicts, newest first."""
    async with _central(call).questions() as connection:
        found = await list_conflicts(connection, settled=request.settled, limit=max(1, min(request.limit, 1000)))
    return [conflict_view(one) for one in found]


async def conflict(call: Call, request: ShowConflict) -> Json:
    """Give one conflict with both versions."""
    found = await _named(call, request.conflict)
    return conflict_view(found) | {"winner": side_view(found.winner), "loser": side_view(found.loser)}


async def resolve(call: Call, request: ResolveConflict) -> Json:
    """Settle a conflict. Keeping the losing version writes it again, as the newest."""
    found = await _named(call, request.conflict)
    if found.ruling is not None:
        raise ControlError(Code.REFUSED, f"This conflict was settled before: {found.ruling} was kept.", _BY_HAND)
    if request.keep is Keep.LOCAL and not await _still_stands(call, found):
        raise ControlError(
            Code.REFUSED, f"The {found.kind.replace('_', ' ')} {found.key} was changed since, and that would be lost.",
            f"{_BY_HAND} Then settle with --keep central.",
        )  # fmt: skip
    loser = OF_KIND[found.kind].from_body(body_of(found.loser))
    choice = Choice(found.uuid, found.key, loser, request.keep, request.reason)
    await decided(call, settle_conflict, choice)
    _central(call).ring()
    return conflict_view(found) | {"ruling": request.keep.value}


def _central(call: Call) -> CentralFace:
    if call.line.central is None and is_shadow(call.line.place.site):
        raise ControlError(
            Code.REFUSED, "A shadow run sends nothing to the central server, and takes nothing from it.",
            "Take [shadow] out of the line's file when real work begins.",
        )  # fmt: skip
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


async def _still_stands(call: Call, found: FoundConflict) -> bool:
    """Tell whether the version that won is still the newest one on the server."""
    async with _central(call).questions() as connection, answering():
        rows = await read_rows(connection, found.kind, [found.thing_uuid])
    return any((row.hlc, row.store_id) == (found.winner.hlc, found.winner.store_id) for row in rows)


def _days_left(view: View, free_mb: int | None, at: datetime) -> float | None:
    """Say how long the disk lasts at the pace of the last week."""
    pace = view.ledger.bytes_per_day(at)
    return round(free_mb * MIB / pace, 1) if free_mb is not None and pace else None


def _not_parked(number: int | None) -> str:
    return "Nothing is parked that could be tried." if number is None else f"Number {number} waits for nobody."
