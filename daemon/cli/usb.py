"""USB sticks that may take the line's data away."""

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, given
from daemon.cli.exits import Exit, Failed
from daemon.cli.parameters import Limit, Reason
from daemon.cli.showing import Column, Row, answer, at, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To, socket_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from drivers.stick import StickDevice

app = group("usb", "USB sticks that may take data away.")

Takes = Literal["everything", "data", "sheets"]

_STICKS = (
    Column("Stick", "name"),
    Column("Takes", "takes"),
    Column("Each time", lambda row: "all of it" if row.get("always_full") else "what is new"),
    Column("Sealed", lambda row: "yes" if row.get("recipient") else ""),
    Column("", lambda row: "" if row.get("active") else "revoked"),
    Column("Last visit", lambda row: at("created_at")(row.get("last_visit") or {})),
    Column("Came of it", lambda row: _words((row.get("last_visit") or {}).get("outcome"))),
    Column("Enrolled by", "enrolled_by_name"),
    Column("Id", lambda row: str(row.get("uuid"))[-8:]),
)
_PLUGGED = (
    Column("Device", "device"),
    Column("Stick", "name"),
    Column("Known here as", "known_as"),
    Column("What it is", "described", flex=True),
)
_VISITS = (
    Column("When", at("created_at")),
    Column("Stick", lambda row: row.get("name") or "-"),
    Column("Came of it", lambda row: _words(row.get("outcome"))),
    Column("Files", lambda row: row.get("file_count") or "", right=True),
    Column("Said", "message", flex=True),
    Column("Device", "device", flex=True),
)


@app.command(name="list")
def list_(*, to: To = HERE) -> None:
    """List the enrolled sticks with their last visit, and the sticks that are plugged in here now."""
    found = ask(to, "usb.list")
    found["plugged"] = _plugged(found["sticks"])
    answer(to, found, lambda: _picture(found))


@app.command
def enrol(
    name: Annotated[str | None, Parameter(help="What to call it; none: its label.")] = None,
    *,
    device: Annotated[str | None, Parameter(help="Its disk, like sdb, where several sticks are plugged in.")] = None,
    folder: Annotated[Path | None, Parameter(help="A folder that stands for a stick, as in usb watch.")] = None,
    takes: Annotated[Takes, Parameter(help="What it may take: all, the lists alone, the pallet sheets alone.")] = (
        "everything"
    ),
    full: Annotated[bool, Parameter(negative="", help="All of it at each visit, not only what is new.")] = False,
    recipient: Annotated[str | None, Parameter(help="Seal its files to this public key of age (age1...).")] = None,
    to: To = HERE,
) -> None:
    """Let the plugged stick take data away; done again, it changes what it takes. For admins."""
    from drivers.stick import writable_volume  # noqa: PLC0415 -- only where a stick is looked at

    stick = _chosen(device) if folder is None else _folder(folder)
    volume = writable_volume(stick)
    called = name or volume.label or stick.product
    if not called:
        raise Failed(Exit.USAGE, "This stick has no label to be called by.", "Give it a name: sunline usb enrol NAME.")
    row = ask(
        to, "usb.enrol", vendor_id=stick.vendor_id, product_id=stick.product_id, usb_serial=stick.usb_serial,
        volume_id=volume.fs_uuid or "", name=called, takes=takes, full=full, **given(recipient=recipient),
    )  # fmt: skip
    again = "" if folder else " Take it out and plug it in again."
    said(to, row, f"The stick {called} may take {_TAKEN[takes]} away.{again}")


@app.command
def revoke(
    stick: Annotated[str, Parameter(help="Its name, or the last digits of its id.")], *, reason: Reason, to: To = HERE
) -> None:
    """End what a stick may do. What it took stays on it. For admins."""
    row = ask(to, "usb.revoke", stick=stick, reason=reason)
    said(to, row, f"The stick {row['name']} is revoked.")


