"""Read what a step needs to know: one function an event, run inside the transaction that will write its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from drivers.readings import FlashSource
from stations.rules.commands import Code, Meaning, badge_hash, read_code
from stations.rules.flashes import can_be_stale, names_a_panel
from stations.rules.orders import OrderProgress
from stations.rules.pallets import Loaded, number_prefix
from stations.rules.routing import LAST_STATION, effective
from stations.rules.serials import Serial, normalise, parse_serial
from stations.rules.settings import Rules, read_rules
from stations.workflow.state import StationState
from stations.workflow.turn import Dossier, Facts, OpenPallet, Place, ScanEvent, TesterMode
from storage.records import (
    Criterion,
    Disposition,
    Order,
    Pallet,
    PalletPanel,
    Panel,
    PanelStatus,
    RawFlash,
    StationResult,
    Verdict,
    Waiver,
)
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
        return replace(facts, open_pallets=tuple(_open(look.view, one) for one in look.view.open_pallets()))
    serial = parse_serial(code.argument, look.around.rules.serial_pattern) if code.meaning is Meaning.SERIAL else None
    panel = _panel_meant(look.view, state, code)
    if panel is None:
        return _orders_for_new(look, facts, serial) if serial else facts
    dossier = dossier_of(look, state, panel, counted=code.meaning is not Meaning.SERIAL)
    late = usable_late(look.view, dossier) if state.station_number == LAST_STATION else ()
    return replace(facts, serial=serial, dossier=dossier, flashes=late)


def facts_for_flash(look: Glance, state: StationState, row: RawFlash) -> Facts:
    """Gather what is known for a live flash: about the panel on the table."""
    open_uuid = state.open.panel_uuid if state.open else None
    panel = look.view.panel_by_uuid(open_uuid) if open_uuid else None
    dossier = dossier_of(look, state, panel) if panel else None
    twins = _twins(look, row, panel.serial_number if panel else row.serial_number)
    first = look.view.earlier_flash(row)
    return replace(_base(look, state), dossier=dossier, first_of_key=first, serials_with_values=twins)


def facts_for_late(look: Glance, state: StationState, row: RawFlash) -> Facts:
    """Gather what is known for a late row: about the panel with its serial, unless the row was seen before."""
    first = look.view.earlier_flash(row)
    panel = look.view.panel(row.serial_number) if row.serial_number and first is None else None
    if panel is None:
        return Facts(place=look.around.place, rules=look.around.rules, first_of_key=first)
    on_table = state.open is not None and state.open.panel_uuid == panel.uuid
    dossier = dossier_of(look, state, panel) if on_table else _past_of(look.view, panel)
    return replace(
        _base(look, state, may_close=on_table),
        dossier=dossier,
        measured_live=tuple(one for one, _ in look.view.flashes_of_panel(panel.uuid) if one.source == FlashSource.LIVE),
        serials_with_values=_twins(look, row, panel.serial_number),
    )


def _base(look: Glance, state: StationState, *, may_close: bool = True) -> Facts:
    """Gather what every step wants; `may_close`: with what it takes to put a panel onto a pallet."""
    around = look.around
    last = number_prefix(around.place.site, around.place.line_number, look.at.year)
    at_last = may_close and state.station_number == LAST_STATION
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


def _panel_meant(view: View, state: StationState, code: Code) -> Panel | None:
    if code.meaning is Meaning.SERIAL:
        return view.panel(code.argument)
    if state.open is not None:
        return view.panel_by_uuid(state.open.panel_uuid)
    if code.meaning is Meaning.RETEST and state.retest_uuid is not None:
        return view.panel_by_uuid(state.retest_uuid)
    if code.meaning is Meaning.UNDO and state.last_verdict is not None:
        return view.panel_by_uuid(state.last_verdict.result.panel_uuid)
    return None


def dossier_of(look: Glance, state: StationState, panel: Panel, *, counted: bool = True) -> Dossier:
    """Gather what is known of a panel, as a station sees it; `counted`: with what its order's panels add up to."""
    view, here, order = look.view, state.station_number, _order_of(look.view, panel)
    open_at = tuple(
        n for n, other in look.states.items() if n != here and other.open and other.open.panel_uuid == panel.uuid
    )
    results = view.results_of(panel.uuid)
    dossier = Dossier(
        panel, order, results, view.open_holds(panel.uuid), on_pallet=view.pallet_of(panel.uuid),
        overrides=view.overrides_of(panel.uuid), open_at=open_at,
        seen_at=_seen_at(look, here, panel, results), seen_since=_seen_since(look, state, panel),
    )  # fmt: skip
    if counted and (here == LAST_STATION or panel.status is PanelStatus.FAILED):
        return _with_order(view, dossier, look.around.rules.pallet_size)
    return dossier


def _past_of(view: View, panel: Panel) -> Dossier:
    """Gather what a late row can still change of a panel that is not on the table."""
    order, results, holds = _order_of(view, panel), view.results_of(panel.uuid), view.open_holds(panel.uuid)
    return Dossier(panel, order, results, holds, on_pallet=view.pallet_of(panel.uuid))


