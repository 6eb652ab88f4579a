"""A live flash: whose it is, whether it is good, whether it completes the panel on the table."""

from dataclasses import replace

from drivers.readings import Answer
from stations.rules.flashes import Arm, Role, can_be_stale, match_live, role_of
from stations.rules.judge import Judgement
from stations.workflow.holding import stale_hold
from stations.workflow.marking import settle
from stations.workflow.measuring import (
    FLASH,
    FLASH_AGAIN,
    FLASH_NOT_USED,
    electrical_of,
    is_armed,
    judge_row,
    needs_arm,
    show_values,
    with_arm,
)
from stations.workflow.state import Colour, Electrical, MarkKind, OpenPanel, StationState
from stations.workflow.turn import Step, Turn, beside, say, warn
from storage.records import Disposition, FlashRuling, RawFlash

STALE = '[{"rule": "stale", "severity": "stale", "detail": "The same five values were measured under another serial."}]'
"""The finding of a tester that repeats old values."""

AGAIN = "Check the contacts. Scan the panel again, then flash."
UNREADABLE = "The tester sent a line that could not be read."

_GARBLES_SAID = 3
"""Unreadable lines in a row after which flashing again is no advice any more."""


def rule(turn: Turn, row: RawFlash, disposition: Disposition, reason: str, findings: str = "[]") -> FlashRuling:
    """Make the row that says where a flash went."""
    attached = disposition is Disposition.ATTACHED and turn.facts.dossier is not None
    return FlashRuling(
        uuid=turn.ids(), flash_uuid=row.uuid, disposition=disposition, reason=reason, findings=findings,
        panel_uuid=turn.facts.known.panel.uuid if attached else None, created_at=turn.at,
    )  # fmt: skip


def live_flash(turn: Turn, row: RawFlash) -> Step:
    """Decide on a flash of the tester at this station; `turn.facts` is about the panel on the table."""
    role, turn = role_of(row, turn.facts.rules), _understood(turn)
    if turn.facts.first_of_key is not None:
        ruling = rule(turn, row, Disposition.REPEAT, "seen before")
        return Step(_still_waiting(turn, "The tester sent an old flash again."), "flash_repeat", Answer.SEEN, (ruling,))
    if role is Role.REFERENCE:
        ruling = rule(turn, row, Disposition.REFERENCE, "calibration, set-up or reference panel")
        return Step(_still_waiting(turn, "That was a reference flash."), "flash_reference", Answer.SEEN, (ruling,))
    match = match_live(row, role, turn.state.arms, turn.facts.rules.arm_timeout_s)
    current = turn.state.open
    if match.arm is None:
        return _to_tray(turn, row, match.reason, match.left)
    if current is None or current.panel_uuid != match.arm.panel_uuid or current.electrical is not None:
        return _to_tray(turn, row, f"{match.arm.serial} was not waiting for a flash any more.", match.left)
    return _for_panel(replace(turn, state=replace(turn.state, arms=match.left)), row, current)


def tester_fault(turn: Turn, reason: str) -> Step:
    """Pass on what a tester said instead of measuring; the panel keeps waiting."""
    turn = _understood(turn)
    current = turn.state.open
    if current is None or not needs_arm(turn, current):
        return Step(_unasked(turn, reason), "tester_fault", Answer.SEEN)
    answered = replace(turn.state, arms=turn.state.arms[1:])
    state = replace(answered, arms=with_arm(turn, answered, current))
    return Step(say(state, Colour.AMBER, FLASH_AGAIN, reason, AGAIN), "tester_fault", Answer.SEEN)


