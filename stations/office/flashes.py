"""The tray: a person says whose a flash is, or that it is nobody's."""

import json
from dataclasses import dataclass, replace

from stations.gather import facts_for_late
from stations.office.deciding import decision
from stations.office.finding import flash_of, look_around, panel_named, turn_about
from stations.office.outcome import Desk, Outcome, refused
from stations.office.wording import reason_of
from stations.rules.flashes import can_be_stale
from stations.rules.judge import Finding, Judgement, Severity, as_json
from stations.rules.routing import LAST_STATION
from stations.statecodec import StateCodec
from stations.workflow.flashing import STALE, rule
from stations.workflow.holding import stale_hold
from stations.workflow.lateness import attach, passed_station_4
from stations.workflow.measuring import electrical_of, judge_row
from stations.workflow.state import Electrical, StationState
from stations.workflow.turn import Step, Turn
from storage.records import Batch, Disposition, FlashRuling, Hold, RawFlash, Role, StateRow
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignFlash:
    """Say that a flash, named by its id or a part of it, is the flash of a panel."""

    uuid: str
    serial: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardFlash:
    """Say that a flash, named by its id or a part of it, is nobody's."""

    uuid: str
    reason: str


_ASSIGNABLE = frozenset({Disposition.TRAY, Disposition.ERROR, Disposition.DISCARDED})
_DISCARDABLE = frozenset({Disposition.TRAY, Disposition.ERROR})


@decision(Role.SUPERVISOR)
def assign_flash(view: View, desk: Desk, request: AssignFlash) -> Outcome[FlashRuling]:
    """Attach a flash to a panel that lies at station 4 without values, or that has passed it.

    A finished result is never rewritten: what was pending is resolved, a FAIL or a difference beyond the tolerance
    holds panel and pallet. Values seen under another serial hold the panel too.
    """
    row = _ruled(view, request.uuid, _ASSIGNABLE)
    turn = _turn_of(view, desk, request.serial, row)
    electrical, findings = _judged(turn, row)
    _assert_waiting(turn)
    ruling = replace(
        rule(turn, row, Disposition.ATTACHED, reason_of(request.reason), findings), decided_by=desk.who.uuid
    )
    step = attach(turn, row, electrical, ruling)
    records = (*step.records, *_stale_holds(turn, row))
    return Outcome(ruling, Batch(records, _states(turn.state, step)), actions=step.actions)


@decision(Role.SUPERVISOR)
def discard_flash(view: View, desk: Desk, request: DiscardFlash) -> Outcome[FlashRuling]:
    """Take a flash out of the tray for good; its row stays."""
    row = _ruled(view, request.uuid, _DISCARDABLE)
    ruling = FlashRuling(
        uuid=desk.ids(), flash_uuid=row.uuid, disposition=Disposition.DISCARDED, reason=reason_of(request.reason),
        decided_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    return Outcome(ruling, Batch((ruling,)))


def _ruled(view: View, text: str, allowed: frozenset[Disposition]) -> RawFlash:
    row = flash_of(view, text)
    ruling = view.ruling_of(row.uuid)
    if ruling is None:
        raise refused("The line has not decided on this flash yet.", "Try again in a moment.")
    if ruling.disposition not in allowed:
        raise refused(f"This flash is not in the tray: it is {ruling.disposition} ({ruling.reason.rstrip('.')}).")
    return row


def _turn_of(view: View, desk: Desk, serial: str, row: RawFlash) -> Turn:
    panel, look = panel_named(view, serial), look_around(view, desk)
    state = look.states.get(LAST_STATION) or StationState(LAST_STATION)
    facts = facts_for_late(look, state, replace(row, serial_number=panel.serial_number))
    return turn_about(look, desk, facts, LAST_STATION)


def _judged(turn: Turn, row: RawFlash) -> tuple[Electrical, str]:
    judgement, why, findings = judge_row(turn, row, turn.facts.known.order)
    electrical = electrical_of(row, turn.facts.known.order, judgement, why)
    if electrical is None or judgement is Judgement.ERROR:
        raise refused(f"These values are no panel's. {why}", "Discard the flash and flash the panel again.")
    return electrical, _with_doubts(turn, row, findings)


def _with_doubts(turn: Turn, row: RawFlash, findings: str) -> str:
    found: list[object] = json.loads(findings)
    serial = turn.facts.known.panel.serial_number
    if row.serial_number not in (None, serial):
        detail = f"The tester recorded {row.serial_number}."
        found += json.loads(as_json([Finding("serial_differs", Severity.WARN, detail)]))
    if _is_stale(turn, row):
        found += json.loads(STALE)
    return json.dumps(found, ensure_ascii=False)


def _assert_waiting(turn: Turn) -> None:
    dossier, current = turn.facts.known, turn.state.open
    serial = dossier.panel.serial_number
    on_table = current is not None and current.panel_uuid == dossier.panel.uuid
    if on_table and current is not None and current.electrical is not None:
        raise refused(f"{serial} has its values already.", "Undo them at station 4 first.")
    if not on_table and passed_station_4(dossier) is None:
        raise refused(f"{serial} has not been at the tester.", "Open it at station 4, then assign the flash.")


def _is_stale(turn: Turn, row: RawFlash) -> bool:
    return bool(turn.facts.serials_with_values) and can_be_stale(row)


def _stale_holds(turn: Turn, row: RawFlash) -> tuple[Hold, ...]:
    dossier = turn.facts.known
    if not _is_stale(turn, row) or any(hold.code == "stale" for hold in dossier.holds):
        return ()
    reason = f"The five values are those of {turn.facts.serials_with_values[0]}: the tester repeated itself."
    return (stale_hold(turn, dossier, reason),)


def _states(before: StationState, step: Step) -> tuple[StateRow, ...]:
    return (StateCodec().encode(step.state),) if step.state != before else ()
