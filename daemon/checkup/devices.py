"""Scanners and testers: what the device doctor finds, a line for each that is not well."""

from collections.abc import Sequence
from typing import Final

from daemon.checkup.finding import Area, Finding, Severity, Unseen, not_seen
from daemon.checkup.lines import LineHere
from daemon.config import LineConfig
from daemon.wiring import doctor
from daemon.wiring.doctor import Trouble, diagnose
from daemon.wiring.inventory import Device, Holding, read_device
from daemon.wiring.known import configured
from daemon.wiring.looking import look_at
from drivers.candidates import list_candidates
from drivers.holders import holders
from drivers.ports import PortInfo

CHECK: Final = "devices"
_ASK: Final = Unseen("its daemon does not run", "Start the line.")


def look_at_devices(line: LineHere) -> tuple[Finding, ...]:
    """Look at every device of a line: as its daemon tells, else as its file says."""
    lines = (line.number,) if line.number else ()
    devices = _devices(line)
    if isinstance(devices, Unseen):
        return (not_seen(Area.DEVICES, CHECK, "the devices", devices, lines),)
    ports = list_candidates()
    files = {port.file for port in ports} | {one.binding.get("file", "") for one in devices} - {""}
    holding = holders(files)
    return device_findings(tuple(_examined(one, ports, holding) for one in devices), lines)


def device_findings(found: Sequence[doctor.Finding], lines: tuple[int, ...]) -> tuple[Finding, ...]:
    """Give a finding for each device that is not well, one for those that were not asked, one for those that are."""
    bad = [
        Finding(
            Area.DEVICES, one.trouble.value, Severity.BAD, f"{one.device.name}: {one.message}", one.todo, lines
        )
        for one in found
        if one.is_bad
    ]  # fmt: skip
    unasked = [one.device.name for one in found if one.trouble is Trouble.UNASKED]
    if unasked:
        bad.append(not_seen(Area.DEVICES, CHECK, f"what {', '.join(unasked)} said last", _ASK, lines))
    fine = [one.device.name for one in found if one.trouble is Trouble.FINE]
    words = f"{', '.join(fine)} well" if fine else "" if found else "none configured"
    return (*bad, Finding(Area.DEVICES, CHECK, Severity.OK, words, "", lines)) if words else tuple(bad)


def _examined(device: Device, ports: Sequence[PortInfo], holding: Holding) -> doctor.Finding:
    return diagnose(look_at(device, ports, holding))


def _devices(line: LineHere) -> tuple[Device, ...] | Unseen:
    told = line.answer("device.list")
    if not isinstance(told, Unseen):
        return tuple(read_device(row, told["line"], told.get("process")) for row in told["devices"])
    return configured(line.config) if isinstance(line.config, LineConfig) else told