def tester_garble(turn: Turn) -> Step:
    """Ask for another flash after a line that nobody can read; arms stay, as it may have been anything."""
    garbles = min(turn.state.garbles + 1, _GARBLES_SAID)
    turn = replace(turn, state=replace(turn.state, garbles=garbles))
    current, hopeless = turn.state.open, garbles == _GARBLES_SAID
    technician = "Call a technician: check baud and dialect."
    if current is None or not needs_arm(turn, current):
        state = beside(turn.state, f"{UNREADABLE} {technician}") if hopeless else _unasked(turn, UNREADABLE)
        return Step(state, "tester_garble", Answer.BAD)
    again = "Flash it again." if is_armed(turn, current) else "Scan the panel again, then flash."
    todo = technician if hopeless else again
    return Step(say(turn.state, Colour.AMBER, FLASH_AGAIN, UNREADABLE, todo), "tester_garble", Answer.BAD)


def _understood(turn: Turn) -> Turn:
    return replace(turn, state=replace(turn.state, garbles=0))


def _unasked(turn: Turn, what: str) -> StationState:
    current = turn.state.open
    todo = "Scan the panel, then flash it." if current is None else f"Go on with {current.serial}."
    return beside(turn.state, f"{what} {todo}")


def _still_waiting(turn: Turn, why: str) -> StationState:
    current = turn.state.open
    if current is None or not needs_arm(turn, current):
        return turn.state
    return say(turn.state, Colour.AMBER, FLASH, why, f"{current.serial} still waits for its flash.")


def _to_tray(turn: Turn, row: RawFlash, reason: str, arms: tuple[Arm, ...]) -> Step:
    state = replace(turn.state, arms=arms)
    if state.open is not None and needs_arm(turn, state.open):
        waits = any(arm.panel_uuid == state.open.panel_uuid for arm in arms)
        todo = "Flash again." if waits else "Scan the panel again, then flash again."
        state = say(state, Colour.AMBER, FLASH_NOT_USED, reason, todo)
    elif state.open is not None:
        state = _unasked(replace(turn, state=state), "A flash nobody waited for: kept in the tray.")
    else:
        state = _unasked(replace(turn, state=state), "Flash without a panel: kept in the tray.")
    return Step(state, "flash_tray", Answer.SEEN, (rule(turn, row, Disposition.TRAY, reason),))


def _for_panel(turn: Turn, row: RawFlash, current: OpenPanel) -> Step:
    judgement, why, findings = judge_row(turn, row, turn.facts.known.order)
    electrical = electrical_of(row, turn.facts.known.order, judgement, why)
    if electrical is None or judgement is Judgement.ERROR:
        return _again(turn, row, current, why, findings)
    if turn.facts.serials_with_values and can_be_stale(row):
        return _stale(turn, row)
    state = replace(turn.state, open=replace(current, electrical=electrical, pending=False, entry=None))
    ruling = rule(turn, row, Disposition.ATTACHED, "the panel was waiting for it", findings)
    step = after_values(replace(turn, state=state), electrical)
    return replace(step, records=(ruling, *step.records))


def after_values(turn: Turn, electrical: Electrical) -> Step:
    """Go on once values are there: the verdict when the inspection is done, else what is missing."""
    current = turn.state.on_table
    if not current.failed and current.has(MarkKind.PASS_ALL):
        return settle(turn, turn.state)
    return Step(show_values(turn.state, electrical), "values", Answer.SEEN)


def _again(turn: Turn, row: RawFlash, current: OpenPanel, why: str, findings: str) -> Step:
    state = replace(turn.state, arms=with_arm(turn, turn.state, current))
    state = say(state, Colour.AMBER, FLASH_AGAIN, why, AGAIN)
    ruling = rule(turn, row, Disposition.ERROR, why, findings)
    return Step(state, "flash_error", Answer.SEEN, (ruling,))


def _stale(turn: Turn, row: RawFlash) -> Step:
    serial, other = turn.state.on_table.serial, turn.facts.serials_with_values[0]
    reason = f"The five values of {serial} are those of {other}: the tester repeated itself."
    records = (rule(turn, row, Disposition.TRAY, reason, STALE), stale_hold(turn, turn.facts.known, reason))
    state = say(replace(turn.state, open=None), Colour.RED, "Put aside", reason, "Call a supervisor.")
    return warn(turn, Step(state, "flash_stale", Answer.BAD, records), reason)
