"""A supervisor's word on a panel: moved, scrapped, its last verdict taken back; anybody's note."""

from dataclasses import dataclass, replace

from stations.office.deciding import decision
from stations.office.finding import dossier_at, look_around, panel_named, station_numbered, turn_about
from stations.office.orders import progress_of
from stations.office.outcome import Desk, Outcome, done, refused
from stations.office.wording import appended, note_of, reason_of
from stations.rules.routing import LAST_STATION, before_verdict, effective, is_expected
from stations.workflow.turn import Dossier, Facts, Turn
from stations.workflow.withdrawing import closed_pallet, withdraw
from storage.records import Override, Panel, PanelStatus, Record, Role, StationResult, Verdict
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePanel:
    """Send a panel to a station, whatever it passed before."""

    serial: str
    station: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapPanel:
    """Fail a panel for good."""

    serial: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoVerdict:
    """Take back the last verdict on a panel."""

    serial: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePanel:
    """Add a line to a panel's notes."""

    serial: str
    text: str


@decision(Role.SUPERVISOR)
def move_panel(view: View, desk: Desk, request: MovePanel) -> Outcome[Panel]:
    """Make a station the one where a panel is expected; it leaves an open pallet, a scrapped one is panel again."""
    station_numbered(request.station)
    turn = _movable(view, desk, request.serial)
    dossier = turn.facts.known
    if is_expected(dossier.panel, request.station):
        raise refused(f"{dossier.panel.serial_number} is expected at station {request.station} already.")
    _assert_room(view, dossier)
    status = before_verdict(request.station, dossier.results)
    panel = replace(dossier.panel, status=status, current_station=request.station, electrical_pending=False)
    return _overridden(desk, turn, panel, "move", request.reason)


@decision(Role.SUPERVISOR)
def scrap_panel(view: View, desk: Desk, request: ScrapPanel) -> Outcome[Panel]:
    """Fail a panel for good; its order gets room for another."""
    turn = _movable(view, desk, request.serial)
    dossier = turn.facts.known
    if dossier.panel.status is PanelStatus.FAILED:
        raise refused(f"{dossier.panel.serial_number} is scrap already.")
    panel = replace(dossier.panel, status=PanelStatus.FAILED, electrical_pending=False)
    return _overridden(desk, turn, panel, "scrap", request.reason)


@decision(Role.SUPERVISOR)
def undo_verdict(view: View, desk: Desk, request: UndoVerdict) -> Outcome[Panel]:
    """Take back the last verdict that counts, at any age: VOID supersedes it, the panel is expected there again."""
    turn = _movable(view, desk, request.serial)
    dossier = turn.facts.known
    last = _last_verdict(view, dossier)
    _assert_room(view, dossier)
    reason = reason_of(request.reason)
    void = StationResult(
        uuid=desk.ids(), panel_uuid=last.panel_uuid, station_number=last.station_number, operator_uuid=desk.who.uuid,
        result=Verdict.VOID, notes=reason, attempt=last.attempt, supersedes=last.uuid, created_at=desk.at,
    )  # fmt: skip
    earlier = tuple(row for row in dossier.results if row.uuid != last.uuid)
    status = before_verdict(last.station_number, earlier)
    panel = replace(dossier.panel, status=status, current_station=last.station_number, electrical_pending=False)
    return _overridden(desk, turn, panel, "undo", reason, void)


@decision(Role.OPERATOR)
def note_panel(view: View, desk: Desk, request: NotePanel) -> Outcome[Panel]:
    """Add a line to a panel's notes; nobody's earlier note goes."""
    panel = panel_named(view, request.serial)
    said = f"{desk.at:%Y-%m-%d %H:%M} UTC {desk.who.username}: {note_of('The note', request.text)}"
    after = replace(panel, notes=appended(panel.notes, said))
    return done(after, after)


def _movable(view: View, desk: Desk, serial: str) -> Turn:
    panel, look = panel_named(view, serial), look_around(view, desk)
    dossier = dossier_at(look, panel, LAST_STATION)
    pallet = closed_pallet(dossier)
    if pallet is not None:
        message = f"{panel.serial_number} is on pallet {pallet.pallet_number}, which is closed."
        raise refused(message, f"Stop it instead: sunline hold raise {panel.serial_number}")
    return turn_about(look, desk, Facts(place=desk.place, dossier=dossier), LAST_STATION)


def _last_verdict(view: View, dossier: Dossier) -> StationResult:
    panel, rows = dossier.panel, effective(dossier.results)
    if not rows:
        raise refused(f"{panel.serial_number} has no verdict to take back.")
    scrapped = [row for row in view.overrides_of(panel.uuid) if row.action == "scrap"]
    if panel.status is PanelStatus.FAILED and scrapped and scrapped[-1].created_at >= rows[-1].created_at:
        message = f"A supervisor scrapped {panel.serial_number} after its last verdict."
        raise refused(message, "Send it to a station instead: sunline panel move.")
    return rows[-1]


def _assert_room(view: View, dossier: Dossier) -> None:
    was_scrap = dossier.panel.status is PanelStatus.FAILED
    if was_scrap and progress_of(view, dossier.order).room <= 0:
        message = f"Order {dossier.order.mo_number} has no room: another panel took its place."
        raise refused(message, "Make it larger: sunline order resize.")


def _overridden(desk: Desk, turn: Turn, panel: Panel, action: str, reason: str, *also: Record) -> Outcome[Panel]:
    row = Override(
        uuid=desk.ids(), panel_uuid=panel.uuid, action=action, station_number=panel.current_station,
        reason=reason_of(reason), decided_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    return done(panel, row, *also, *withdraw(turn, turn.facts.known, panel, action, desk.who.uuid))
