"""The operations of an export: what it is to hold, its rows and pallet sheets in streams, its signature."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from daemon.control.calls import Call, NoArguments
from daemon.control.exporting import Taking
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json, moment
from stations.office.deciding import assert_may
from stations.office.finding import rules_in_force
from stations.office.outcome import Actor
from storage.export import ExportList, PlantDates, Scope
from storage.export.rendering import SHEETS
from storage.export.signing import is_statement
from storage.records import Role
from storage.sqlite.view import View

PATIENCE_S: Final = 600.0
"""Seconds a client may take for one item: sticks fall silent for long while they write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginExport:
    """Days as the plant counts them, both included; without them from the first row, up to the last."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSheets:
    """The scope as `export.begin` said it. `after_seq` above 0: only what changed since."""

    since: datetime
    until: datetime
    after_seq: int = 0
    upto_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRows:
    """A list within a scope, from its beginning or from the `after` of an item."""

    list: ExportList
    since: datetime
    until: datetime
    after_seq: int = 0
    upto_seq: int
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What is said of a manifest, as `storage.export.signing.statement` words it."""

    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a line's store holds at a moment, or a part of it: up to which change, and the days that are covered."""

    store_id: str
    upto_seq: int
    zone: ZoneInfo
    dates: PlantDates
    since: datetime
    until: datetime


async def begin(call: Call, args: BeginExport) -> Json:
    """Say what an export of some days comes to."""
    user = await assert_may_export(call)
    found = await extent(call, args.first, args.last)
    scope = Scope(since=found.since, until=found.until, upto_seq=found.upto_seq)
    place = call.line.place
    return {
        "site": place.site, "line_number": place.line_number, "exported_by": user, "zone": found.zone.key,
        "first_day": found.dates.first.isoformat(), "last_day": found.dates.last.isoformat(),
        "since": moment(found.since), "until": moment(found.until), "after_seq": 0, "upto_seq": found.upto_seq,
        "store_id": found.store_id, "as_of": moment(call.line.standing().at), "counts": await counts(call, scope),
    }  # fmt: skip


async def rows(call: Call, args: TakeRows) -> AsyncGenerator[Json, None]:
    """Give a list in pieces, each a few hundred rows as JSON and as CSV; behind the last one `after` is null."""
    await assert_may_export(call)
    taking = await Taking.begin(call, _scope(args))
    async with aclosing(taking.pieces(args.list, args.after)) as pieces:
        async for piece in pieces:
            yield {"json": piece.json, "csv": piece.csv, "count": piece.count, "after": piece.after}


async def sheets(call: Call, args: TakeSheets) -> AsyncGenerator[Json, None]:
    """Give the sheet of every pallet, as `pallet.show` does."""
    await assert_may_export(call)
    taking = await Taking.begin(call, _scope(args))
    async with aclosing(taking.pieces(SHEETS, "")) as pieces:
        async for piece in pieces:
            for sheet in orjson.loads(f"[{piece.json}]"):
                yield sheet


async def sign(call: Call, args: Sign) -> Json:
    """Sign what is said of a manifest with the line's key."""
    await assert_may_export(call)
    if not is_statement(args.manifest):
        raise ControlError(Code.INVALID, "This is no statement on a manifest.", "Export with sunline export.")
    signer = await asyncio.to_thread(call.line.signer)
    signature = signer.key.sign(args.manifest.encode("ascii"))
    return {"signature": _base64(signature), "public_key": _base64(signer.public_key)}


async def key(call: Call, _: NoArguments) -> Json:
    """Give the key with which others check what the line signed."""
    signer = await asyncio.to_thread(call.line.signer)
    return {"public_key": _base64(signer.public_key)}


async def assert_may_export(call: Call) -> str:
    """Say who exports, by name. Raises Refused unless it is a supervisor or a program of our own."""
    peer = call.peer
    user = await call.runner.read(lambda view: view.user_by_os_user(peer.os_user))
    if not peer.is_service:
        assert_may(Actor(peer.os_user, user, peer.is_root), Role.SUPERVISOR)
    return user.username if user is not None else peer.os_user


async def extent(call: Call, first: date | None = None, last: date | None = None) -> Extent:
    """Say what there is of some days; of all that have rows, and today, where none are given. Raises ControlError."""
    at = call.line.standing().at
    return await call.runner.read(lambda view: _extent(view, at, first, last))


async def counts(call: Call, scope: Scope) -> dict[str, int]:
    """Say about how many rows each list has; all are 0 only where there is nothing."""
    found = await (await Taking.begin(call, scope)).counts()
    return {of.value: count for of, count in found.items()}


def _extent(view: View, at: datetime, first: date | None, last: date | None) -> Extent:
    zone = rules_in_force(view).plant_zone
    moments = (at, *view.exports.ends())
    dates = PlantDates(first or min(moments).astimezone(zone).date(), last or max(moments).astimezone(zone).date())
    if dates.first > dates.last:
        raise ControlError(Code.INVALID, f"From {dates} is no stretch of days.", "Give the earlier day first.")
    try:
        since, until = dates.instants(zone)
    except OverflowError as error:
        raise ControlError(Code.INVALID, f"From {dates} are no days of ours.", "Give other days.") from error
    return Extent(
        store_id=view.exports.store_id(), upto_seq=view.last_seq(), zone=zone, dates=dates, since=since, until=until
    )


def _scope(args: TakeRows | TakeSheets) -> Scope:
    for name in ("since", "until"):
        if getattr(args, name).tzinfo is None:
            raise ControlError(Code.INVALID, f"The argument {name} has no time zone.", "Give what export.begin said.")
    if args.after_seq < 0 or args.upto_seq < args.after_seq:
        raise ControlError(Code.INVALID, "This is no stretch of the change log.", "Give what export.begin said.")
    return Scope(
        since=args.since.astimezone(UTC), until=args.until.astimezone(UTC), after_seq=args.after_seq,
        upto_seq=args.upto_seq,
    )  # fmt: skip


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
