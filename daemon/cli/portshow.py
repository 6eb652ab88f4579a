"""How ports and their devices are shown: one row each, identity and troubles below it where the terminal is narrow."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from daemon.cli.showing import Column, Row, at
from daemon.cli.tables import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daemon.wiring.doctor import Finding
    from daemon.wiring.inventory import Device, Place
    from drivers.ports import PortInfo

_SAID = 28
_TYPES = {
    "scanner": "A scanner that types like a keyboard.",
    "keyboard": "A keyboard, probably: never opened unless it is configured and named a scanner.",
}


def _station(row: Row) -> str:
    return f"line {row['line']}, {row['station']}" if row["device"] else ""


def _short(said: str) -> str:
    return said if len(said) <= _SAID else f"{said[: _SAID - 3]}..."


COLUMNS = (
    Column("Port", lambda row: str(row["port"] or "-").removeprefix("/dev/")),
    Column("Device", lambda row: row["device"] or "(nobody's)"),
    Column("Station", _station),
    Column("State", "state", styled=True),
    Column("Held by", "held_by"),
    Column("At", at("said_at")),
    Column("Said last", lambda row: _short(row["said"] or "")),
    Column("Is", "described", flex=True),
    Column("Note", lambda row: " ".join(row["notes"]), flex=True),
)
DOCTOR = (
    Column("Device", "device"),
    Column("Station", _station),
    Column("Found", "trouble", styled=True),
    Column("Port", lambda row: str(row["port"] or "-").removeprefix("/dev/")),
    Column("What", "message", flex=True),
    Column("By test its codes end with", "profile", flex=True),
    Column("Do", "todo", flex=True),
)


def plain_finding(finding: "Finding") -> dict[str, Any]:
    """Give what the doctor found for programs, and for the table."""
    device = finding.device
    return {
        "device": device.name, "line": device.line, "station": device.station, "port": device.port,
        "trouble": finding.trouble.value, "bad": finding.is_bad, "message": finding.message, "todo": finding.todo,
        "binding": dict(device.binding), "profile": device.profile,
    }  # fmt: skip


def plain_place(place: "Place") -> dict[str, Any]:
    """Give a row of the inventory for programs, and for the table."""
    port, device = place.port, place.device
    return {
        "port": port.file if port else None,
        "device": device.name if device else None,
        "kind": device.kind if device else None,
        "line": device.line if device else None,
        "station": device.station if device else None,
        "state": device.state or None if device else None,
        "held_by": ", ".join(_holder(place, one.pid, str(one)) for one in place.holders),
        "holders": [{"pid": one.pid, "name": one.name} for one in place.holders],
        "said_at": device.said_at.isoformat() if device and device.said_at else None,
        "said": device.said if device else None,
        "described": describe(port) if port else _bound_to(device),
        "identity": _identity(port),
        "binding": dict(device.binding) if device else None,
        "rebound": device.rebound if device else False,
        "profile": device.profile if device else "",
        "same_chip_serial_twice": place.twin,
        "notes": _notes(place),
    }


def draw_places(rows: Sequence[Row]) -> "RenderableType":
    """Draw the inventory."""
    return table(rows, COLUMNS, "No port is plugged in and no device is configured.")


def describe(port: "PortInfo") -> str:
    """Say what is plugged in: maker and product, its chip serial, its place, its driver."""
    made = " ".join(dict.fromkeys(part for part in (port.manufacturer, port.product) if part))
    chip = f"chip serial {port.chip_serial}" if port.chip_serial else ""
    face = f"interface {port.interface}" if port.interface and port.interface != "00" else ""
    driver = f"driver {port.driver}" if port.driver else ""
    return ", ".join(part for part in (made, chip, port.udev_path or port.path or "", face, driver) if part)


def binding_words(device: "Device") -> str:
    """Say what a device is bound to."""
    words = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in device.binding.items())
    return words or "a folder of files"


def _bound_to(device: "Device | None") -> str:
    return f"bound to {binding_words(device)}" if device else ""


def _identity(port: "PortInfo | None") -> dict[str, Any] | None:
    if port is None:
        return None
    return {
        "path": port.udev_path or port.path, "chip_serial": port.chip_serial, "vendor_id": port.vendor_id,
        "product_id": port.product_id, "interface": port.interface, "manufacturer": port.manufacturer,
        "product": port.product, "driver": port.driver,
    }  # fmt: skip


def _notes(place: "Place") -> list[str]:
    device = place.device
    found = [_TYPES[place.port.sort]] if place.port and place.port.sort.types else []
    found += ["Same chip serial twice: bind it by its path."] if place.twin else []
    if device and device.reason:
        found.append(device.reason)
    if device and device.rebound:
        found.append(f"Bound here to {binding_words(device)}, not by the configuration.")
    if device and device.profile:
        found.append(f"By its test its codes end with {device.profile}; the configuration says otherwise.")
    return found


def _holder(place: "Place", pid: int, otherwise: str) -> str:
    device = place.device
    return f"line {device.line}" if device and device.process == pid else otherwise
