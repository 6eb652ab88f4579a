"""Put one station on a screen of any size. Pure: the same view, size and moment give the same picture."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from daemon.screen.banner import Said, banner_lines, said
from daemon.screen.body import criteria_lines, measured_lines, note_lines, panel_lines, result_lines
from daemon.screen.lettering import clipped, wrapped
from daemon.screen.palette import ALARM, ALERT, BAD, DOUBT, GOOD, GROUND, HEAD, QUIET, SHADOW, blank, line
from daemon.screen.view import HealthView, StationView, StickView
from storage.records import SHADOW_WORDS

_BANNER_SHARE, _BANNER_LEAST, _BANNER_GOOD = 0.42, 5, 10
_RESULTS_MOST = 7
_LARGE_WIDTH, _LARGE_ROOM = 76, 20
_STICKS_MOST = 2
_STICK_STYLES = {"good": GOOD, "bad": ALERT, "working": HEAD}
_DEVICE_STATES = {"online": ("●", GOOD), "silent": ("●", DOUBT)}


def render(view: StationView, width: int, height: int, now: datetime) -> Group:
    """Draw a station in exactly `height` lines of `width` cells."""
    return _screen(_rows(view, width, height, now))


def render_lost(station: int, reason: str, width: int, height: int, now: datetime) -> Group:
    """Draw what a station shows while its line daemon does not answer: nothing that looks like work going on."""
    what = Said("red", "Not saved", f"Line daemon is not running - nothing is being saved. {reason}", _LOST_TODO)
    head = _head(station, (), "", width, now)
    return _screen([head, *banner_lines(what, width, max(1, height - 1))][:height])


_LOST_TODO = "Stop working and call a technician. This screen comes back by itself."


def _screen(rows: list[Text]) -> Group:
    for row in rows[:-1]:
        row.end = "\n"
    return Group(*rows)


def _rows(view: StationView, width: int, height: int, now: datetime) -> list[Text]:
    head = _head(view.station, (f"{view.name} · Line {view.line}", view.name), view.operator, width, now)
    shadow, foot, aside = _shadow(view, width), _foot(view, width, height), _aside(view, width)
    room = max(1, height - 1 - len(shadow) - len(foot) - len(aside))
    least = max(_BANNER_LEAST, int(room * _BANNER_SHARE))
    body = _body(view, width, room - least, least, now)
    before = result_lines(view.last_results, width, min(room - len(body) - _BANNER_GOOD, _RESULTS_MOST))
    banner = banner_lines(said(view), width, room - len(body) - len(before))
    return [head, *shadow, *banner, *aside, *body, *before, *foot][:height]


def _head(station: int, names: tuple[str, ...], operator: str, width: int, now: datetime) -> Text:
    clock = now.astimezone().strftime("%H:%M:%S ")
    who = f"{clipped(operator, width // 3)}  " if operator else ""
    room = width - len(clock) - cell_len(who) - 6
    name = next((one for one in names if cell_len(one) <= room), "")
    return line(width, (f" {station} ", ALERT), (f" {name}", HEAD), ground=HEAD, right=((who + clock, HEAD),))


def _shadow(view: StationView, width: int) -> list[Text]:
    return [line(width, (SHADOW_WORDS.center(width), SHADOW), ground=SHADOW)] if view.shadow else []


def _aside(view: StationView, width: int) -> list[Text]:
    return [line(width, (f" ! {row}", ALERT), ground=ALERT) for row in wrapped(view.aside, width - 3, 2)]


def _body(view: StationView, width: int, room: int, least: int, now: datetime) -> list[Text]:
    panel = panel_lines(view, width, large=width >= _LARGE_WIDTH and room + least >= _LARGE_ROOM)
    after = [*measured_lines(view, width, now), *note_lines(view, width)]
    airy = bool(panel) and room >= len(panel) + len(after) + len(view.criteria) + 3
    space = [blank(width)] if airy else []
    free = room - len(panel) - len(after) - 3 * len(space)
    scarce = _BANNER_GOOD - least
    marks = criteria_lines(view.criteria, width, max(1, free - max(0, scarce))) if panel else []
    return [*space, *panel, *space, *after, *marks, *space][: max(room, 0)]


def _foot(view: StationView, width: int, height: int) -> list[Text]:
    most, each = (1, 1) if height < 20 else (3, 2)
    unwell = [one for one in view.devices if one.state != "online" and one.reason]
    low = [view.storage] if view.storage.state == "low" else []
    texts = [*(_trouble(one, width * each) for one in (*low, *unwell)), *view.notices]
    rows = [row for text in texts for row in wrapped(text, width - 3, each)]
    alerts = [line(width, (f" ! {row}", ALERT), ground=ALERT) for row in rows[:most]]
    return [*_sticks(view.sticks, width, height), *alerts, _states(view, width)]


def _sticks(sticks: Sequence[StickView], width: int, height: int) -> list[Text]:
    """Say of the newest sticks what they do, in one line, and what became of them, in two; on a small screen in one."""
    found: list[Text] = []
    roomy = height >= _LARGE_ROOM
    for one in sticks[: _STICKS_MOST if roomy else 1]:
        style = _STICK_STYLES.get(one.state, QUIET)
        rows = wrapped(one.text, width - 3, 2 if roomy and one.state in ("good", "bad") else 1)
        sign = "!" if one.state == "bad" else "▪"
        found += [line(width, (f" {sign} {row}", style), ground=style) for row in rows]
    return found


def _trouble(one: HealthView, room: int) -> str:
    """Say what is wrong and what to do; where there is room for one of them, what to do."""
    whole = f"{one.name}: {one.reason} {one.todo}"
    return whole if cell_len(whole) + 8 <= room or not one.todo else f"{one.name}: {one.todo}"


def _states(view: StationView, width: int) -> Text:
    pieces: list[tuple[str, str]] = [(" ", GROUND)]
    for device in view.devices:
        sign, style = _DEVICE_STATES.get(device.state, ("○", BAD))
        state = "" if device.state == "online" else f" {device.state}"
        pieces += [(f"{sign} ", style), (f"{device.name}{state}   ", QUIET)]
    saved = {"ok": ("saved ", GOOD), "low": ("saved, disk is getting full ", DOUBT)}
    return line(width, *pieces, right=(saved.get(view.storage.state, (" NOT SAVED ", ALARM)),))
