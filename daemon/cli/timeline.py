"""The life of one panel, told line by line."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from daemon.cli.showing import Row, console, printable, when
from daemon.cli.tables import STYLES, facts

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_FORM, _SHORT_FORM, _ROOMY = "%Y-%m-%d %H:%M:%S", "%m-%d %H:%M", 60

Told = tuple[str, str, tuple[str, ...]]
"""What an event was, its style, and further lines."""


def history(found: Row) -> "RenderableType":
    """Draw a panel's facts and everything that happened to it, oldest first."""
    from rich.console import Group  # noqa: PLC0415 -- only where people look
    from rich.table import Table  # noqa: PLC0415 -- as above

    events = found.get("events") or ()
    told = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    told.add_column(style="dim", no_wrap=True)
    told.add_column(overflow="fold")
    form = _FORM if console().width >= _ROOMY else _SHORT_FORM
    for event in events:
        told.add_row(when(event.get("at"), form), _told(event))
    return Group(facts(_panel(found)), "", told if events else "Nothing happened to it yet.")


def _panel(found: Row) -> list[tuple[str, object]]:
    panel, order, pallet = found["panel"], found.get("order") or {}, found.get("pallet") or {}
    place = f"{pallet['pallet_number']}, position {pallet['position']}" if pallet else ""
    held = "; ".join(str(hold.get("reason")) for hold in found.get("holds") or ())
    make = f"{panel.get('panel_type')}, frame {panel.get('frame_type')}, backsheet {panel.get('backsheet_type')}"
    return [
        ("Panel", panel.get("serial_number")),
        ("Status", panel.get("status")),
        ("Station", panel.get("current_station")),
        ("Type", f"{make}, {panel.get('year')}"),
        ("Order", order.get("mo_number") or panel.get("mo_number")),
        ("Pallet", place),
        ("ON HOLD", held),
        ("Values", "LATER" if panel.get("electrical_pending") else ""),
        ("Notes", panel.get("notes")),
    ]


def _told(event: Row) -> "Text":
    from rich.text import Text  # noqa: PLC0415 -- only where people look

    title, style, more = _TELL.get(str(event.get("kind")), _other)(event)
    lines = [Text(printable(title), style=style), *(Text(printable(words), style="dim") for words in more if words)]
    return Text("\n").join(lines)


def _result(event: Row) -> Told:
    verdict = str(event.get("result"))
    taken_back = "" if event.get("counts", True) or verdict == "VOID" else " (taken back)"
    attempt = f", attempt {event['attempt']}" if event.get("attempt", 1) > 1 else ""
    title = f"Station {event.get('station_number')}: {verdict}{taken_back}{attempt}{_by(event.get('operator'))}"
    marks = [f"{one['name']}: {one['result']}" for one in event.get("criteria") or () if one["result"] == "FAIL"]
    more = (str(event.get("notes") or ""), _five(event.get("values")), "; ".join(marks))
    return title, "dim" if taken_back else f"bold {STYLES.get(verdict, '')}", more


def _scan(event: Row) -> Told:
    words = event.get("message") or event.get("code")
    return f"Station {event.get('station_number')}: scan, {words}{_by(event.get('operator'))}", "", ()


def _flash(event: Row) -> Told:
    rulings = event.get("rulings") or ()
    said = tuple(
        f"{ruling.get('disposition')}{_by(ruling.get('decided_by_name'))}: {ruling.get('reason')}" for ruling in rulings
    )
    findings = tuple(finding["detail"] for ruling in rulings for finding in ruling.get("findings") or ())
    return f"Flash from {event.get('device')}", "cyan", (_five(event.get("values")), *said, *findings)


def _hold(event: Row) -> Told:
    return f"On hold{_by(event.get('by') or 'the line')}: {event.get('reason')}", "red", ()


def _hold_release(event: Row) -> Told:
    return f"Released{_by(event.get('by'))}: {event.get('reason')}", "green", ()


def _override(event: Row) -> Told:
    station = f" to station {event['station_number']}" if event.get("station_number") else ""
    return f"Supervisor: {event.get('action')}{station}{_by(event.get('by'))}: {event.get('reason')}", "yellow", ()


def _pallet(event: Row) -> Told:
    return f"On pallet {event.get('pallet_number')}, position {event.get('position_in_pallet')}", "cyan", ()


def _pallet_removal(event: Row) -> Told:
    return f"Off its pallet{_by(event.get('by'))}: {event.get('reason')}", "yellow", ()


def _other(event: Row) -> Told:
    return str(event.get("kind")).replace("_", " "), "", (str(event.get("reason") or ""),)


_TELL: Mapping[str, Callable[[Row], Told]] = {
    "result": _result,
    "scan": _scan,
    "flash": _flash,
    "hold": _hold,
    "hold_release": _hold_release,
    "override": _override,
    "pallet": _pallet,
    "pallet_removal": _pallet_removal,
}


def _by(name: object) -> str:
    return f" by {name}" if name else ""


def _five(values: Mapping[str, Any] | None) -> str:
    if not values:
        return ""
    units = (("Pmax", "W"), ("Voc", "V"), ("Isc", "A"), ("Vmp", "V"), ("Imp", "A"))
    shown = [f"{name} {values[name]:g} {unit}" for name, unit in units if values.get(name) is not None]
    source = f"  ({values['source']})" if values.get("source") else ""
    return "  ".join(shown) + source
