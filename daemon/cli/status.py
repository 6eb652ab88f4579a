"""The line at a glance."""

from typing import TYPE_CHECKING

from daemon.cli.asking import ask
from daemon.cli.showing import Column, Row, answer, at, when
from daemon.cli.tables import facts, table
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from rich.console import RenderableType


def _unsaid(row: Row) -> str:
    return str(row.get("warning") or "") if row.get("warning") != row.get("detail") else ""


_STATIONS = (
    Column("", lambda row: row.get("station"), right=True),
    Column("Station", "name"),
    Column("Screen", "colour", styled=True),
    Column("Panel", "serial"),
    Column("Operator", "operator"),
    Column("Says", lambda row: _words(row, "headline", "detail", "aside"), flex=True),
    Column("Warning", _unsaid, flex=True),
)
DEVICES = (
    Column("Device", "name"),
    Column("State", "state", styled=True),
    Column("Station", "station", right=True),
    Column("Port", "port"),
    Column("Since", at("since")),
    Column("Trouble", lambda row: _words(row, "reason", "todo"), flex=True),
)
_ORDERS = (
    Column("Order", "mo_number"),
    Column("Type", "panel_type"),
    Column("Completed", "completed", right=True),
    Column("Left", "remaining", right=True),
    Column("Room", "room", right=True),
)
STICKS = (
    Column("Stick", lambda row: row.get("name") or "USB stick"),
    Column("Device", "device"),
    Column("Since", at("since")),
    Column("Says", "text", flex=True),
)
_TEN_YEARS = 3650
_ALARMS = (Column("When", at("created_at")), Column("Station", "station_number"), Column("Alarm", "message", flex=True))


def status(*, to: To = HERE) -> None:
    """Show how the line is: storage, stations, devices, sticks, orders, alarms."""
    found = ask(to, "line.status")
    answer(to, found, lambda: picture(found))


def picture(found: Row) -> "RenderableType":
    """Draw the status of a line."""
    from rich.console import Group  # noqa: PLC0415 -- only where people look

    blocks = [facts(_head(found))]
    for heading, key, columns in (
        ("Stations", "stations", _STATIONS),
        ("Devices", "devices", DEVICES),
        ("Sticks", "sticks", STICKS),
        ("Orders", "orders", _ORDERS),
        ("Alarms", "alarms", _ALARMS),
    ):
        if found.get(key):
            blocks += ["", f"[bold]{heading}[/bold]", table(found[key], columns)]
    return Group(*blocks)


def _head(found: Row) -> list[tuple[str, object]]:
    store = found.get("store") or {}
    free = f"{store['free_mb']} MB free" if store.get("free_mb") is not None else ""
    days = room_left(store.get("days_left"))
    return [
        ("SHADOW RUN", "the paper counts; nothing here is real work" if found.get("shadow") else ""),
        ("Line", f"{found.get('line')} of {found.get('site')}, version {found.get('version')}"),
        ("Running since", when(found.get("started_at"))),
        ("Storage", store.get("state")),
        ("", ", ".join(part for part in (free, days) if part)),
        ("Trouble", _words(store, "reason", "todo")),
        ("Central server", _central(found["central"]) if found.get("central") else ""),
        *(("Notice", notice) for notice in found.get("notices") or ()),
    ]


def _central(found: Row) -> str:
    """One line about the exchange; all of it is in `sunline sync status`."""
    waiting, parked = found.get("waiting"), found.get("parked")
    told = [
        f"{'connected' if found.get('connected') else 'not connected'} since {at('since')(found)}",
        changes(waiting, "waits", "wait") if waiting else "",
        f"{parked} parked" if parked else "",
        f"{found['rival']} runs this line too" if found.get("rival") else "",
    ]
    good = found.get("connected") and not parked and not found.get("rival")
    look = "" if good else " (sunline sync status)"
    return ", ".join(part for part in told if part) + look


def changes(number: int, one: str, more: str) -> str:
    """Count changes: `1 change waits`, `12 changes wait`."""
    return f"{number} change {one}" if number == 1 else f"{number} changes {more}"


def room_left(days: float | None) -> str:
    """Say how long the disk lasts."""
    if days is None:
        return ""
    return "room for more than ten years" if days > _TEN_YEARS else f"about {days:.0f} days left"


def _words(row: Row, *keys: str) -> str:
    return " ".join(str(row[key]) for key in keys if row.get(key))
