"""Which device was bound to another port than its configuration says: kept beside the store, durable, small.

The configuration stays the administrator's: nothing here writes it, and a binding ends when its device's port is
changed there.
"""

import logging
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from daemon.config import PortPart, ScannerPart, TesterPart
from daemon.wiring.keeping import quoted, replace_durably
from drivers.ports import PortInfo

log = logging.getLogger(__name__)

P = TypeVar("P", ScannerPart, TesterPart)

_HEAD = "# Written by the line: devices bound to other ports than the configuration says. sunline device unbind NAME\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A device bound to a port. `instead_of` is the port its configuration named then, `replaced` the one it left."""

    device: str
    port: PortPart
    instead_of: PortPart
    replaced: PortPart
    at: datetime
    by: str


def bindings_file(store: Path) -> Path:
    """Name the file of a line's bindings."""
    return store.with_name(f"{store.name}.bindings.toml")


def bound_part(part: P, bindings: Iterable[Binding]) -> P:
    """Give the device as it is bound now."""
    for binding in bindings:
        if binding.device == part.name and binding.instead_of == part.port:
            return part.model_copy(update={"port": binding.port})
    return part


def binding_of(port: PortPart | None) -> Mapping[str, str]:
    """Give the attributes a port is bound by; none for a folder of files."""
    return {} if port is None else {key: str(value) for key, value in port.model_dump(exclude_none=True).items()}


def identity_of(port: PortInfo, ports: Sequence[PortInfo]) -> PortPart:
    """Give what finds this port again: its chip serial, which follows it to any socket, where no other carries it.

    Else its place, and for a port without either its file. Of scanners that type, which often all carry the same
    serial, the place first.
    """
    place = port.udev_path or port.path
    if port.sort.types and place is not None:
        return PortPart(path=place)
    near = [one for one in ports if one.adapter is not None and one.adapter == port.adapter]
    shared = [one for one in near if one.interface == port.interface]
    alone = all(one.adapter == port.adapter for one in ports if one.chip_serial == port.chip_serial)
    if port.chip_serial and alone and len(shared) == 1:
        interface = port.interface if len(near) > 1 else None
        return PortPart(
            chip_serial=port.chip_serial, vendor_id=port.vendor_id, product_id=port.product_id, interface=interface
        )
    if place is None:
        return PortPart(file=port.file)
    return PortPart(path=f"{place}-port{port.number}" if len(shared) > 1 else place)


def read_bindings(path: Path) -> tuple[Binding, ...]:
    """Read the bindings of a line; none where there is no file. What cannot be read is told in the log and left out."""
    try:
        rows = tomllib.loads(path.read_text("utf-8"))["binding"]
        return tuple(_read(row) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.error("%s cannot be read (%s): the devices are bound as the configuration says.", path, error)
        return ()


def write_bindings(path: Path, bindings: Iterable[Binding]) -> None:
    """Replace the bindings of a line, durably. Raises OSError, and keeps the old then."""
    replace_durably(path, _HEAD + "".join(_written(one) for one in bindings))


def _read(row: dict[str, Any]) -> Binding:
    return Binding(
        device=str(row["device"]), port=PortPart.model_validate(row["port"]),
        instead_of=PortPart.model_validate(row["instead_of"]), replaced=PortPart.model_validate(row["replaced"]),
        at=datetime.fromisoformat(row["at"]), by=str(row["by"]),
    )  # fmt: skip


def _written(one: Binding) -> str:
    facts = {"device": one.device, "at": one.at.isoformat(), "by": one.by}
    ports = {"port": one.port, "instead_of": one.instead_of, "replaced": one.replaced}
    lines = [f"{key} = {quoted(value)}" for key, value in facts.items()]
    return "\n".join(("\n[[binding]]", *lines, *(f"{key} = {_table(port)}" for key, port in ports.items()), ""))


def _table(port: PortPart) -> str:
    given = port.model_dump(exclude_none=True)
    return "{ " + ", ".join(f"{key} = {quoted(str(value))}" for key, value in given.items()) + " }"
