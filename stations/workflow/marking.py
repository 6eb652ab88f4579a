"""The operator's marks on the open panel, and when they add up to a verdict."""

from dataclasses import replace

from drivers.readings import Answer
from stations.rules.criteria import by_number
from stations.rules.judge import Judgement
from stations.rules.routing import LAST_STATION
from stations.workflow.measuring import FLASH
from stations.workflow.state import Colour, MarkKind, MarkStep, OpenPanel, StationState
from stations.workflow.turn import Step, TesterMode, Turn, refuse, say
from stations.workflow.verdicts import give_verdict
from storage.records import Verdict


def pass_all(turn: Turn) -> Step:
    """Mark everything not yet marked as PASS; gives the verdict when nothing is missing."""
    current = _open(turn)
    if current.failed:
        return _fail_stands(turn, current)
    if current.has(MarkKind.NOTE) and not current.has(MarkKind.COSMETIC):
        return _fail_or_b(turn)
    state = _marked(turn.state, MarkStep(MarkKind.PASS_ALL)) if not current.has(MarkKind.PASS_ALL) else turn.state
    return settle(turn, state)


def _fail_stands(turn: Turn, current: OpenPanel) -> Step:
    what = [mark.text for mark in current.marks if mark.kind in (MarkKind.FAIL, MarkKind.OTHER)]
    if current.electrical is not None and current.electrical.judgement is Judgement.FAIL:
        detail, todo = current.electrical.reason, "Scan DONE: it goes to rework."
    else:
        detail, todo = f"Marked: {'; '.join(what)}.", "UNDO it, or DONE to send to rework."
    return refuse(turn, "failed_already", "FAIL is marked", detail, todo)


def _fail_or_b(turn: Turn) -> Step:
    detail = f"A defect is noted: {turn.state.on_table.note}."
    return refuse(turn, "fail_or_b", "FAIL or B?", detail, "Scan FAIL n or B, then DONE. Or UNDO the defect.")


def fail(turn: Turn) -> Step:
    """Mark one criterion as failed."""
    number = int(turn.code.argument)
    station, line = turn.state.station_number, turn.facts.place.line_number
    criterion = by_number(turn.facts.criteria, station, line, number)
    if criterion is None:
        detail = f"Station {station} on line {line} has no criterion {number}."
        return refuse(turn, "no_such_criterion", "No such criterion", detail, "Use this station's own sheet.")
    step = MarkStep(MarkKind.FAIL, criterion.code, criterion.criterion_name)
    return _failed(turn, step, criterion.criterion_name)


def other(turn: Turn) -> Step:
    """Mark the panel as failed for a reason that is no criterion."""
    return _failed(turn, MarkStep(MarkKind.OTHER, text="Other"), "Other")


def cosmetic(turn: Turn) -> Step:
    """Mark the panel as B grade: it goes on, with a note."""
    current = _open(turn)
    if current.failed:
        return _fail_stands(turn, current)
    state = turn.state if current.has(MarkKind.COSMETIC) else _marked(turn.state, MarkStep(MarkKind.COSMETIC))
    return settle(turn, state)


def defect(turn: Turn) -> Step:
    """Add a defect as the note of the panel."""
    text = turn.facts.rules.defects.get(turn.code.argument)
    if text is None:
        detail = f"Defect {turn.code.argument} is not on the list."
        return refuse(turn, "no_such_defect", "No such defect", detail, "Use the newest command sheet.")
    current = _open(turn)
    known = any(mark.kind is MarkKind.NOTE and mark.code == turn.code.argument for mark in current.marks)
    step = MarkStep(MarkKind.NOTE, turn.code.argument, text)
    state = turn.state if known else _marked(turn.state, step)
    if not current.has(MarkKind.COSMETIC):  # a defect takes back a PASS that was still waiting for its values
        kept = tuple(mark for mark in state.on_table.marks if mark.kind is not MarkKind.PASS_ALL)
        state = replace(state, open=replace(state.on_table, marks=kept))
    return settle(turn, state)


