"""From marks to facts: the result, its criteria, the panel's next place, and all that a completed panel sets off."""

import json
from dataclasses import replace

from drivers.readings import Answer
from stations.rules.criteria import ELECTRICAL, applies, of_station
from stations.rules.judge import Judgement
from stations.rules.pallets import Loaded
from stations.rules.routing import LAST_STATION, STATIONS, after_verdict, is_expected
from stations.workflow.completing import complete
from stations.workflow.holding import difference, late_holds
from stations.workflow.measuring import newest_late
from stations.workflow.state import Colour, Electrical, LastVerdict, MarkKind, OpenPanel, StationState
from stations.workflow.turn import Dossier, Step, Turn, refuse, say
from stations.workflow.withdrawing import on_hold
from storage.records import Criterion, CriterionResult, Hold, Mark, Panel, PanelStatus, StationResult, Verdict


def give_verdict(turn: Turn, state: StationState, verdict: Verdict) -> Step:
    """Close the open panel with a verdict.

    Refused when the panel is no longer expected here (moved by a supervisor) or was put on hold meanwhile.
    """
    dossier, current, session = turn.facts.known, state.on_table, state.signed_in
    blocked = _no_longer_here(turn, dossier)
    if blocked is not None:
        return blocked
    result = StationResult(
        uuid=turn.ids(), panel_uuid=current.panel_uuid, station_number=state.station_number,
        operator_uuid=session.user_uuid, result=verdict, notes=current.note or None,
        electrical_data=electrical_json(current.electrical), attempt=current.attempt, created_at=turn.at,
    )  # fmt: skip
    status, station = after_verdict(
        state.station_number, verdict, dossier.results, turn.facts.rules.max_rework_attempts
    )
    pending = current.pending and verdict is not Verdict.FAIL
    panel = replace(dossier.panel, status=status, current_station=station, electrical_pending=pending)
    return _closed(turn, state, dossier, result, panel)


def _closed(turn: Turn, state: StationState, dossier: Dossier, result: StationResult, panel: Panel) -> Step:
    compared = _compared(turn, state.on_table, result)
    finished = panel.status is PanelStatus.COMPLETED
    done = complete(turn, dossier, Loaded(panel, bool(compared))) if finished else None
    after = replace(state, open=None, last_verdict=LastVerdict(result, state.on_table))
    after = _said(after, result, panel, done.detail if done else "")
    if done is not None:
        after = replace(after, last_order_uuid=dossier.order.uuid)
    if compared:
        after = say(after, Colour.AMBER, "Saved, on hold", compared[0].reason, "Put it aside and call a supervisor.")
    records = (result, *_criteria(turn, state.on_table, result), panel, *(done.records if done else ()), *compared)
    return Step(after, f"verdict_{result.result.value.lower()}", Answer.GOOD, records, done.actions if done else ())


def _compared(turn: Turn, current: OpenPanel, result: StationResult) -> tuple[Hold, ...]:
    """Hold a panel passed beside a late value that was known before and fails, or differs from values by hand.

    Beside values of the tester only a row counts that came after the panel was opened.
    """
    late = newest_late(turn) if result.station_number == LAST_STATION and result.result is not Verdict.FAIL else None
    if late is None:
        return ()
    row, found, _ = late
    by_tester = current.electrical is not None and current.electrical.source != "manual"
    failed = found.judgement is Judgement.FAIL and not (by_tester and row.seen_at < current.opened_at)
    reason = found.reason if failed else difference(row, result, turn.facts.rules.late_tolerance)
    return late_holds(turn, current.panel_uuid, None, reason) if reason else ()


def _no_longer_here(turn: Turn, dossier: Dossier) -> Step | None:
    serial = dossier.panel.serial_number
    put_down = replace(turn, state=replace(turn.state, open=None))
    if dossier.panel.status is PanelStatus.FAILED:
        return refuse(put_down, "scrapped", "SCRAP", f"A supervisor scrapped {serial}.", "Take it off the line.")
    if not is_expected(dossier.panel, turn.state.station_number):
        detail = f"A supervisor moved {serial}: it belongs to station {dossier.panel.current_station}."
        return refuse(put_down, "moved", "Panel was moved", detail, "Scan the next panel.")
    if dossier.holds:
        return on_hold(put_down, dossier)
    return None


def _said(state: StationState, result: StationResult, panel: Panel, extra: str) -> StationState:
    serial = panel.serial_number
    if result.result is Verdict.FAIL and panel.status is PanelStatus.FAILED:
        return say(state, Colour.RED, "SCRAP", f"{serial}: {result.notes}", "Too many reworks. Take it off the line.")
    if result.result is Verdict.FAIL:
        detail = f"{serial}: {result.notes}"
        return say(state, Colour.AMBER, "FAIL saved", detail, f"Rework, then back to station {panel.current_station}.")
    headline = "PASS" if result.result is Verdict.PASS else "B grade"
    if panel.status is PanelStatus.COMPLETED:
        return say(state, Colour.GREEN, headline, f"{serial} saved", extra)
    where = f"On to station {panel.current_station}, {STATIONS[panel.current_station]}."
    return say(state, Colour.GREEN, headline, f"{serial} saved", where)


def _criteria(turn: Turn, current: OpenPanel, result: StationResult) -> tuple[CriterionResult, ...]:
    marked = {mark.code for mark in current.marks if mark.kind is MarkKind.FAIL}
    rows = of_station(turn.facts.criteria, result.station_number, also=marked)
    line = turn.facts.place.line_number
    return tuple(
        CriterionResult(
            uuid=turn.ids(),
            station_result_uuid=result.uuid,
            criterion_uuid=one.uuid,
            result=_mark(one, current, result.result, line),
            created_at=turn.at,
        )
        for one in rows
    )


def _mark(one: Criterion, current: OpenPanel, verdict: Verdict, line_number: int) -> Mark:
    found = mark_so_far(one, current, line_number)
    if found is not None:
        return found
    return Mark.N_A if verdict is Verdict.FAIL or one.code in ELECTRICAL else Mark.PASS


def mark_so_far(one: Criterion, current: OpenPanel, line_number: int) -> Mark | None:
    """Tell what the open panel has for a criterion; None while nobody said and nothing measured anything."""
    if not applies(one, line_number):
        return Mark.N_A
    if any(mark.kind is MarkKind.FAIL and mark.code == one.code for mark in current.marks):
        return Mark.FAIL
    if one.code in ELECTRICAL:
        return _electrical_mark(one, current.electrical)
    return Mark.PASS if current.has(MarkKind.PASS_ALL) else None


def _electrical_mark(one: Criterion, electrical: Electrical | None) -> Mark | None:
    if electrical is None:
        return None
    blamed = electrical.judgement is Judgement.FAIL and ELECTRICAL[one.code] == "pmax_w"
    return Mark.FAIL if blamed else Mark.PASS


def electrical_json(electrical: Electrical | None) -> str | None:
    """Write the five values as they are stored beside a result; None when there are none."""
    if electrical is None:
        return None
    body: dict[str, object] = {
        "Pmax": electrical.pmax_w,
        "Voc": electrical.voc_v,
        "Isc": electrical.isc_a,
        "Vmp": electrical.vmp_v,
        "Imp": electrical.imp_a,
        "source": electrical.source,
    }
    if electrical.flash_uuid is not None:
        body["flash"] = str(electrical.flash_uuid)
    if not electrical.has_window:
        body["judged_by"] = "plausibility"
    return json.dumps(body)
