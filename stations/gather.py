"""Read what a step needs to know: one function an event, run inside the transaction that will write its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from stations.rules.commands import Code, Meaning, badge_hash, read_code
from stations.rules.flashes import can_be_stale
from stations.rules.orders import OrderProgress
from stations.rules.pallets import number_prefix
from stations.rules.routing import LAST_STATION
from stations.rules.serials import Serial, normalise, parse_serial
from stations.rules.settings import Rules, read_rules
from stations.workflow.state import StationState
from stations.workflow.turn import Dossier, Facts, Place, ScanEvent, TesterMode
from storage.records import Criterion, Disposition, Pallet, Panel, RawFlash, Waiver
from storage.sqlite.view import View

_SAME_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What changes rarely: read once and again after every office decision."""

    place: Place
    rules: Rules = field(default_factory=Rules)
    problems: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Glance:
    """The line at one moment, as one event finds it."""

    view: View
    around: Surroundings
    tester: TesterMode
    states: Mapping[int, StationState]
    at: datetime


def surroundings(view: View, place: Place, at: datetime) -> Surroundings:
    """Read what changes rarely."""
    rules, problems = read_rules(view.config())
    names = {user.uuid: user.username for user in view.users()}
    return Surroundings(place, rules, problems, view.criteria(), view.waivers(at), names)


def facts_for_scan(look: Glance, state: StationState, event: ScanEvent) -> Facts:
    """Gather what is known for a scan: about the scanned panel, else the open one, else the last one."""
    code = read_code(normalise(event.text))
    facts = _base(look, state)
    if code.meaning is Meaning.BADGE:
        return replace(facts, badge_user=look.view.user_by_badge(badge_hash(code.argument)))
    if code.meaning is Meaning.CLOSE_PALLET:
        return replace(facts, open_pallets=_open_pallets(look.view))
    serial = parse_serial(code.argument, look.around.rules.serial_pattern) if code.meaning is Meaning.SERIAL else None
    panel = _panel_meant(look.view, state, code, serial)
    facts = replace(facts, serial=serial, dossier=dossier_of(look, state, panel) if panel else None)
    if panel is not None and state.station_number == LAST_STATION and look.tester is TesterMode.LATE:
        facts = replace(facts, flashes=usable_late(look.view, panel))
    return _orders_for_new(look, facts) if serial is not None and panel is None else facts


def facts_for_flash(look: Glance, state: StationState, row: RawFlash) -> Facts:
    """Gather what is known for a live flash: about the panel on the table."""
    open_uuid = state.open.panel_uuid if state.open else None
    panel = look.view.panel_by_uuid(open_uuid) if open_uuid else None
    return _with_flash(
        look, replace(_base(look, state), dossier=dossier_of(look, state, panel) if panel else None), row
    )


def facts_for_late(look: Glance, state: StationState, row: RawFlash) -> Facts:
    """Gather what is known for a late row: about the panel with its serial."""
    panel = look.view.panel(row.serial_number) if row.serial_number else None
    return _with_flash(
        look, replace(_base(look, state), dossier=dossier_of(look, state, panel) if panel else None), row
    )


def _base(look: Glance, state: StationState) -> Facts:
    around = look.around
    last = number_prefix(around.place.site, around.place.line_number, look.at.year)
    at_last = state.station_number == LAST_STATION
    return Facts(
        place=around.place,
        rules=around.rules,
        criteria=around.criteria,
        waivers=around.waivers,
        tester=look.tester if around.rules.laser_enabled else TesterMode.NONE,
        operator=look.view.user(state.session.user_uuid) if state.session else None,
        last_pallet_number=look.view.last_pallet_number(last) if at_last else None,
        names=around.names,
    )


