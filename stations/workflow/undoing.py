"""Taking back: the last mark before the verdict, the verdict itself for a minute after it."""

from dataclasses import replace

from drivers.readings import Answer
from stations.rules.judge import Judgement
from stations.rules.routing import after_verdict, before_verdict, effective
from stations.workflow.measuring import measure, needs_arm
from stations.workflow.state import Colour, LastVerdict, OpenPanel
from stations.workflow.turn import ArmTester, Dossier, Step, Turn, refuse, say
from stations.workflow.withdrawing import closed_pallet, stop_it, withdraw
from storage.records import PanelStatus, StationResult, Verdict

_MINUTE_S = 60


def undo_mark(turn: Turn) -> Step:
    """Clear the last mark; with nothing marked, put the panel down without a verdict."""
    current = turn.state.on_table
    if current.marks:
        return _cleared(turn, replace(current, marks=current.marks[:-1]), current.marks[-1].text or "last mark")
    if current.pending:
        return _cleared(turn, replace(current, pending=False), "LATER")
    if current.electrical is not None and current.electrical.source == "manual":
        return _cleared(turn, replace(current, electrical=None), "values entered by hand")
    if current.electrical is not None and current.electrical.judgement is Judgement.FAIL:
        return refuse(turn, "judged_fail", "FAIL", current.electrical.reason, "Scan DONE: it goes to rework.")
    state = say(
        replace(turn.state, open=None), Colour.WHITE, "Put down", f"{current.serial}: no verdict.", "Scan a panel."
    )
    disarm = (ArmTester(None),) if needs_arm(turn, current) else ()
    return Step(state, "put_down", Answer.GOOD, actions=disarm)


def _cleared(turn: Turn, current: OpenPanel, what: str) -> Step:
    state = say(replace(turn.state, open=current), Colour.WHITE, "Undone", what, "PASS, FAIL or B.")
    return Step(state, "mark_undone", Answer.GOOD)


def undo_verdict(turn: Turn) -> Step:
    """Take back the last verdict given here: a VOID row supersedes it and the panel is open again.

    Within the undo window, by the same operator, while nobody else has seen the panel and its pallet is open.
    """
    last, dossier = turn.state.last_verdict, turn.facts.dossier
    if last is None or dossier is None:
        return refuse(turn, "nothing_to_undo", "Nothing to undo", todo="Scan a panel.")
    why = why_not(turn, last, dossier)
    if why:
        supervisor = f"A supervisor can: sunline panel undo {last.open.serial}"
        todo = stop_it(dossier) if closed_pallet(dossier) is not None else supervisor
        return refuse(turn, "undo_too_late", "Too late to undo", why, todo)
    return _voided(turn, last, dossier)


def why_not(turn: Turn, last: LastVerdict, dossier: Dossier) -> str:
    """Say why an operator may no longer take the verdict back; empty when it may be taken back."""
    session, result = turn.state.session, last.result
    age_s = (turn.at - result.created_at).total_seconds()
    rows = effective(dossier.results)
    pallet = closed_pallet(dossier)
    if age_s < 0:
        return "The clock of this PC was set back."
    window_s = turn.facts.rules.undo_window_s
    if age_s > window_s:
        age = f"{age_s:.0f} s" if age_s < 2 * _MINUTE_S else f"{age_s / _MINUTE_S:.0f} min"
        return f"The verdict is {age} old; UNDO works for {window_s:.0f} s."
    if session is None or session.user_uuid != result.operator_uuid:
        return "Somebody else gave the verdict."
    if dossier.open_at or dossier.seen_since or not rows or rows[-1].uuid != result.uuid:
        return "The panel was seen at another station."
    if pallet is not None:
        return f"Pallet {pallet.pallet_number} is closed."
    return _why_not_now(turn, result, dossier)


def _why_not_now(turn: Turn, result: StationResult, dossier: Dossier) -> str:
    panel, rules = dossier.panel, turn.facts.rules
    earlier = tuple(row for row in dossier.results if row.uuid != result.uuid)
    led_to = after_verdict(result.station_number, result.result, earlier, rules.max_rework_attempts)
    overruled = any(one.created_at > result.created_at for one in dossier.overrides)
    if overruled or (panel.status, panel.current_station) != led_to:
        return "A supervisor has decided on this panel since."
    room = dossier.order.quantity - dossier.counts.joined + dossier.counts.scrapped
    if panel.status is PanelStatus.FAILED and room <= 0:
        return f"Order {dossier.order.mo_number} has taken another panel in its place."
    return ""


def void_row(turn: Turn, result: StationResult) -> StationResult:
    """Make the row that takes `result` back."""
    session = turn.state.signed_in
    return StationResult(
        uuid=turn.ids(), panel_uuid=result.panel_uuid, station_number=result.station_number,
        operator_uuid=session.user_uuid, result=Verdict.VOID, notes="undone at the station",
        attempt=result.attempt, supersedes=result.uuid, created_at=turn.at,
    )  # fmt: skip


def _voided(turn: Turn, last: LastVerdict, dossier: Dossier) -> Step:
    station = turn.state.station_number
    void = void_row(turn, last.result)
    earlier = tuple(row for row in dossier.results if row.uuid != last.result.uuid)
    panel = replace(
        dossier.panel, status=before_verdict(station, earlier), current_station=station, electrical_pending=False
    )
    reopened = replace(last.open, marks=(), pending=False, entry=None)
    state = replace(turn.state, open=reopened, last_verdict=None)
    state = say(state, Colour.WHITE, "Undone", f"{reopened.serial} is open again.", "PASS, FAIL or B.")
    records = (void, *withdraw(turn, dossier, panel, "undo", void.operator_uuid))
    step = Step(state, "verdict_undone", Answer.GOOD)
    if reopened.electrical is None:
        step = measure(turn, state, "verdict_undone")
    return replace(step, records=(*records, *step.records))
