"""The five values by scanner: digits, point, enter, clear. Judged like any flash."""

from dataclasses import replace

from drivers.readings import Answer, IvValues
from stations.rules.judge import Judgement, conclude, judge, measured, pmax_window, reason
from stations.rules.routing import LAST_STATION
from stations.workflow.marking import settle
from stations.workflow.measuring import adopt, waived
from stations.workflow.state import Colour, Electrical, MarkKind, StationState
from stations.workflow.turn import Step, TesterMode, Turn, refuse, say

FIELDS = (("Pmax", "W"), ("Voc", "V"), ("Isc", "A"), ("Vmp", "V"), ("Imp", "A"))
"""The order in which values are entered, with their units."""

_LONGEST = 8
_BROKEN = "Flash the panel. Tester broken? Call a supervisor."


def begin(turn: Turn) -> Step:
    """Start entering the five values; refused while the tester works and at other stations."""
    blocked = _not_here(turn)
    return blocked or _showing(turn.state, ("",), "entry_begun")


def digit(turn: Turn) -> Step:
    """Append a digit, starting the entry when there is none."""
    return _typed(turn, turn.code.argument)


def point(turn: Turn) -> Step:
    """Append the decimal point, once."""
    return _typed(turn, ".")


def clear(turn: Turn) -> Step:
    """Empty the value being entered."""
    entry = turn.state.on_table.entry
    return begin(turn) if entry is None or _not_here(turn) else _showing(turn.state, (*entry[:-1], ""), "entry_cleared")


def enter(turn: Turn) -> Step:
    """Take the value being entered; after the fifth the values are judged."""
    entry = turn.state.on_table.entry
    if entry is None or _not_here(turn):
        return begin(turn)
    name, unit = FIELDS[len(entry) - 1]
    if not _is_number(entry[-1]):
        return refuse(
            turn, "no_number", f"{name}?", f"{entry[-1] or 'Nothing'} is not a value.", f"Scan {name} in {unit}."
        )
    if len(entry) < len(FIELDS):
        return _showing(turn.state, (*entry, ""), "value_entered")
    return _judged(turn, entry)


def undo_entry(turn: Turn) -> Step:
    """Go back one value; before the first, leave the entry."""
    current = turn.state.on_table
    entry = current.entry or ("",)
    if entry[-1]:
        return _showing(turn.state, (*entry[:-1], ""), "entry_cleared")
    if len(entry) > 1:
        return _showing(turn.state, (*entry[:-2], ""), "entry_back")
    state = replace(turn.state, open=replace(current, entry=None))
    return Step(say(state, Colour.WHITE, "Entry left", current.serial, "PASS, FAIL or B."), "entry_left", Answer.GOOD)


def later(turn: Turn) -> Step:
    """Close station 4 without values, where the site allows it; values a result file already gave are taken."""
    blocked = _not_here(turn)
    if blocked is not None:
        return blocked
    if turn.state.on_table.electrical is not None:
        return refuse(turn, "values_here", "Values are here", "LATER is for panels without.", "PASS, FAIL or B.")
    adopted = adopt(turn, turn.state, "values")
    if adopted is not None:
        return _settled(turn, adopted)
    if not turn.facts.rules.allow_pending_electrical:
        detail = "This site does not allow panels without values."
        return refuse(turn, "pending_not_allowed", "Values needed", detail, "Scan the five values.")
    current = replace(turn.state.on_table, pending=True, entry=None)
    state = say(
        replace(turn.state, open=current),
        Colour.AMBER,
        "LATER",
        f"{current.serial}: values come with the result file.",
        "PASS, FAIL or B.",
    )
    marked = current.has(MarkKind.PASS_ALL)
    return settle(turn, state) if marked else Step(state, "pending", Answer.GOOD)


def _settled(turn: Turn, adopted: Step) -> Step:
    current = adopted.state.on_table
    if current.failed or not current.has(MarkKind.PASS_ALL):
        return adopted
    step = settle(replace(turn, state=adopted.state), adopted.state)
    return replace(step, records=(*adopted.records, *step.records))


def _not_here(turn: Turn) -> Step | None:
    if turn.state.station_number != LAST_STATION:
        return refuse(turn, "no_values_here", "No values here", "Values belong to station 4.", "PASS, FAIL or B.")
    if turn.facts.tester is TesterMode.LIVE:
        return refuse(turn, "tester_works", "Use the tester", "The tester is connected.", _BROKEN)
    electrical = turn.state.on_table.electrical
    if electrical is not None and electrical.source != "manual":
        return refuse(turn, "values_here", "Values are here", "The tester's values count.", "PASS, FAIL or B.")
    return None


def _typed(turn: Turn, character: str) -> Step:
    blocked = _not_here(turn)
    if blocked is not None:
        return blocked
    entry = turn.state.on_table.entry or ("",)
    text = entry[-1] + character
    if len(text) > _LONGEST or text.count(".") > 1:
        return refuse(turn, "no_number", "Not a value", f"{text} is not a value.", "Scan CLEAR and the value again.")
    return _showing(turn.state, (*entry[:-1], text), "typed")


def _showing(state: StationState, entry: tuple[str, ...], code: str) -> Step:
    name, unit = FIELDS[len(entry) - 1]
    done = "  ".join(f"{FIELDS[i][0]} {text} {FIELDS[i][1]}" for i, text in enumerate(entry[:-1]))
    shown = replace(state, open=replace(state.on_table, entry=entry))
    headline = f"{name} {entry[-1] or '_'} {unit}"
    return Step(say(shown, Colour.WHITE, headline, done, f"Scan {name} in {unit}, then ENTER."), code, Answer.GOOD)


def _is_number(text: str) -> bool:
    return any(character.isdigit() for character in text) and float(text) > 0


def _digits(text: str) -> int:
    return len(text.replace(".", "").lstrip("0"))


def _judged(turn: Turn, entry: tuple[str, ...]) -> Step:
    pmax, voc, isc, vmp, imp = (float(text) for text in entry)
    values = IvValues(pmax, voc, isc, vmp, imp, min(_digits(text) for text in entry))
    current, order = turn.state.on_table, turn.facts.known.order
    findings = judge(measured(values, None, order), waived(turn, order.panel_type))
    judgement, why = conclude(findings), reason(findings)
    if judgement is Judgement.ERROR:
        again = replace(turn, state=replace(turn.state, open=replace(current, entry=("",))))
        return refuse(again, "values_impossible", "Values cannot be right", why, "Scan all five again, Pmax first.")
    known = any(limit is not None for limit in pmax_window(order))
    electrical = Electrical(pmax, voc, isc, vmp, imp, "manual", judgement, why, has_window=known)
    state = replace(turn.state, open=replace(current, entry=None, electrical=electrical))
    return settle(replace(turn, state=state), say(state, Colour.WHITE, f"{pmax:g} W", current.serial))
