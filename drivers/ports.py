"""Which port is which device: by what is plugged where, never by a number that changes."""

from dataclasses import dataclass, fields
from pathlib import Path

from drivers.errors import PortAbsent, PortAmbiguous
from drivers.sysfs import PortInfo, PortSort, Roots, list_ports, udev_text

__all__ = ["PortIdentity", "PortInfo", "PortSort", "Roots", "find_port", "find_ports", "list_ports", "the_one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortIdentity:
    """What a port must be. Given attributes must all agree; `file` alone names a fixed device file instead.

    `path` is the place it is plugged in (`ID_PATH`, or a name below /dev/serial/by-path or /dev/input/by-path);
    `chip_serial` the serial number in the adapter (`ID_SERIAL_SHORT`); `vendor_id` and `product_id` four hexadecimal
    digits; `interface` two (`ID_USB_INTERFACE_NUM`), for adapters with several ports.
    """

    file: str | None = None
    path: str | None = None
    chip_serial: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    interface: str | None = None

    def __post_init__(self) -> None:
        given = [field.name for field in fields(self) if getattr(self, field.name)]
        if not given:
            raise ValueError("a port identity needs at least one attribute")
        if self.file and len(given) > 1:
            raise ValueError("a fixed device file goes with no other attribute")

    def __str__(self) -> str:
        names = [field.name for field in fields(self) if getattr(self, field.name)]
        return ", ".join(f"{name.replace('_', ' ')} {getattr(self, name)}" for name in names)

    def matches(self, port: PortInfo) -> bool:
        """Return whether `port` has every attribute asked for."""
        return (
            (self.path is None or self.path.rpartition("/")[2] in _places(port))
            and (self.chip_serial is None or udev_text(self.chip_serial) == udev_text(port.chip_serial))
            and (self.vendor_id is None or self.vendor_id.lower() == port.vendor_id)
            and (self.product_id is None or self.product_id.lower() == port.product_id)
            and (self.interface is None or self.interface.lower() == port.interface)
        )


def find_ports(identity: PortIdentity, roots: Roots | None = None) -> list[PortInfo]:
    """Return every plugged port with this identity, ordered by device file. A fixed file is its own port."""
    if identity.file is not None:
        file = Path(identity.file)
        return [PortInfo(file=identity.file)] if file.exists() else []
    return [port for port in list_ports(roots) if identity.matches(port)]


def find_port(identity: PortIdentity, roots: Roots | None = None) -> PortInfo:
    """Return the one port with this identity. Raises PortAbsent and PortAmbiguous."""
    found = find_ports(identity, roots)
    if not found:
        raise PortAbsent(f"No port with {identity} is plugged in.")
    return the_one(identity, found)


def the_one(identity: PortIdentity, found: list[PortInfo]) -> PortInfo:
    """Return what was found, where it is one. Raises PortAmbiguous."""
    if len(found) > 1:
        raise _ambiguous(identity, found)
    return found[0]


def _places(port: PortInfo) -> set[str]:
    """All names of the place: udev's old and new forms, as such and as its links end, with the port's number."""
    bases = {port.path, port.udev_path} - {None}
    end = "event-kbd" if port.sort.types else f"port{port.number}"
    return {name for base in bases for name in (str(base), f"{base}-{end}")}


def _ambiguous(identity: PortIdentity, found: list[PortInfo]) -> PortAmbiguous:
    files = " and ".join(port.file for port in found)
    if len({port.adapter for port in found}) == 1:
        several = f"One adapter with {identity} has several ports ({files})."
        return PortAmbiguous(several, todo="Add the interface number to the device's port.")
    if identity.chip_serial is None:
        several = f"Several ports have {identity} ({files})."
        return PortAmbiguous(several, todo="Bind the device by its port path.")
    return PortAmbiguous(f"Two adapters carry the same chip serial ({files}).")