def _order_of(view: View, panel: Panel) -> Order:
    order = view.order(panel.order_uuid)
    if order is None:
        raise LookupError(f"{panel.serial_number} names an order that is not here")
    return order


def _with_order(view: View, dossier: Dossier, pallet_size: int) -> Dossier:
    mine = (pallet for pallet in view.open_pallets() if pallet.order_uuid == dossier.order.uuid)
    opened = (_open(view, pallet, pallet_size) for pallet in mine)
    return replace(
        dossier,
        counts=view.order_counts(dossier.order.uuid),
        alerts=frozenset(alert.alert for alert in view.alerts_of(dossier.order.uuid)),
        pallet=next((one for one in opened if not one.held and len(one.places) < pallet_size), None),
    )


def _open(view: View, pallet: Pallet, pallet_size: int | None = None) -> OpenPallet:
    """Look at an open pallet; at what lies on it only when it is about to be closed."""
    places = tuple(place.position_in_pallet for place in view.pallet_panels(pallet.uuid))
    closing = pallet_size is None or len(places) + 1 >= pallet_size
    held = bool(view.open_holds(pallet.uuid))
    return OpenPallet(pallet, places, held, loaded_on(view, pallet) if closing else ())


def loaded_on(view: View, pallet: Pallet) -> tuple[Loaded, ...]:
    """Give the panels on a pallet as they may be shipped or not."""
    return tuple(_loaded(view, place) for place in view.pallet_panels(pallet.uuid))


def _loaded(view: View, place: PalletPanel) -> Loaded:
    panel = view.panel_by_uuid(place.panel_uuid)
    if panel is None:
        raise LookupError(f"pallet place {place.uuid} names a panel that is not here")
    newest = view.pallet_of(panel.uuid)
    elsewhere = newest is not None and newest[0].uuid != place.pallet_uuid
    return Loaded(panel, bool(view.open_holds(panel.uuid)), newest[0].pallet_number if newest and elsewhere else "")


def _seen_at(look: Glance, here: int, panel: Panel, results: tuple[StationResult, ...]) -> tuple[int, ...]:
    """Give the other stations that scanned a panel a moment ago, its last result left aside."""
    moment = max([look.at - _SAME_MOMENT, *(row.created_at for row in results[-1:])])
    return tuple(n for n in look.view.stations_that_scanned(panel.uuid, moment, look.at) if n != here)


def _seen_since(look: Glance, state: StationState, panel: Panel) -> tuple[int, ...]:
    """Give the other stations that scanned a panel since the verdict that may be taken back here."""
    verdict, here = state.last_verdict, state.station_number
    if verdict is None or verdict.result.panel_uuid != panel.uuid:
        return ()
    since = verdict.result.created_at
    return tuple(n for n in look.view.stations_that_scanned(panel.uuid, since, look.at) if n != here)


def _orders_for_new(look: Glance, facts: Facts, serial: Serial) -> Facts:
    place = look.around.place
    orders = look.view.active_orders(serial.panel_type, place.line_number)
    choice = look.view.order_choice(place.line_number, serial.panel_type)
    candidates = tuple(OrderProgress(order, look.view.order_counts(order.uuid)) for order in orders)
    return replace(facts, serial=serial, candidates=candidates, chosen=choice.order_uuid if choice else None)


def _twins(look: Glance, row: RawFlash, own: str | None) -> tuple[str, ...]:
    """Give the other panels under which the same five values were seen."""
    serials = look.view.serials_with_values(row, own) if can_be_stale(row) else ()
    return tuple(serial for serial in serials if names_a_panel(serial, look.around.rules))


def usable_late(view: View, dossier: Dossier) -> tuple[RawFlash, ...]:
    """Give the late rows that may fill in a panel's values, oldest first.

    Not those another panel got, those an earlier attempt was judged by and those stored before them, or those from
    before it failed station 4 or a retest was ordered.
    """
    counted = effective(dossier.results)
    used = " ".join(row.electrical_data or "" for row in counted)
    fails = [r.created_at for r in counted if r.result is Verdict.FAIL and r.station_number == LAST_STATION]
    afresh = [*fails, *(one.created_at for one in dossier.overrides if one.action == "retest")]
    rows = [row for row in view.flashes_of_serial(dossier.panel.serial_number) if row.source == FlashSource.LATE]
    older = max((place for place, row in enumerate(rows, 1) if str(row.uuid) in used), default=0)  # whatever the clock
    fresh = [row for row in rows[older:] if all(row.seen_at > at for at in afresh)]
    return tuple(row for row in fresh if _usable(view, row, dossier.panel))


def _usable(view: View, row: RawFlash, panel: Panel) -> bool:
    ruling = view.ruling_of(row.uuid)
    if ruling is None or '"stale"' in ruling.findings or ruling.panel_uuid not in (None, panel.uuid):
        return False
    return ruling.disposition in (Disposition.ATTACHED, Disposition.TRAY)
