"""Look at the ports of this computer, and ask its lines what hangs on them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from daemon.cli import where
from daemon.cli.asking import failed
from daemon.cli.exits import Exit, Failed
from daemon.cli.where import To, socket_of

if TYPE_CHECKING:
    from daemon.wiring.doctor import Finding
    from daemon.wiring.inventory import Place
    from daemon.wiring.known import Known

ETC = Path("/etc/sunline")

ConfigFile = Annotated[Path | None, Parameter(help="The line's TOML file, where it is not below /etc/sunline.")]


def look_around(to: To, config: Path | None) -> "tuple[tuple[Place, ...], tuple[str, ...]]":
    """Give the inventory of this computer, and what lines could not say. Raises Failed."""
    from daemon.wiring.inventory import take_inventory  # noqa: PLC0415 -- half a second, with the configuration
    from drivers.candidates import list_candidates  # noqa: PLC0415 -- as above
    from drivers.holders import holders  # noqa: PLC0415 -- as above

    known, ports = devices_known(to, config), list_candidates()
    files = {port.file for port in ports} | {device.binding.get("file", "") for device in known.devices} - {""}
    return take_inventory(ports, known.devices, holders(files)), known.notes


def examine(to: To, config: Path | None, name: str | None) -> "tuple[tuple[Finding, ...], tuple[str, ...]]":
    """Give the doctor's finding about each device, or the one of this name. Raises Failed."""
    from daemon.wiring.doctor import diagnose  # noqa: PLC0415 -- as above
    from daemon.wiring.looking import look_at  # noqa: PLC0415 -- as above
    from drivers.candidates import list_candidates  # noqa: PLC0415 -- as above
    from drivers.holders import holders  # noqa: PLC0415 -- as above

    known, ports = devices_known(to, config), list_candidates()
    chosen = [one for one in known.devices if name in (None, one.name)]
    if not chosen:
        raise _nobody(known, name)
    files = {port.file for port in ports} | {device.binding.get("file", "") for device in chosen} - {""}
    holding = holders(files)
    return tuple(diagnose(look_at(device, ports, holding)) for device in chosen), known.notes


def known_port(file: str) -> dict[str, object]:
    """Give what finds the port at a device file again: a number like ttyUSB0 changes, its identity does not.

    A file the kernel lists as no port stays a file. Raises Failed where there is none.
    """
    from daemon.wiring.bindings import identity_of  # noqa: PLC0415 -- as above
    from drivers.candidates import list_candidates  # noqa: PLC0415 -- as above

    name, ports = file if file.startswith("/") else f"/dev/{file}", list_candidates()
    found = next((port for port in ports if os.path.realpath(port.file) == os.path.realpath(name)), None)
    if found is not None and found.sort.types and not (found.udev_path or found.path or found.chip_serial):
        raise Failed(Exit.REFUSED, f"{name} has neither a place nor a serial: it could not be found again.")
    if found is not None:
        return dict(identity_of(found, ports).model_dump(exclude_none=True))
    if not Path(name).exists():
        raise Failed(Exit.REFUSED, f"There is no port {name}.", "See: sunline device list")
    return {"file": name}


def _nobody(known: "Known", name: str | None) -> Failed:
    if known.devices:
        names = ", ".join(sorted(one.name for one in known.devices))
        return Failed(Exit.USAGE, f"There is no device {name}.", f"There are {names}.")
    why = " ".join(known.notes) or "No line that runs here has a device, and none is configured below /etc/sunline."
    return Failed(Exit.NOT_RUNNING, why, "Name the line's file: --config FILE.")


def devices_known(to: To, config: Path | None) -> "Known":
    """Ask the line that is meant, or all lines of this computer. Raises Failed."""
    from daemon.control.protocol import ControlError  # noqa: PLC0415 -- as above
    from daemon.wiring.known import known_here, known_line  # noqa: PLC0415 -- as above

    chosen = to.socket or to.line or os.environ.get("SUNLINE_SOCKET")
    try:
        if config is not None:
            return known_line(socket_of(to) if chosen else None, config)
        if chosen:
            return known_line(socket_of(to), None)
        return known_here(where.RUN, ETC)
    except ControlError as error:
        raise failed(error) from error
