"""The dark half of the screen: the panel, what was found on it, what was measured, what was done before."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from daemon.screen.lettering import block_letters, clipped
from daemon.screen.palette import BAD, DOUBT, GOOD, GROUND, QUIET, STRONG, Piece, blank, line
from daemon.screen.view import CriterionView, ResultView, StationView, ValuesView

_COLUMN = 38
_MARKS = {"PASS": ("√", GOOD), "FAIL": ("×", BAD), "N_A": ("–", QUIET), None: ("·", GROUND)}
_RESULTS = {"PASS": GOOD, "B": DOUBT, "FAIL": BAD, "VOID": QUIET, "ERROR": DOUBT}


def panel_lines(view: StationView, width: int, *, large: bool) -> list[Text]:
    """Name the open panel and the order it belongs to; nothing when none is open, whatever the banner is about."""
    if not view.serial or not view.panel_type:
        return []
    facts = _facts(view)
    letters = block_letters(view.serial, width - 24, 3) if large else ()
    if letters:
        words = [*facts[:3], "", "", ""]
        rows = zip(letters, words, strict=False)
        return [line(width, ("  " + row, STRONG), right=((word + "  ", QUIET),)) for row, word in rows]
    together = " · ".join(facts)
    if cell_len(view.serial) + cell_len(together) + 6 <= width:
        return [line(width, ("  " + view.serial, STRONG), right=((together + "  ", QUIET),))]
    return [line(width, ("  " + view.serial, STRONG)), line(width, ("  " + together.replace("order ", ""), QUIET))]


def _facts(view: StationView) -> list[str]:
    order = f"order {view.mo_number}" if view.mo_number else ""
    left = f"{view.remaining} left" if view.remaining is not None else ""
    again = f"attempt {view.attempt}" if view.attempt > 1 else ""
    kind = f"type {view.panel_type}" if view.panel_type else ""
    return [fact for fact in (" · ".join(part for part in (kind, again) if part), order, left) if fact]


def measured_lines(view: StationView, width: int, now: datetime) -> list[Text]:
    """Show the five values, or how far their entry is, or since when the tester waits for the flash."""
    found: list[Text] = []
    if view.entry is not None:
        found.append(line(width, ("  By hand  ", QUIET), ("  ".join(view.entry) or "–", STRONG)))
    if view.values is not None:
        found += _values(view.values, width)
    elif view.armed_since is not None and view.entry is None:
        seconds = max(0, int((now - view.armed_since).total_seconds()))
        waited = f"{seconds // 60}:{seconds % 60:02d}"
        found.append(line(width, ("  Tester waits for the flash  ", QUIET), (waited, STRONG)))
        if view.armed_until is not None and now > view.armed_until:
            found.append(line(width, ("  Waited too long: scan the panel again, then flash.", DOUBT)))
    return found


def _values(values: ValuesView, width: int) -> list[Text]:
    style = {"PASS": GOOD, "FAIL": BAD}.get(values.judgement, DOUBT)
    judged = ((f"{values.judgement} ", style), (f"{values.source} ", QUIET))
    cells = [(f"{name} ", _value(value, unit)) for name, value, unit in values.five]
    wide = 3 + sum(len(name) + len(value) + 2 for name, value in cells) + sum(len(text) for text, _ in judged)
    rows = [cells] if wide <= width else [cells[:1], cells[1:3], cells[3:]]
    found = []
    for number, row in enumerate(rows):
        pieces: list[Piece] = [("  ", GROUND)]
        for name, value in row:
            pieces += [(name, QUIET), (value + "  ", STRONG)]
        found.append(line(width, *pieces, right=judged if number == 0 else ()))
    if values.reason and values.judgement != "PASS":
        found.append(line(width, ("  " + values.reason, style)))
    return found


def _value(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.{1 if unit == 'W' else 2}f} {unit}"


def criteria_lines(criteria: Sequence[CriterionView], width: int, room: int) -> list[Text]:
    """List the criteria with their marks in as many columns as fit; as numbers only where rows are scarce."""
    if not criteria:
        return []
    columns = max(1, width // _COLUMN)
    rows = -(-len(criteria) // columns)
    if rows > room:
        return [_numbers(criteria, width)] if room > 0 else []
    cell = width // columns
    return [_criteria_row(criteria[row::rows], cell, width) for row in range(rows)]


def _criteria_row(row: Sequence[CriterionView], cell: int, width: int) -> Text:
    pieces: list[Piece] = []
    for one in row:
        sign, style = _MARKS.get(one.mark, _MARKS[None])
        name_style = BAD if one.mark == "FAIL" else QUIET if one.mark == "N_A" else GROUND
        pieces.append((f"  {sign} ", style))
        pieces.append((set_cell_size(clipped(f"{one.number} {one.name}", cell - 5), cell - 4), name_style))
    return line(width, *pieces)


def _numbers(criteria: Sequence[CriterionView], width: int) -> Text:
    marks = [(one, *_MARKS.get(one.mark, _MARKS[None])) for one in criteria]
    return line(width, ("  ", GROUND), *((f"{one.number}{sign} ", style) for one, sign, style in marks))


def note_lines(view: StationView, width: int) -> list[Text]:
    """Show the note as it will be stored."""
    said = view.values is not None and view.note == view.values.reason
    return [line(width, ("  Note  ", QUIET), (view.note, DOUBT))] if view.note and not said else []


def result_lines(results: Sequence[ResultView], width: int, room: int) -> list[Text]:
    """List the newest verdicts of this station under a heading."""
    if not results or room < 2:
        return []
    shown = [_result(one, width) for one in results[: room - 2 if room > 3 else room - 1]]
    heading = line(width, ("  Before", QUIET))
    return [blank(width), heading, *shown] if room > 3 else [heading, *shown]


def _result(one: ResultView, width: int) -> Text:
    at = one.at.astimezone().strftime("%H:%M") if one.at else "     "
    style = _RESULTS.get(one.result, GROUND)
    pieces = ((f"  {at}  ", QUIET), (f"{one.result:<5}", style), (f" {one.serial}  ", GROUND), (one.notes, QUIET))
    return line(width, *pieces)
