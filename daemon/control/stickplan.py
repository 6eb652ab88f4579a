"""The plan of a visit: what a plugged stick is to get of this line, new or gone on with."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from daemon.control.calls import Call, decided
from daemon.control.exports import Extent, counts, extent
from daemon.control.peers import assert_service
from daemon.control.views.plain import Json, moment
from stations.office.visits import (
    BeginExport,
    Given,
    Span,
    begin_export,
    may_have_written,
    next_export,
    welcome_stick,
)
from storage.export import ExportList, Scope
from storage.records import StickExport, StickVisit, Takes
from storage.sqlite.view import View

_SHEETS_OF: Final = frozenset({ExportList.PALLETS.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPlan:
    """What is an enrolled stick to get? `full`: everything, whatever it was given before."""

    stick_uuid: UUID
    full: bool = False


async def plan(call: Call, args: AskPlan) -> Json:
    """Say what a stick is to get, as `export.begin` does, and which files of it stand on the stick already.

    Counts of 0 throughout: nothing is new for it, and a visit that says so completes the export.
    """
    assert_service(call.peer)
    stick = await call.runner.read(lambda view: welcome_stick(view, args.stick_uuid))
    found = await extent(call)
    given = await call.runner.read(lambda view: view.sticks.exports(stick.uuid, UUID(found.store_id)))
    chosen = next_export([Given(export, complete) for export, complete in given], stick, full=args.full)
    if chosen.resumed is not None:
        number = await counts(call, _scope(chosen.resumed))
        if _anything(number, chosen.resumed.takes):
            return await _told(call, chosen.resumed, found, number, resumed=True)
    request = BeginExport(
        stick_uuid=stick.uuid, after_seq=chosen.after_seq, span=await _span(call, found, chosen.after_seq)
    )
    export = await decided(call, begin_export, request)
    return await _told(call, export, found, await counts(call, _scope(export)), resumed=False)


async def _told(call: Call, export: StickExport, found: Extent, number: Mapping[str, int], *, resumed: bool) -> Json:
    visits, exported_by = await call.runner.read(lambda view: (view.sticks.visits_of(export.uuid), _by(view, export)))
    done = _done(visits)
    told = {file.name: file.sha256 for file in call.line.sticks.files(export.uuid)}
    call.line.sticks.began(export.stick_uuid, export.uuid)
    place = call.line.place
    return {
        "site": place.site, "line_number": place.line_number, "exported_by": exported_by, "zone": found.zone.key,
        "first_day": export.first_day, "last_day": export.last_day, "since": moment(export.since),
        "until": moment(export.until), "after_seq": export.after_seq, "upto_seq": export.upto_seq,
        "store_id": found.store_id, "as_of": moment(export.created_at), "counts": dict(number),
        "takes": export.takes.value, "recipient": export.recipient,
        "export_uuid": str(export.uuid), "resumed": resumed, "done": done | told,
        "interrupted": resumed and (bool(done or told) or may_have_written([one.outcome for one in visits])),
    }  # fmt: skip


async def _span(call: Call, found: Extent, after_seq: int) -> Span:
    """Give the whole of the store as the stretch to export; of what adds to an earlier one, its days from then on."""
    first = found.dates.first
    if after_seq:
        newer = await call.runner.read(lambda view: view.changes_after(after_seq, 1))
        first = min([found.dates.last, *(one.wall.astimezone(found.zone).date() for one in newer)])
    return Span(
        log_store=UUID(found.store_id), upto_seq=found.upto_seq, since=found.since, until=found.until,
        first_day=first.isoformat(), last_day=found.dates.last.isoformat(),
    )  # fmt: skip


def _scope(export: StickExport) -> Scope:
    return Scope(since=export.since, until=export.until, after_seq=export.after_seq, upto_seq=export.upto_seq)


def _anything(number: Mapping[str, int], takes: Takes) -> bool:
    """Tell whether there is a row in what a stick takes."""
    return any(count for of, count in number.items() if takes is not Takes.SHEETS or of in _SHEETS_OF)


def _done(visits: Iterable[StickVisit]) -> dict[str, str]:
    return {one["name"]: one["sha256"] for visit in visits for one in json.loads(visit.files)}


def _by(view: View, export: StickExport) -> str:
    """Name who answers for the export: the admin who enrolled the stick."""
    user = view.user(export.exported_by)
    return user.username if user is not None else "unknown"