def done(turn: Turn) -> Step:
    """Close the panel with what was marked."""
    current = _open(turn)
    if current.failed:
        return give_verdict(turn, turn.state, Verdict.FAIL) if current.note else _needs_note(turn, turn.state)
    if not current.marks:
        detail = f"{current.serial} has no mark yet."
        return refuse(turn, "nothing_marked", "Nothing marked", detail, "Scan PASS, FAIL or B first.")
    if not current.has(MarkKind.COSMETIC) and not current.has(MarkKind.PASS_ALL):
        return _fail_or_b(turn)
    if current.has(MarkKind.COSMETIC) and not current.has(MarkKind.PASS_ALL):
        return settle(turn, _marked(turn.state, MarkStep(MarkKind.PASS_ALL)), closing=True)
    return settle(turn, turn.state, closing=True)


def settle(turn: Turn, state: StationState, *, closing: bool = False) -> Step:
    """Give the verdict when marks and values are complete; else say what is missing.

    A FAIL waits for DONE, so that more can be marked. `closing` says that the operator asked for the verdict.
    """
    current = state.on_table
    grade = "B" if current.has(MarkKind.COSMETIC) else "PASS"
    if current.failed:
        return _waits_for_done(state, current)
    if current.has(MarkKind.COSMETIC) and not current.note:
        return _needs_note(replace(turn, state=state), state)
    if not current.has(MarkKind.PASS_ALL):
        return Step(_noted(state, current), "noted", Answer.GOOD)
    if not has_values(state):
        return _waits_for_values(turn, state, closing=closing)
    if state.session is None:
        return Step(say(state, Colour.AMBER, "Scan your badge", todo="Badge, then DONE."), "needs_badge", Answer.BAD)
    return give_verdict(turn, state, Verdict.COSMETIC if grade == "B" else Verdict.PASS)


def _noted(state: StationState, current: OpenPanel) -> StationState:
    if current.has(MarkKind.COSMETIC):
        return say(state, Colour.WHITE, "Noted", current.note, "Scan DONE.")
    if current.has(MarkKind.NOTE):
        return say(state, Colour.WHITE, "Noted", current.note, "FAIL n or B, then DONE.")
    return say(state, Colour.WHITE, state.banner.headline, state.banner.detail, "PASS, FAIL or B.")


def has_values(state: StationState) -> bool:
    """Tell whether nothing electrical is missing for a verdict at this station."""
    current = state.open
    if state.station_number != LAST_STATION or current is None:
        return True
    return current.electrical is not None or current.pending


def _open(turn: Turn) -> OpenPanel:
    return turn.state.on_table


def _marked(state: StationState, step: MarkStep) -> StationState:
    current = state.on_table
    return replace(state, open=replace(current, marks=(*current.marks, step)))


def _failed(turn: Turn, step: MarkStep, name: str) -> Step:
    current = _open(turn)
    if step in current.marks:
        return Step(
            say(turn.state, Colour.AMBER, "Already marked", name, "Scan a defect, then DONE."), "again", Answer.SEEN
        )
    state = _marked(turn.state, step)
    return _waits_for_done(state, state.on_table)


def _waits_for_done(state: StationState, current: OpenPanel) -> Step:
    marked = (MarkKind.FAIL,) if current.note else (MarkKind.FAIL, MarkKind.OTHER)  # a note has its "Other" in it
    names = [mark.text for mark in current.marks if mark.kind in marked]
    detail = "; ".join([*names, current.note] if current.note else names)
    todo = "Scan DONE: it goes to rework." if current.note else "Scan a defect code, then DONE."
    return Step(say(state, Colour.AMBER, "FAIL", detail, todo), "fail_marked", Answer.GOOD)


def _needs_note(turn: Turn, state: StationState) -> Step:
    what = "FAIL" if state.open is not None and state.open.failed else "B"
    asked = turn.code.meaning.value == "done"
    said = say(state, Colour.AMBER, f"{what}: why?", "A note is needed.", "Scan a defect code, then DONE.")
    return Step(said, "note_needed", Answer.BAD if asked else Answer.GOOD)


def _waits_for_values(turn: Turn, state: StationState, *, closing: bool) -> Step:
    live = turn.facts.tester is TesterMode.LIVE
    headline, todo = (FLASH, "Flash it: the verdict follows.") if live else ("Values missing", "Scan the five values.")
    answer = Answer.BAD if closing else Answer.GOOD
    noted = "B grade noted." if state.on_table.has(MarkKind.COSMETIC) else "Inspection PASS noted."
    return Step(say(state, Colour.AMBER, headline, noted, todo), "waits_for_values", answer)