@app.command
def visits(
    *,
    stick: Annotated[str | None, Parameter(help="Only of the stick of this name.")] = None,
    limit: Limit = 50,
    to: To = HERE,
) -> None:
    """List what became of the sticks that were plugged in, newest first."""
    rows = ask(to, "usb.visits", limit=limit, **given(stick=stick))
    answer(to, rows, lambda: table(rows, _VISITS, "No stick was plugged in yet."))


@app.command
def watch(
    *,
    folder: Annotated[Path | None, Parameter(help="A folder that stands for a stick, instead of real ones.")] = None,
    full: Annotated[bool, Parameter(negative="", help="All of it at each visit, not only what is new.")] = False,
    to: To = HERE,
) -> int:
    """Export to sticks as they are plugged in, where the system's service does not. Until Ctrl-C."""
    import asyncio  # noqa: PLC0415 -- as above

    from daemon.stick.watch import StickWatch, folder_as_stick, plugged_sticks  # noqa: PLC0415 -- as above

    is_one_line = to.socket or to.line or os.environ.get("SUNLINE_SOCKET")
    lines = ["--socket", str(socket_of(to))] if is_one_line else []
    options = [*lines, "--full"] if full else lines
    plugged = folder_as_stick(folder) if folder is not None else plugged_sticks
    sys.stderr.write(f"Waiting for {folder or 'sticks'}. Ctrl-C ends.\n")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(StickWatch(options, plugged).run())
    return Exit.OK


_TAKEN = {"everything": "everything", "data": "the lists", "sheets": "the pallet sheets"}


def _words(outcome: object) -> str:
    return str(outcome or "").replace("_", " ")


def _picture(found: Row) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- only where people look

    known = table(found["sticks"], _STICKS, "No stick is enrolled: plug one in, then: sunline usb enrol.")
    if not found["plugged"]:
        return Group(known, "", "No stick is plugged in.")
    return Group(known, "", "[bold]Plugged in now[/bold]", table(found["plugged"], _PLUGGED))


def _plugged(known: list[Row]) -> list[Row]:
    """Give the sticks plugged into this computer, and what the line knows them as."""
    from drivers.stick import list_sticks  # noqa: PLC0415 -- as above

    return [
        {
            "device": stick.name,
            "name": next((volume.label for volume in stick.volumes if volume.label), None) or stick.product,
            "known_as": next((row["name"] for row in known if row["active"] and _is(row, stick)), "not enrolled"),
            "described": str(stick),
        }
        for stick in list_sticks()
    ]


def _is(row: Row, stick: "StickDevice") -> bool:
    mine = (stick.vendor_id, stick.product_id, stick.usb_serial)
    volumes = {volume.fs_uuid for volume in stick.volumes}
    return (row["vendor_id"], row["product_id"], row["usb_serial"]) == mine and row["volume_id"] in volumes


def _chosen(device: str | None) -> "StickDevice":
    """Find the stick that is meant: the one named, or the only one there is."""
    from drivers.stick import list_sticks, stick_of  # noqa: PLC0415 -- as above

    if device is not None:
        return _looked_into(stick_of(device.removeprefix("/dev/")))
    found = list_sticks()
    if len(found) == 1:
        return _looked_into(found[0])
    if not found:
        todo = "Plug the stick into this computer, wait some seconds, then try again."
        raise Failed(Exit.REFUSED, "No stick is plugged in here.", todo)
    names = "; ".join(f"{stick.name}: {stick}" for stick in found)
    raise Failed(Exit.USAGE, f"Several sticks are plugged in ({names}).", f"Say which: --device {found[0].name}.")


def _looked_into(stick: "StickDevice") -> "StickDevice":
    """Where udev does not say what is on a stick, ask the medium, as far as this login may."""
    from drivers.stick import probe_device, stick_of  # noqa: PLC0415 -- as above
    from drivers.stick.errors import VolumeForbidden  # noqa: PLC0415 -- as above

    if all(volume.fs_uuid for volume in stick.volumes):
        return stick
    try:
        return stick_of(stick.name, probe=probe_device)
    except VolumeForbidden:
        return stick


def _folder(path: Path) -> "StickDevice":
    from daemon.stick.ports import FolderPort  # noqa: PLC0415 -- as above

    return FolderPort(path).look()
