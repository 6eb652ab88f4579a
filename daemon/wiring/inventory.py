"""Every port with the device it belongs to, and every device with its port: one list, joined by identity."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drivers.holders import Holder
from drivers.ports import PortIdentity, PortInfo

Holding = Mapping[str, tuple[Holder, ...]]

_FOR_PORTS = frozenset({"path", "chip_serial", "vendor_id", "product_id", "interface", "file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device of one line of this computer. `state` is empty while the line's daemon does not run.

    `types`: it types like a keyboard. `frames` counts the last frames heard, `unreadable` those among them that could
    not be read. `process` is the line's daemon. `profile` says how its codes end where a test found it otherwise than
    configured.
    """

    name: str
    kind: str
    line: int
    station: int
    binding: Mapping[str, str]
    rebound: bool = False
    types: bool = False
    process: int | None = None
    state: str = ""
    port: str | None = None
    reason: str = ""
    todo: str = ""
    since: datetime | None = None
    said_at: datetime | None = None
    said: str = ""
    frames: int = 0
    unreadable: int = 0
    profile: str = ""

    @property
    def identity(self) -> PortIdentity | None:
        """What its port must be; None for a network address and for a folder of files."""
        given = {key: value for key, value in self.binding.items() if key in _FOR_PORTS}
        return PortIdentity(**given) if given else None


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the inventory: a port, a device, or both. `twin`: another adapter carries the same chip serial."""

    port: PortInfo | None
    device: Device | None
    holders: tuple[Holder, ...] = ()
    twin: bool = False


def read_device(row: Mapping[str, Any], line: int, process: int | None) -> Device:
    """Read a device as a line's daemon tells of it."""
    said = row.get("said") or {}
    return Device(
        name=row["name"], kind=row["kind"], line=line, station=row["station"], binding=row["binding"],
        rebound=row["rebound"], types=row.get("types", False), process=process,
        state=row["state"], port=row["port"], reason=row["reason"],
        todo=row["todo"], since=_moment(row["since"]), said_at=_moment(said.get("at")), said=said.get("text", ""),
        frames=row["frames"], unreadable=row["unreadable"], profile=(row.get("profile") or {}).get("words", ""),
    )  # fmt: skip


def take_inventory(ports: Sequence[PortInfo], devices: Sequence[Device], holding: Holding) -> tuple[Place, ...]:
    """Join ports and devices: first every port with whoever is bound to it, then the devices that have none."""
    listed = tuple(ports) + _fixed(ports, devices)
    twins = {port.file for port in listed if _is_twin(port, listed)}
    places = [
        Place(port, device, holding.get(port.file, ()), port.file in twins)
        for port in listed
        for device in _bound_to(port, devices)
    ]
    placed = {(place.device.line, place.device.name) for place in places if place.device}
    return (*places, *(Place(None, one) for one in devices if (one.line, one.name) not in placed))


def is_bound(device: Device, port: PortInfo) -> bool:
    """Tell whether a device is bound to what is plugged in here."""
    identity = device.identity
    if identity is None:
        return False
    if identity.file is not None:
        return os.path.realpath(identity.file) == os.path.realpath(port.file)
    return device.types is port.sort.types and identity.matches(port)


def _bound_to(port: PortInfo, devices: Sequence[Device]) -> tuple[Device | None, ...]:
    return tuple(one for one in devices if is_bound(one, port)) or (None,)


def _fixed(ports: Sequence[PortInfo], devices: Sequence[Device]) -> tuple[PortInfo, ...]:
    """Give the device files that are bound by name, are there, and are no port the kernel lists."""
    known = {os.path.realpath(port.file) for port in ports}
    names = dict.fromkeys(device.binding["file"] for device in devices if "file" in device.binding)
    return tuple(PortInfo(file=file) for file in names if os.path.exists(file) and os.path.realpath(file) not in known)  # noqa: PTH110


def _is_twin(port: PortInfo, ports: Sequence[PortInfo]) -> bool:
    """Tell whether another adapter, not only another port of this one, carries the same chip serial."""
    adapters = Counter(other.chip_serial for other in {one.adapter: one for one in ports if one.adapter}.values())
    return port.chip_serial is not None and adapters[port.chip_serial] > 1


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
