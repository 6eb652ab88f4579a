"""The transition table: what each scan does in each phase, and the step function that reads it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

from drivers.readings import Answer
from stations.rules.commands import BIND_PREFIX, ENTRY, Code, Meaning, bind_code, read_code, without_token
from stations.rules.serials import normalise
from stations.rules.settings import Rules
from stations.workflow.closing import close_pallet
from stations.workflow.entry import begin, clear, digit, enter, later, point, undo_entry
from stations.workflow.marking import cosmetic, defect, done, fail, other, pass_all
from stations.workflow.opening import retest, serial_while_idle, serial_while_open
from stations.workflow.signing import acknowledge, blocked, current, not_signed_in, sign_in, sign_out
from stations.workflow.state import LastScan, Phase, StationState
from stations.workflow.turn import Facts, Ids, ScanEvent, Step, Turn, beside, refuse
from stations.workflow.undoing import undo_mark, undo_verdict
from storage.records import Panel, ScanOutcome

Handler = Callable[[Turn], Step]

_DEVICES_KEPT = 8


def nothing_open(turn: Turn) -> Step:
    """Refuse a mark without a panel to put it on."""
    return refuse(
        turn, "nothing_open", "Scan a panel first", "No panel is open here.", "Scan the panel, then the command."
    )


def not_now(turn: Turn) -> Step:
    """Refuse a command that means nothing while a panel is open."""
    detail = f"{turn.state.on_table.serial} is open."
    return refuse(turn, "not_now", "Not now", detail, "Finish the panel first: PASS, FAIL or B.")


def unknown(turn: Turn) -> Step:
    """Refuse a code that looks like ours and is none."""
    return refuse(turn, "unknown_code", "Code not known", turn.code.argument, "Use the newest command sheet.")


def bound(turn: Turn) -> Step:
    """Say whose scanner this is; the one that has a station keeps it. What the screen says stays."""
    mine = turn.state.station_number
    if bind_code(turn.facts.place.line_number, mine) == BIND_PREFIX + turn.code.argument:
        return Step(beside(turn.state, f"This scanner works for station {mine}."), "bound", Answer.GOOD)
    words = f"This is the scanner of station {mine}. To move it: sunline device bind"
    return Step(beside(turn.state, words), "bound_elsewhere", Answer.BAD)


def tested(turn: Turn) -> Step:
    """Say that a code of the test sheet does nothing at a station. What the screen says stays."""
    words = "This is a test code: it was read well and does nothing here."
    return Step(beside(turn.state, words), "test_code", Answer.GOOD)


_ANYWHERE: Mapping[Meaning, Handler] = {Meaning.BIND: bound, Meaning.TEST: tested}
"""What asks about the scanner, not about a panel: answered in every phase."""

_IDLE: Mapping[Meaning, Handler] = {
    Meaning.BADGE: sign_in,
    Meaning.SERIAL: serial_while_idle,
    Meaning.UNDO: undo_verdict,
    Meaning.RETEST: retest,
    Meaning.CLOSE_PALLET: close_pallet,
    Meaning.SIGN_OUT: sign_out,
    Meaning.UNKNOWN: unknown,
}

_INSPECTING: Mapping[Meaning, Handler] = {
    Meaning.BADGE: sign_in,
    Meaning.SERIAL: serial_while_open,
    Meaning.PASS_ALL: pass_all,
    Meaning.FAIL: fail,
    Meaning.OTHER: other,
    Meaning.COSMETIC: cosmetic,
    Meaning.DEFECT: defect,
    Meaning.DONE: done,
    Meaning.UNDO: undo_mark,
    Meaning.SIGN_OUT: sign_out,
    Meaning.MANUAL: begin,
    Meaning.LATER: later,
    Meaning.DIGIT: digit,
    Meaning.POINT: point,
    Meaning.ENTER: enter,
    Meaning.CLEAR: clear,
    Meaning.UNKNOWN: unknown,
}

TABLE: Mapping[Phase, tuple[Mapping[Meaning, Handler], Handler]] = {
    Phase.WARNED: ({Meaning.DONE: acknowledge}, blocked),
    Phase.SIGNED_OUT: ({Meaning.BADGE: sign_in}, not_signed_in),
    Phase.IDLE: (_IDLE, nothing_open),
    Phase.INSPECTING: (_INSPECTING, not_now),
    Phase.ENTERING: ({**_INSPECTING, Meaning.UNDO: undo_entry}, not_now),
}
"""Phase → what each meaning does there, and what everything else does."""


def step_scan(state: StationState, event: ScanEvent, facts: Facts, ids: Ids) -> Step:
    """Decide on one scan. The outcome row comes first among the records; nothing has happened until they commit."""
    code = read_code(normalise(event.text))
    turn = Turn(state, facts, event.at, ids, code)
    if is_bounce(state, event, code, facts.rules):
        return _logged(turn, event, Step(state, "bounce", Answer.SEEN))
    turn, ended = current(turn)
    handlers, otherwise = TABLE[turn.state.phase]
    step = {**handlers, **_ANYWHERE}.get(code.meaning, otherwise)(turn)
    seen = LastScan(event.device, without_token(event.text), event.at)
    others = tuple(scan for scan in step.state.last_scans if scan.device != event.device)
    keeps_retest = code.meaning in {Meaning.SERIAL, *_ANYWHERE}
    retest_uuid = step.state.retest_uuid if keeps_retest else None
    remembered = replace(step.state, last_scans=(*others, seen)[-_DEVICES_KEPT:], retest_uuid=retest_uuid)
    return _logged(turn, event, replace(step, state=remembered, records=(*ended, *step.records)))


def unreadable_scan(state: StationState) -> Step:
    """Ask for a scan again that nobody can read; nothing else changes."""
    return Step(beside(state, "A scan could not be read. Scan it again."), "scan_unreadable", Answer.BAD)


def is_bounce(state: StationState, event: ScanEvent, code: Code, rules: Rules) -> bool:
    """Tell a trigger that bounced from a second scan: the same text on the same device within about a second."""
    last = next((scan for scan in state.last_scans if scan.device == event.device), None)
    if last is None or last.text != without_token(event.text):
        return False
    window_s = rules.entry_bounce_s if code.meaning in ENTRY else rules.bounce_s
    return 0 <= (event.at - last.seen_at).total_seconds() < window_s


def _logged(turn: Turn, event: ScanEvent, step: Step) -> Step:
    session, banner = turn.state.session, step.state.banner
    outcome = ScanOutcome(
        uuid=turn.ids(), scan_uuid=event.uuid, station_number=turn.state.station_number, code=step.code,
        message=" · ".join(part for part in (banner.headline, banner.detail) if part),
        operator_uuid=session.user_uuid if session else None,
        panel_uuid=_about(turn, step), created_at=turn.at,
    )  # fmt: skip
    return replace(step, records=(outcome, *step.records))


def _about(turn: Turn, step: Step) -> UUID | None:
    """Name the panel a scan was about: one known before, or the one it brought onto the line."""
    if turn.facts.dossier is not None:
        return turn.facts.dossier.panel.uuid
    return next((row.uuid for row in step.records if isinstance(row, Panel)), None)
