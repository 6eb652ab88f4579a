"""A serial was scanned: open the panel, or say why not and where it belongs."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from drivers.readings import Answer
from stations.rules.orders import choose_order
from stations.rules.routing import FIRST_STATION, STATIONS, effective, is_expected, line_of, next_attempt
from stations.rules.serials import Serial, why_not_a_serial
from stations.workflow.measuring import is_armed, measure, needs_arm
from stations.workflow.state import Colour, OpenPanel
from stations.workflow.turn import Dossier, Step, Turn, refuse, say, warn
from stations.workflow.withdrawing import closed_pallet, on_hold, stop_it, withdraw
from storage.records import Alarm, Override, Panel, PanelStatus, Role, thing_uuid


def serial_while_idle(turn: Turn) -> Step:
    """Open the scanned panel, creating it at the first station."""
    turn = replace(turn, state=replace(turn.state, retest_uuid=None))
    serial, dossier = turn.facts.serial, turn.facts.dossier
    if dossier is not None:  # known: whatever pattern and types have become since
        return _known_panel(turn, dossier)
    if serial is None:
        return not_a_serial(turn)
    line = line_of(serial.panel_type, turn.facts.rules.line_types)
    return _new_panel(turn, serial) if line == turn.facts.place.line_number else _wrong_line(turn, serial, line)


def serial_while_open(turn: Turn) -> Step:
    """Answer a serial scanned while a panel is open: the same one again, or another too early."""
    serial, current = turn.facts.serial, turn.state.on_table
    if serial is None and turn.facts.dossier is None:
        return not_a_serial(turn)
    if turn.code.argument != current.serial:
        detail = f"{current.serial} is still open."
        return refuse(turn, "other_open", "One panel at a time", detail, "Finish it or undo, then scan the next.")
    state = say(turn.state, Colour.WHITE, "Already open", current.serial, "Inspect, then PASS, FAIL or B.")
    if needs_arm(turn, current):
        return measure(turn, state, "already_open" if is_armed(turn, current) else "rearmed")
    return Step(state, "already_open", Answer.SEEN)


def not_a_serial(turn: Turn) -> Step:
    """Refuse a text that fits nothing, with the likeliest reason."""
    why = why_not_a_serial(turn.code.argument, turn.facts.rules.serial_pattern)
    return refuse(turn, "not_a_serial", "Not a serial", why, "Scan the panel's barcode again.")


def _wrong_line(turn: Turn, serial: Serial, line: int | None) -> Step:
    if line is None:
        detail = f"No line builds panel type {serial.panel_type}."
        return refuse(turn, "unknown_type", "Unknown panel type", detail, "Put it aside and call a supervisor.")
    detail = f"Panel type {serial.panel_type} is built on line {line}."
    return refuse(turn, "wrong_line", f"Line {line}", detail, f"Take it to line {line}.")


def _new_panel(turn: Turn, serial: Serial) -> Step:
    if turn.state.station_number != FIRST_STATION:
        detail = f"{serial.number} has never been at station 1."
        step = refuse(turn, "wrong_station", "Station 1 first", detail, f"Take it to station 1, {STATIONS[1]}.")
        return _sent_to(step, serial.number, FIRST_STATION)
    chosen = choose_order(turn.facts.candidates, turn.facts.chosen)
    if chosen is None:
        detail = f"No active order for panel type {serial.panel_type} has room."
        return refuse(turn, "no_order", "No order", detail, "Call a supervisor to open an order.")
    place = turn.facts.place
    panel = Panel(
        uuid=thing_uuid(place.site, "panel", serial.number), serial_number=serial.number,
        order_uuid=chosen.order.uuid, mo_number=chosen.order.mo_number, panel_type=serial.panel_type,
        frame_type=serial.frame, backsheet_type=serial.backsheet, year=serial.year,
        line_number=place.line_number, created_at=turn.at,
    )  # fmt: skip
    step = _opened(turn, Dossier(panel, chosen.order), "opened_new")
    return replace(step, records=(panel, *step.records))


def _known_panel(turn: Turn, dossier: Dossier) -> Step:
    panel, station = dossier.panel, turn.state.station_number
    if dossier.seen_at:
        return _two_places(turn, dossier, dossier.seen_at[0])
    if dossier.open_at:
        return _open_elsewhere(turn, dossier, dossier.open_at[0])
    if dossier.holds:
        return on_hold(turn, dossier)
    if is_expected(panel, station):
        return _opened(turn, dossier, "opened")
    done_here = [row for row in effective(dossier.results) if row.station_number == station]
    if panel.status is PanelStatus.FAILED:
        return refuse(turn, "scrapped", "SCRAP", f"{panel.serial_number} is scrap.", "Take it off the line.")
    if done_here and (panel.status is PanelStatus.COMPLETED or panel.current_station > station):
        return _finished_here(turn, dossier)
    return _belongs_elsewhere(turn, panel)


def _open_elsewhere(turn: Turn, dossier: Dossier, other: int) -> Step:
    serial = dossier.panel.serial_number
    detail = f"{serial} is still open at station {other}."
    step = refuse(turn, "open_elsewhere", f"Open at {other}", detail, f"Finish it at station {other} first.")
    return _sent_to(step, serial, other)


def _two_places(turn: Turn, dossier: Dossier, other: int) -> Step:
    serial = dossier.panel.serial_number
    message = f"{serial} is at station {other} and was scanned at station {turn.state.station_number}."
    alarm = Alarm(
        uuid=turn.ids(), code="two_places", message=message, station_number=turn.state.station_number,
        panel_uuid=dossier.panel.uuid, created_at=turn.at,
    )  # fmt: skip
    step = refuse(turn, "two_places", "Two panels, one serial?", message, "Call a supervisor.")
    return warn(turn, replace(step, records=(alarm,)), message)


def _belongs_elsewhere(turn: Turn, panel: Panel) -> Step:
    if panel.status is PanelStatus.COMPLETED:
        return refuse(turn, "completed", "Already completed", panel.serial_number, "It belongs on its pallet.")
    station = panel.current_station
    what = "Rework at" if panel.status is PanelStatus.REWORK else "Belongs to"
    detail = f"{what} station {station}, {STATIONS.get(station, '')}."
    step = refuse(turn, "wrong_station", f"Station {station}", detail, f"Take it to station {station}.")
    return _sent_to(step, panel.serial_number, station)


def _sent_to(step: Step, serial: str, station: int) -> Step:
    banner = replace(step.state.banner, serial=serial, expected_station=station)
    return replace(step, state=replace(step.state, banner=banner))


def _finished_here(turn: Turn, dossier: Dossier) -> Step:
    last = [row for row in effective(dossier.results) if row.station_number == turn.state.station_number][-1]
    who = turn.facts.names.get(last.operator_uuid, "somebody")
    now = "" if dossier.panel.status is PanelStatus.COMPLETED else f" It is at station {dossier.panel.current_station}."
    pallet = closed_pallet(dossier)
    todo = "To test it again a supervisor scans RETEST." if pallet is None else stop_it(dossier)
    lies = f" It is on closed pallet {pallet.pallet_number}." if pallet is not None else ""
    detail = f"{dossier.panel.serial_number}: by {who}, {_ago(turn.at - last.created_at)}.{now}{lies}"
    state = say(turn.state, Colour.AMBER, f"Already {last.result}", detail, todo)
    step = Step(replace(state, retest_uuid=dossier.panel.uuid), "already_done", Answer.BAD)
    return _sent_to(step, dossier.panel.serial_number, dossier.panel.current_station)


def _ago(age: timedelta) -> str:
    minutes = round(age.total_seconds() / 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days ago"


def retest(turn: Turn) -> Step:
    """Open a finished panel once more; needs a supervisor signed in at this station."""
    dossier, session = turn.facts.dossier, turn.state.session
    if dossier is None or turn.state.retest_uuid is None or session is None:
        return refuse(turn, "nothing_to_retest", "Scan the panel first", todo="Scan the finished panel, then RETEST.")
    if turn.facts.operator is None or turn.facts.operator.role not in (Role.SUPERVISOR, Role.ADMIN):
        detail = "Only a supervisor may order a retest."
        return refuse(turn, "not_allowed", "Supervisor needed", detail, "A supervisor scans badge, panel, RETEST.")
    return _reopened(turn, dossier, session.user_uuid)


def _reopened(turn: Turn, dossier: Dossier, supervisor: UUID) -> Step:
    pallet, station = closed_pallet(dossier), turn.state.station_number
    if dossier.panel.status is PanelStatus.FAILED or dossier.holds or dossier.open_at:
        detail = "It is scrap, on hold, or open elsewhere."
        return refuse(turn, "no_retest", "No retest now", detail, "Scan the panel again.")
    if pallet is not None:
        detail = f"{dossier.panel.serial_number} is on {pallet.pallet_number}, which is closed."
        return refuse(turn, "pallet_closed", "Pallet is closed", detail, stop_it(dossier))
    panel = replace(dossier.panel, status=PanelStatus.IN_PRODUCTION, current_station=station, electrical_pending=False)
    override = Override(
        uuid=turn.ids(), panel_uuid=panel.uuid, action="retest", station_number=station,
        reason="retest ordered at the station", decided_by=supervisor, created_at=turn.at,
    )  # fmt: skip
    unmeasured = replace(turn, facts=replace(turn.facts, flashes=()))
    step = _opened(unmeasured, replace(dossier, panel=panel), "retest")
    withdrawn = withdraw(turn, dossier, panel, "retest", supervisor)
    return replace(step, records=(override, *withdrawn, *step.records))


def _opened(turn: Turn, dossier: Dossier, code: str) -> Step:
    panel = dossier.panel
    attempt = next_attempt(dossier.results, turn.state.station_number)
    current = OpenPanel(panel.uuid, dossier.order.uuid, panel.serial_number, panel.panel_type, turn.at, attempt)
    state = replace(turn.state, open=current, retest_uuid=None)
    detail = f"{panel.serial_number} · {panel.panel_type} cells · order {dossier.order.mo_number}"
    headline = "Inspect" if attempt == 1 else f"Inspect again ({attempt})"
    state = say(state, Colour.WHITE, headline, detail, "PASS, FAIL or B.")
    return measure(turn, state, code)
