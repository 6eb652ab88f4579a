"""Everything that happened to one panel, in the order of time."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from daemon.control.views.plain import Json, electrical, moment, plain, plain_flash, plain_order, plain_ruling
from stations.rules.routing import effective
from storage.reads import History
from storage.records import CriterionResult, Panel, StationResult
from storage.sqlite.view import View

Event = tuple[datetime, Json]


def panel_history(view: View, panel: Panel) -> Json:
    """Give a panel, its order and pallet, what holds it, and its events oldest first, each `{at, kind, …}`."""
    history = view.history(panel.uuid)
    order, on_pallet = view.order(panel.order_uuid), view.pallet_of(panel.uuid)
    if history is None or order is None:
        raise LookupError(f"{panel.serial_number} is not whole in the store")
    names = {user.uuid: user.username for user in view.users()}
    events = sorted((*_events(view, history, names), *_flashes(view, history, names)), key=lambda event: event[0])
    return {
        "panel": plain(panel),
        "order": plain_order(order, view.order_counts(order.uuid)),
        "pallet": plain(on_pallet[0]) | {"position": on_pallet[1].position_in_pallet} if on_pallet else None,
        "holds": [plain(hold) for hold in view.open_holds(panel.uuid)],
        "events": [{"at": moment(at), **event} for at, event in events],
    }


def _events(view: View, history: History, names: Mapping[UUID, str]) -> Iterator[Event]:
    for scan in history.outcomes:
        yield scan.created_at, {"kind": "scan", "operator": _name(names, scan.operator_uuid), **plain(scan)}
    yield from _results(view, history, names)
    for hold in history.holds:
        yield hold.created_at, {"kind": "hold", "by": _name(names, hold.raised_by), **plain(hold)}
    for release in history.releases:
        yield release.created_at, {"kind": "hold_release", "by": _name(names, release.released_by), **plain(release)}
    for override in history.overrides:
        yield override.created_at, {"kind": "override", "by": _name(names, override.decided_by), **plain(override)}
    for place in history.placements:
        yield place.added_at, {"kind": "pallet", "pallet_number": _number(view, place.pallet_uuid), **plain(place)}
    for removal in history.removals:
        by = _name(names, removal.removed_by)
        yield removal.created_at, {"kind": "pallet_removal", "by": by, **plain(removal)}


def _results(view: View, history: History, names: Mapping[UUID, str]) -> Iterator[Event]:
    criteria = {one.uuid: one.criterion_name for one in view.criteria()}
    counted = {row.uuid for row in effective(history.results)}
    for row in history.results:
        found = [one for one in history.criteria if one.station_result_uuid == row.uuid]
        yield row.created_at, {
            "kind": "result", **_result(row), "operator": names.get(row.operator_uuid), "counts": row.uuid in counted,
            "criteria": [_criterion(one, criteria) for one in found],
        }  # fmt: skip


def _result(row: StationResult) -> Json:
    return plain(row, "electrical_data") | {"values": electrical(row)}


def _criterion(one: CriterionResult, names: Mapping[UUID, str]) -> Json:
    return {"name": names.get(one.criterion_uuid, ""), "result": one.result.value, "notes": one.notes}


def _flashes(view: View, history: History, names: Mapping[UUID, str]) -> Iterator[Event]:
    ruled = {ruling.flash_uuid for ruling in history.rulings}
    named = {flash.uuid: flash for flash in view.flashes_of_serial(history.panel.serial_number)}
    found = {uuid: view.raw_flash(uuid) for uuid in ruled} | named
    for flash in found.values():
        if flash is not None:
            rulings = [plain_ruling(one, _name(names, one.decided_by)) for one in view.rulings_of(flash.uuid)]
            yield flash.seen_at, {"kind": "flash", **plain_flash(flash), "rulings": rulings}


def _name(names: Mapping[UUID, str], uuid: UUID | None) -> str | None:
    return names.get(uuid) if uuid is not None else None


def _number(view: View, uuid: UUID) -> str | None:
    pallet = view.pallet_by_uuid(uuid)
    return pallet.pallet_number if pallet else None
