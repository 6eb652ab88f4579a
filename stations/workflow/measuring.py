"""Station 4 before the flash: arm the tester, or take what a result file already said."""

from dataclasses import replace
from datetime import timedelta

from drivers.readings import Answer
from stations.rules.flashes import Arm, values_of
from stations.rules.judge import Judgement, as_json, conclude, judge, measured, pmax_window, reason
from stations.rules.routing import LAST_STATION
from stations.workflow.state import Colour, Electrical, OpenPanel, StationState
from stations.workflow.turn import ArmTester, Step, TesterMode, Turn, say
from storage.records import Disposition, FlashRuling, Order, RawFlash

FLASH, FLASH_AGAIN, FLASH_NOT_USED = FLASH_WORDS = ("Flash", "Flash again", "Flash not used")
"""Headlines that ask for a flash: of no use where there is no tester any more."""

_ARMS_KEPT = 8


def needs_arm(turn: Turn, current: OpenPanel) -> bool:
    """Tell whether the open panel waits for a live flash."""
    waits = turn.state.station_number == LAST_STATION and turn.facts.tester is TesterMode.LIVE
    return waits and current.electrical is None and not current.pending


def measure(turn: Turn, state: StationState, code: str) -> Step:
    """Open the way to the five values of the panel in `state`: by arming, from a late row, or by hand."""
    current = state.on_table
    if state.station_number != LAST_STATION:
        return Step(state, code, Answer.GOOD)
    if needs_arm(turn, current):
        armed = state if is_armed(turn, current) else replace(state, arms=with_arm(turn, state, current))
        armed = say(armed, Colour.WHITE, FLASH, state.banner.detail, "Flash it, then PASS, FAIL or B.")
        return Step(armed, code, Answer.GOOD, actions=(ArmTester(current.serial),))
    adopted = adopt(turn, state, code) if current.electrical is None else None
    return adopted or Step(
        say(state, Colour.WHITE, state.banner.headline, state.banner.detail, _by_hand(turn)), code, Answer.GOOD
    )


def with_arm(turn: Turn, state: StationState, current: OpenPanel) -> tuple[Arm, ...]:
    """Add an arm for the open panel; every older one stays unanswered: its flash may still be on its way."""
    return (*state.arms, Arm(turn.ids(), current.panel_uuid, current.serial, turn.at))[-_ARMS_KEPT:]


def is_armed(turn: Turn, current: OpenPanel) -> bool:
    """Tell whether the open panel has an arm that has not run out."""
    timeout = timedelta(seconds=turn.facts.rules.arm_timeout_s)
    mine = [arm for arm in turn.state.arms if arm.panel_uuid == current.panel_uuid]
    return any(turn.at - arm.armed_at <= timeout for arm in mine)


def waived(turn: Turn, panel_type: str) -> frozenset[str]:
    """Name the rules an admin waived for a panel type, today."""
    return frozenset(w.rule for w in turn.facts.waivers if w.panel_type == panel_type and turn.at < w.until)


def electrical_of(row: RawFlash, order: Order, judgement: Judgement, why: str) -> Electrical | None:
    """Turn a judged flash into the values of the open panel; None when the flash lacks one."""
    pmax, voc, isc, vmp, imp = values_of(row).five
    if pmax is None or voc is None or isc is None or vmp is None or imp is None:
        return None
    known = any(limit is not None for limit in pmax_window(order))
    return Electrical(pmax, voc, isc, vmp, imp, row.source, judgement, why, row.uuid, known)


def judge_row(turn: Turn, row: RawFlash, order: Order) -> tuple[Judgement, str, str]:
    """Judge a stored flash for an order: the judgement, its reason, the findings as JSON text."""
    findings = judge(measured(values_of(row), row.irradiance_w_m2, order), waived(turn, order.panel_type))
    return conclude(findings), reason(findings), as_json(findings)


def newest_late(turn: Turn) -> tuple[RawFlash, Electrical, str] | None:
    """Give the newest late row whose values can be right, what they mean and the findings; None without one."""
    order = turn.facts.known.order
    for row in reversed(turn.facts.flashes):
        judgement, why, findings = judge_row(turn, row, order)
        electrical = electrical_of(row, order, judgement, why)
        if electrical is not None and judgement is not Judgement.ERROR:
            return row, electrical, findings
    return None


def adopt(turn: Turn, state: StationState, code: str) -> Step | None:
    """Fill the values of the open panel from the newest late row; None where no row can be right."""
    late, current = newest_late(turn), state.on_table
    if late is None:
        return None
    row, electrical, findings = late
    ruling = FlashRuling(
        uuid=turn.ids(), flash_uuid=row.uuid, disposition=Disposition.ATTACHED, reason="same serial", findings=findings,
        panel_uuid=current.panel_uuid, created_at=turn.at,
    )  # fmt: skip
    measured_now = replace(state, open=replace(current, electrical=electrical, pending=False, entry=None))
    return Step(show_values(measured_now, electrical), code, Answer.GOOD, (ruling,))


def show_values(state: StationState, electrical: Electrical) -> StationState:
    """Show the values that have come, and what they mean for the panel."""
    serial, watts = state.on_table.serial, f"{electrical.pmax_w:.1f} W"
    if electrical.judgement is Judgement.FAIL:
        return say(state, Colour.AMBER, "FAIL", f"{serial}: {electrical.reason}", "Scan DONE: it goes to rework.")
    return say(state, Colour.WHITE, watts, serial, "PASS, FAIL or B.")


def _by_hand(turn: Turn) -> str:
    if turn.facts.rules.allow_pending_electrical:
        return "Scan the five values, or LATER; then PASS, FAIL or B."
    return "Scan the five values; then PASS, FAIL or B."
