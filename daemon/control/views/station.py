"""One station as its screen shows it."""

from dataclasses import dataclass
from datetime import timedelta

from daemon.control.face import DeviceStanding, LineFace, Runner, Standing
from daemon.control.views.notices import order_notices
from daemon.control.views.plain import Json, moment
from daemon.control.views.sticks import stick_now
from drivers.readings import DeviceState
from stations.gather import Surroundings
from stations.office.orders import progress_of
from stations.rules.criteria import of_station
from stations.rules.routing import LAST_STATION, STATIONS
from stations.workflow.measuring import FLASH_WORDS
from stations.workflow.state import Colour, Electrical, StationState
from stations.workflow.turn import Place
from stations.workflow.verdicts import mark_so_far
from storage.errors import StorageError
from storage.records import Criterion, Panel, StationResult, is_shadow
from storage.sqlite.view import View

_LAST = 6
_TESTER_GONE = "Check its cable and power. Or scan the five values."


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What the store knows beside a station's state.

    The panel that lies open or that the message is about, its order's remaining, the last verdicts here.
    """

    panel: Panel | None = None
    remaining: int | None = None
    last: tuple[tuple[StationResult, str], ...] = ()


async def look_at(line: LineFace, number: int) -> Json:
    """Give the view of a station; where the store cannot be read, without what only the store knows."""
    runner, standing = line.runner, line.standing()
    if runner is None:
        return station_view(StationState(number), Surroundings(line.place), StationFacts(), standing, ())
    state = runner.state(number)
    facts, notices = await _facts(runner, state)
    return station_view(state, runner.surroundings, facts, standing, (*reversed(runner.notices), *notices))


async def _facts(runner: Runner, state: StationState) -> tuple[StationFacts, tuple[str, ...]]:
    around, completed_last = runner.surroundings, runner.state(LAST_STATION).last_order_uuid
    try:
        return await runner.read(lambda view: (station_facts(view, state), order_notices(view, around, completed_last)))
    except StorageError:
        return StationFacts(), ()


def station_facts(view: View, state: StationState) -> StationFacts:
    """Read what a station's view needs beside its state."""
    last = tuple((row, _serial(view, row)) for row in _standing(view.last_results(state.station_number, _LAST)))
    if state.open is None:
        return StationFacts(view.panel(state.banner.serial) if state.banner.serial else None, last=last)
    order = view.order(state.open.order_uuid)
    remaining = progress_of(view, order).remaining if order else None
    return StationFacts(view.panel_by_uuid(state.open.panel_uuid), remaining, last)


def _standing(newest: tuple[StationResult, ...]) -> tuple[StationResult, ...]:
    taken_back = {row.supersedes for row in newest}
    return tuple(row for row in newest if row.uuid not in taken_back)


def _serial(view: View, row: StationResult) -> str:
    panel = view.panel_by_uuid(row.panel_uuid)
    return panel.serial_number if panel else ""


def station_view(
    state: StationState, around: Surroundings, facts: StationFacts, standing: Standing, notices: tuple[str, ...]
) -> Json:
    """Build the view of a station from what is known of it."""
    number = state.station_number
    return {
        "station": number,
        "name": STATIONS[number],
        "line": around.place.line_number,
        "shadow": is_shadow(around.place.site),
        "phase": state.phase.value,
        **_banner(state, standing),
        **_panel(state, facts),
        "operator": state.session.username if state.session else None,
        "criteria": [_criterion(one, state, around.place) for one in of_station(around.criteria, number)],
        "values": _values(state.open.electrical) if state.open and state.open.electrical else None,
        "entry": list(state.open.entry) if state.open and state.open.entry is not None else None,
        **_armed(state, standing, around.rules.arm_timeout_s),
        "last_results": [
            {"serial": serial, "result": row.result.value, "at": moment(row.created_at), "notes": row.notes}
            for row, serial in facts.last
        ],
        "devices": [_device(one) for one in standing.devices if one.station in (None, number)],
        "storage": {"state": standing.store.state, "reason": standing.store.reason, "todo": standing.store.todo},
        "notices": list(notices),
        "sticks": [stick_now(one) for one in standing.sticks],
        "at": moment(standing.at),
    }  # fmt: skip


def short_view(state: StationState, standing: Standing) -> Json:
    """Say of a station what fits in a line of status."""
    return {
        "station": state.station_number,
        "name": STATIONS[state.station_number],
        "phase": state.phase.value,
        **_banner(state, standing),
        "serial": state.open.serial if state.open else None,
        "operator": state.session.username if state.session else None,
    }


def _banner(state: StationState, standing: Standing) -> Json:
    banner, store = state.banner, standing.store
    if store.state == "refusing":
        words = (Colour.RED, "NOT SAVED", store.reason, store.todo)
    elif banner.headline in FLASH_WORDS and _without_tester(state, standing):
        words = (Colour.AMBER, "Tester gone", f"{state.on_table.serial} waits for its flash.", _TESTER_GONE)
    else:
        words = (banner.colour, banner.headline, banner.detail, banner.todo)
    colour, headline, detail, todo = words
    said = {"colour": colour.value, "headline": headline, "detail": detail, "todo": todo}
    return {**said, "warning": state.warning, "aside": state.aside}


def _panel(state: StationState, facts: StationFacts) -> Json:
    current, panel, banner = state.open, facts.panel, state.banner
    return {
        "serial": current.serial if current else banner.serial or None,
        "panel_type": current.panel_type if current else None,
        "mo_number": panel.mo_number if panel else None,
        "remaining": facts.remaining,
        "attempt": current.attempt if current else None,
        "note": current.note if current else "",
        "panel_status": panel.status.value if panel else None,
        "expected_station": banner.expected_station or (panel.current_station if panel else None),
    }


def _device(one: DeviceStanding) -> Json:
    if one.tested:
        words = ("tested", "This scanner is being tested: what it scans is not taken.", "Wait until the test is over.")
    else:
        words = (one.state.value, one.reason, one.todo)
    state, reason, todo = words
    return {"name": one.name, "state": state, "reason": reason, "todo": todo}


def _criterion(one: Criterion, state: StationState, place: Place) -> Json:
    mark = mark_so_far(one, state.open, place.line_number) if state.open else None
    return {"number": one.order_index, "name": one.criterion_name, "mark": mark.value if mark else None}


def _values(values: Electrical) -> Json:
    return {
        "Pmax": values.pmax_w, "Voc": values.voc_v, "Isc": values.isc_a, "Vmp": values.vmp_v, "Imp": values.imp_a,
        "source": values.source, "judgement": values.judgement.value, "reason": values.reason,
    }  # fmt: skip


def _without_tester(state: StationState, standing: Standing) -> bool:
    """Tell whether a panel lies open whose values cannot come from the tester right now."""
    gone = any(one.kind == "tester" and one.state is not DeviceState.ONLINE for one in standing.devices)
    return gone and state.station_number == LAST_STATION and state.open is not None


def _armed(state: StationState, standing: Standing, timeout_s: float) -> Json:
    mine = state.open is not None and not _without_tester(state, standing)
    arms = [arm for arm in state.arms if mine and state.open and arm.panel_uuid == state.open.panel_uuid]
    since = arms[-1].armed_at if arms else None
    until = since + timedelta(seconds=timeout_s) if since else None
    return {"armed_since": moment(since), "armed_until": moment(until)}
