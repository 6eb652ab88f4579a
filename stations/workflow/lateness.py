"""A flash from a result file: matched by exact serial, never by time, and never rewriting a result."""

from dataclasses import replace

from drivers.readings import Answer
from stations.rules.flashes import Role, can_be_stale, role_of
from stations.rules.judge import Judgement
from stations.rules.routing import LAST_STATION, effective
from stations.workflow.flashing import STALE, after_values, rule
from stations.workflow.holding import difference, late_holds, same_measurement, stale_hold
from stations.workflow.measuring import electrical_of, judge_row, needs_arm
from stations.workflow.state import Electrical
from stations.workflow.turn import Dossier, Step, Turn
from storage.records import Disposition, FlashRuling, RawFlash, Record, StationResult, Verdict


def late_flash(turn: Turn, row: RawFlash) -> Step:
    """Decide on a late row; `turn.state` is station 4's, `turn.facts` is about the panel with the row's serial."""
    rules, dossier = turn.facts.rules, turn.facts.dossier
    role = role_of(row, rules)
    if turn.facts.first_of_key is not None:
        return _filed(turn, rule(turn, row, Disposition.REPEAT, "seen before"))
    if role is Role.REFERENCE:
        return _filed(turn, rule(turn, row, Disposition.REFERENCE, "calibration, set-up or reference panel"))
    if role is Role.NO_SERIAL:
        return _filed(turn, rule(turn, row, Disposition.TRAY, "The tester recorded no serial."))
    if dossier is None:
        return _filed(turn, rule(turn, row, Disposition.TRAY, f"No panel {row.serial_number} is known here."))
    if same_measurement(row, turn.facts.measured_live):
        return _filed(turn, rule(turn, row, Disposition.REPEAT, "measured live before"))
    return _for_panel(turn, row, dossier)


def _filed(turn: Turn, *records: Record) -> Step:
    return Step(turn.state, "late_filed", Answer.SEEN, records)


def _for_panel(turn: Turn, row: RawFlash, dossier: Dossier) -> Step:
    judgement, why, findings = judge_row(turn, row, dossier.order)
    electrical = electrical_of(row, dossier.order, judgement, why)
    if electrical is None or judgement is Judgement.ERROR:
        return _filed(turn, rule(turn, row, Disposition.ERROR, why, findings))
    if turn.facts.serials_with_values and can_be_stale(row):
        reason = f"The five values are those of {turn.facts.serials_with_values[0]}: the tester repeated itself."
        return _filed(turn, rule(turn, row, Disposition.TRAY, reason, STALE), stale_hold(turn, dossier, reason))
    return attach(turn, row, electrical, rule(turn, row, Disposition.ATTACHED, "same serial", findings))


def attach(turn: Turn, row: RawFlash, electrical: Electrical, ruling: FlashRuling) -> Step:
    """Let a judged flash count for the panel of `turn.facts`.

    It fills the values of a panel open at station 4. Beside a finished result it only resolves what was pending and
    raises holds where it fails or differs.
    """
    dossier, current = turn.facts.known, turn.state.open
    on_table = current is not None and current.panel_uuid == dossier.panel.uuid
    if current is not None and on_table and current.electrical is None and not needs_arm(turn, current):
        state = replace(turn.state, open=replace(current, electrical=electrical, pending=False, entry=None))
        step = after_values(replace(turn, state=state), electrical)
        return replace(step, records=(ruling, *step.records))
    final = passed_station_4(dossier)
    return _filed(turn, ruling) if final is None else _beside(turn, row, final, ruling, electrical)


def passed_station_4(dossier: Dossier) -> StationResult | None:
    """Give the verdict of station 4 that counts, unless the panel has none or failed there."""
    rows = [row for row in effective(dossier.results) if row.station_number == LAST_STATION]
    return rows[-1] if rows and rows[-1].result is not Verdict.FAIL else None


def _beside(turn: Turn, row: RawFlash, final: StationResult, ruling: FlashRuling, electrical: Electrical) -> Step:
    dossier = turn.facts.known
    failed = electrical.judgement is Judgement.FAIL
    reason = electrical.reason if failed else difference(row, final, turn.facts.rules.late_tolerance)
    resolved = (replace(dossier.panel, electrical_pending=False),) if dossier.panel.electrical_pending else ()
    pallet = dossier.on_pallet[0].uuid if dossier.on_pallet is not None else None
    holds = late_holds(turn, dossier.panel.uuid, pallet, reason) if reason else ()
    return _filed(turn, ruling, *resolved, *holds)
