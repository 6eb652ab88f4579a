"""Gather what the doctor decides on: ports, permissions and holders of one device."""

import grp
import os
import pwd
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from daemon.wiring.doctor import Look
from daemon.wiring.inventory import Device, Holding
from drivers.hid.find import find_keyboards
from drivers.ports import PortIdentity, PortInfo, find_ports

SERVICE_USER: Final = "sunline"
READ: Final = 0o4
_READ_AND_WRITE: Final = 0o6


def look_at(device: Device, ports: Sequence[PortInfo], holding: Holding) -> Look:
    """Look at everything about one device but its words."""
    identity = device.identity
    if identity is None:
        return Look(device=device)
    by_name = identity.file is not None
    ports = [port for port in ports if port.sort.types is device.types]
    named = find_keyboards if device.types else find_ports
    found = tuple(named(identity) if by_name else (port for port in ports if identity.matches(port)))
    needs = READ if device.types else _READ_AND_WRITE
    user, group = refused(found[0].file, needs) if len(found) == 1 else (SERVICE_USER, None)
    held = [one for port in found for one in holding.get(port.file, ()) if one.pid != device.process]
    if device.types:
        held = []  # a desktop has every keyboard open; who has taken the keys, the line was told
    return Look(
        device=device, ports=found, at_place=_only_by(device.binding, ("path", "interface"), ports),
        elsewhere=_only_by(device.binding, ("chip_serial", "interface"), ports), group=group, user=user,
        holders=tuple(held),
    )  # fmt: skip


def refused(file: str, needs: int = _READ_AND_WRITE) -> tuple[str, str | None]:
    """Give the user who is to open a file, and the group that user lacks for it; None: nothing is lacking.

    The service's user where this computer has one, else whoever asks.
    """
    user = _service_user()
    try:
        at = Path(file).stat()
    except OSError:
        return user.pw_name, None
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    may = at.st_mode & needs == needs or (at.st_mode >> 3 & needs == needs and at.st_gid in groups)
    if may or user.pw_uid in (0, at.st_uid):
        return user.pw_name, None
    return user.pw_name, _group_name(at.st_gid)


def _service_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return pwd.getpwuid(os.geteuid())


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _only_by(binding: Mapping[str, str], keys: tuple[str, ...], ports: Sequence[PortInfo]) -> PortInfo | None:
    """Find what agrees with the first of the keys, whatever else the binding asks for."""
    if keys[0] not in binding:
        return None
    identity = PortIdentity(**{key: binding[key] for key in keys if key in binding})
    return next((port for port in ports if identity.matches(port)), None)
