"""Who may become the scanner of which station by one scan, decided from facts alone.

The code is a printed sheet in a technician's hand; anybody may scan it. So it does as little as helps: only a port
nobody on this computer is bound to, and only for a scanner that is unplugged. It signs nobody in.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.config import PortPart, ScannerPart
from drivers.ports import PortIdentity, PortInfo, PortSort
from drivers.readings import DeviceState, DeviceStatus
from stations.rules.commands import Meaning, read_code
from stations.rules.serials import normalise

DEV: Final = "/dev/"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A station's scanner that is not plugged in."""

    station: int
    part: ScannerPart


@dataclass(frozen=True, slots=True)
class Former:
    """Where the scanner was that another one replaced; `part` is the one in its place."""

    station: int
    part: ScannerPart
    port: PortPart


@dataclass(frozen=True, slots=True)
class No:
    """Why a scan on a free port binds nothing, and what to do."""

    message: str


def vacancies(scanners: Iterable[tuple[int, ScannerPart]], statuses: Iterable[DeviceStatus]) -> tuple[Vacancy, ...]:
    """Give the scanners that were looked for and are not plugged in. One that fails otherwise is no vacancy.

    Nor is a stand-in, bound to a file outside DEV: no real port is listened to for a simulated scanner.
    """
    gone = {one.device for one in statuses if one.state is DeviceState.SEARCHING and one.reason}
    return tuple(Vacancy(station, part) for station, part in scanners if part.name in gone and _is_real(part.port))


def _is_real(port: PortPart) -> bool:
    return port.file is None or port.file.startswith(DEV)


def free_ports(ports: Sequence[PortInfo], taken: Sequence[PortPart]) -> tuple[PortInfo, ...]:
    """Give the USB ports nobody is bound to. Others, such as a console or a keyboard, are never listened to unasked."""
    ports = [port for port in ports if port.adapter is not None and port.sort is not PortSort.KEYBOARD]
    identities = [one for one in map(port_identity, taken) if one is not None]
    return tuple(port for port in ports if not any(_is(port, one) for one in identities))


def port_identity(part: PortPart) -> PortIdentity | None:
    """Give what a port must be; None for a network address."""
    if part.tcp is not None:
        return None
    return PortIdentity(**part.model_dump(exclude={"tcp"}))


def fits(part: PortPart, ports: Sequence[PortInfo], *, types: bool) -> bool:
    """Tell whether what is plugged in there types like a keyboard, or does not, as is asked for; so does nothing."""
    identity = port_identity(part)
    there = [port for port in ports if identity is not None and _is(port, identity)]
    return not there or any(port.sort.types is types for port in there)


def former_at(port: PortInfo, formers: Iterable[Former]) -> Former | None:
    """Tell whose place a free port was."""
    for one in formers:
        identity = port_identity(one.port)
        if identity is not None and _is(port, identity):
            return one
    return None


def choose(
    text: str, line_number: int, vacant: Sequence[Vacancy], former: Former | None = None, *, types: bool = False
) -> Vacancy | No:
    """Decide on a scan that came from a free port; `former` where a scanner was that another one replaced.

    `types`: it came from a scanner that types like a keyboard, which can only replace another such.
    """
    code = read_code(normalise(text))
    if code.meaning is not Meaning.BIND and former is not None:
        return No(f"This scanner was replaced: station {former.station} has another one. Put it away.")
    if code.meaning is not Meaning.BIND:
        words = "A scanner was used that belongs to no station."
        return No(f'{words} Scan the code "Station n" of the binding sheet with it, or put it away.')
    line, _, station = code.argument.partition("-")
    if line != str(line_number):
        return No(f"This is a code of line {line}. Bind the scanner there by hand: sunline device bind --line {line}")
    mine = [one for one in vacant if str(one.station) == station]
    fitting = [one for one in mine if one.part.types is types]
    if fitting:
        return fitting[0]
    if mine:
        this, that = ("types like a keyboard", "does not") if types else ("does not type like a keyboard", "does")
        return No(
            f"This scanner {this}; the one station {station} lacks {that}. Set it the other way, or take another."
        )
    return No(f"Station {station} lacks no scanner. Unplug its old one first, then scan the code again.")


def _is(port: PortInfo, identity: PortIdentity) -> bool:
    if identity.file is None:
        return identity.matches(port)
    return os.path.realpath(identity.file) == os.path.realpath(port.file)