def _panel_meant(view: View, state: StationState, code: Code, serial: Serial | None) -> Panel | None:
    if code.meaning is Meaning.SERIAL:
        return view.panel(serial.number) if serial is not None else None
    if state.open is not None:
        return view.panel_by_uuid(state.open.panel_uuid)
    if code.meaning is Meaning.RETEST and state.retest_uuid is not None:
        return view.panel_by_uuid(state.retest_uuid)
    if code.meaning is Meaning.UNDO and state.last_verdict is not None:
        return view.panel_by_uuid(state.last_verdict.result.panel_uuid)
    return None


def dossier_of(look: Glance, state: StationState, panel: Panel) -> Dossier:
    """Gather what is known of a panel, as a station sees it; at the last one with its order's pallet."""
    view, here = look.view, state.station_number
    order = view.order(panel.order_uuid)
    if order is None:
        raise LookupError(f"{panel.serial_number} names an order that is not here")
    open_at = tuple(
        n for n, other in look.states.items() if n != here and other.open and other.open.panel_uuid == panel.uuid
    )
    results, holds = view.results_of(panel.uuid), view.open_holds(panel.uuid)
    dossier = Dossier(panel, order, results, holds, on_pallet=view.pallet_of(panel.uuid), open_at=open_at)
    if here == LAST_STATION:
        dossier = _with_pallet(view, dossier)
    return _seen_elsewhere(look, state, dossier)


def _with_pallet(view: View, dossier: Dossier) -> Dossier:
    pallet = view.open_pallet(dossier.order.uuid)
    return replace(
        dossier,
        counts=view.order_counts(dossier.order.uuid),
        alerts=frozenset(alert.alert for alert in view.alerts_of(dossier.order.uuid)),
        pallet=pallet,
        pallet_places=tuple(p.position_in_pallet for p in view.pallet_panels(pallet.uuid)) if pallet else (),
    )


def _seen_elsewhere(look: Glance, state: StationState, dossier: Dossier) -> Dossier:
    panel, here = dossier.panel.uuid, state.station_number
    moment = max([look.at - _SAME_MOMENT, *(row.created_at for row in dossier.results[-1:])])
    seen_at = look.view.stations_that_scanned(panel, moment)
    verdict = state.last_verdict
    since = look.view.stations_that_scanned(panel, verdict.result.created_at) if verdict else ()
    return replace(
        dossier, seen_at=tuple(n for n in seen_at if n != here), seen_since=tuple(n for n in since if n != here)
    )


def _orders_for_new(look: Glance, facts: Facts) -> Facts:
    serial, place = facts.serial, look.around.place
    if serial is None:
        return facts
    orders = look.view.active_orders(serial.panel_type, place.line_number)
    choice = look.view.order_choice(place.line_number, serial.panel_type)
    candidates = tuple(OrderProgress(order, look.view.order_counts(order.uuid)) for order in orders)
    return replace(facts, candidates=candidates, chosen=choice.order_uuid if choice else None)


def _open_pallets(view: View) -> tuple[tuple[Pallet, int], ...]:
    return tuple((p, len(view.pallet_panels(p.uuid))) for p in view.open_pallets())


def _with_flash(look: Glance, facts: Facts, row: RawFlash) -> Facts:
    own = facts.dossier.panel.serial_number if facts.dossier else row.serial_number
    twins = look.view.serials_with_values(row.values_key, own) if can_be_stale(row) else ()
    first = look.view.flash_by_key(row.flash_key, exclude_uuid=row.uuid)
    return replace(facts, first_of_key=first, serials_with_values=twins)


def usable_late(view: View, panel: Panel) -> tuple[RawFlash, ...]:
    """Give the late rows of a panel that may fill in its values, oldest first."""
    rows = [row for row in view.flashes_of_serial(panel.serial_number) if row.source == "late"]
    return tuple(row for row in rows if _usable(view, row))


def _usable(view: View, row: RawFlash) -> bool:
    ruling = view.ruling_of(row.uuid)
    if ruling is None or '"stale"' in ruling.findings:
        return False
    return ruling.disposition in (Disposition.ATTACHED, Disposition.TRAY)
