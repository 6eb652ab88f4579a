"""Devices, the ports they hang on, and what passes over their wires."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.exits import Exit, Failed
from daemon.cli.lookaround import ConfigFile, examine, known_port, look_around
from daemon.cli.monitor import monitor
from daemon.cli.scannertest import try_out
from daemon.cli.showing import Column, answer, more, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.link.base import ByteLink

app = group("device", "Devices and ports; record and replay what passes over a wire.")
app.command(monitor)
app.command(try_out, name="test")

Json = Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")]

_PORTS = (
    Column("Port", "file"),
    Column("Is", "sort"),
    Column("Path", "path"),
    Column("Chip serial", "chip_serial"),
    Column("Vendor", "vendor_id"),
    Column("Product", "product_id"),
    Column("Interface", "interface"),
)


@app.command(name="list")
def list_(*, config: ConfigFile = None, to: To = HERE) -> None:
    """List every port with what is plugged in, who holds it, its device, and what that said last.

    Without --line or --socket: of all lines of this computer. Says less while a line's daemon does not run.
    """
    from daemon.cli.portshow import draw_places, plain_place  # noqa: PLC0415 -- only here

    places, notes = look_around(to, config)
    rows = [plain_place(place) for place in places]
    answer(to, {"places": rows, "notes": list(notes)}, lambda: draw_places(rows))
    for note in notes:
        more(to, note)


@app.command
def ports(*, as_json: Json = False) -> None:
    """List what is plugged in, with the attributes a configuration binds a device by. Needs no daemon."""
    from drivers.candidates import list_candidates  # noqa: PLC0415 -- only here

    found = [{name: value for name, value in asdict(port).items() if name != "adapter"} for port in list_candidates()]
    answer(To(json=as_json), found, lambda: table(found, _PORTS, "Nothing is plugged in."))


@app.command
def doctor(
    name: Annotated[str | None, Parameter(help="Only this device.")] = None,
    *,
    config: ConfigFile = None,
    to: To = HERE,
) -> int:
    """Look at every device: plugged in, the right one, allowed, free, heard? Says the one thing to do; 1: not well."""
    from daemon.cli.portshow import DOCTOR, plain_finding  # noqa: PLC0415 -- only here

    findings, notes = examine(to, config, name)
    rows = [plain_finding(one) for one in findings]
    answer(to, {"findings": rows, "notes": list(notes)}, lambda: table(rows, DOCTOR))
    for note in notes:
        more(to, note)
    return Exit.REFUSED if any(one.is_bad for one in findings) else Exit.OK


@app.command
def bind(
    name: Annotated[str, Parameter(help="Name of the device.")],
    *,
    port: Annotated[str | None, Parameter(help="The port it hangs on now, like /dev/ttyUSB0.")] = None,
    chip_serial: Annotated[str | None, Parameter(help="Serial number in its adapter.")] = None,
    to: To = HERE,
) -> None:
    """Bind a device to another port than its configuration says, at once and for good. For supervisors."""
    if (port is None) == (chip_serial is None):
        raise Failed(Exit.USAGE, "Say which port: --port /dev/ttyUSB0, or --chip-serial NUMBER.")
    row = ask(to, "device.bind", name=name, **(known_port(port) if port else {"chip_serial": chip_serial}))
    words = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in row["binding"].items())
    said(to, row, f"{name} is bound to {words}. Scan or flash something, then: sunline device doctor {name}")


@app.command
def unbind(name: Annotated[str, Parameter(help="Name of the device.")], *, to: To = HERE) -> None:
    """Bind a device as its configuration says again. For supervisors."""
    row = ask(to, "device.unbind", name=name)
    again = "again" if row["changed"] else "already"
    said(to, row, f"{name} is bound as its configuration says {again}.")


@app.command
def record(
    file: Path,
    *,
    config: Annotated[Path, Parameter(help="The line's TOML file.")],
    device: Annotated[str, Parameter(help="Name of the device in it.")],
    force: Annotated[
        bool, Parameter(negative="", show_default=False, help="Overwrite the file if it is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write every byte a device sends, with its time, to a file until Ctrl-C. Stop the line's daemon first.

    The file is for you alone: badges scanned meanwhile are in it.
    """
    make_link = _link_of(config, device)
    from drivers.errors import DriverError  # noqa: PLC0415 -- only here
    from drivers.recording import record as record_wire  # noqa: PLC0415 -- only here

    was_there = file.exists()
    if file.is_file() and not force:
        raise Failed(Exit.REFUSED, f"{file} is there already.", "Choose another name, or overwrite it with --force.")
    try:
        file.touch(mode=0o600)
        lost = asyncio.run(record_wire(make_link(), file, device))
        ended = f"The recording ended: {lost}"
    except KeyboardInterrupt:
        ended = "Stopped."
    except DriverError:  # it never began
        if not was_there:
            file.unlink(missing_ok=True)
        raise
    said(To(json=as_json), {"file": str(file), "ended": ended}, f"{ended} Play it with: sunline device replay {file}")


def _link_of(path: Path, name: str) -> "Callable[[], ByteLink]":
    from daemon.config import load_config  # noqa: PLC0415 -- only here
    from daemon.wiring.devices import link_of  # noqa: PLC0415 -- only here

    config = load_config(path)
    parts = {part.name: part for part in config.devices()}
    if name not in parts:
        raise Failed(Exit.USAGE, f"There is no device {name} in {path}.", f"It has {', '.join(sorted(parts))}.")
    try:
        return link_of(parts[name])
    except ValueError as error:
        raise Failed(Exit.USAGE, f"{error}.", "There is no wire to record: copy the files instead.") from error


@app.command
def replay(
    file: Path,
    *,
    speed: Annotated[float, Parameter(help="Times faster than it was recorded.")] = 1.0,
    as_json: Json = False,
) -> None:
    """Play a recording on a pseudo-terminal until Ctrl-C: open the port it names as if the device hung there."""
    if speed <= 0:
        raise Failed(Exit.USAGE, "The speed must be above zero.", "Use 1 for the recorded pace.")
    try:
        asyncio.run(_replay(file, speed, To(json=as_json)))
    except KeyboardInterrupt:
        return


async def _replay(file: Path, speed: float, to: To) -> None:
    from drivers.replay import replaying  # noqa: PLC0415 -- only here

    async with replaying(file) as playing:
        said(to, {"port": playing.port, "file": str(file)}, f"Open {playing.port}: it starts then. Ctrl-C ends.")
        await playing.play(speed)
        await asyncio.Event().wait()  # closing the port would throw away what its reader has not read yet
