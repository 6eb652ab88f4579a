"""What the kernel and udev say about devices: plain files below roots that tests replace."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

_UDEV_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the machine describes itself."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")
    run_udev: Path = Path("/run/udev")


class PortSort(StrEnum):
    """What hangs there: a serial port, or something that types, and whether that is known to be a scanner."""

    SERIAL = "serial"
    SCANNER = "scanner"
    KEYBOARD = "keyboard"

    @property
    def types(self) -> bool:
        """Whether it types like a keyboard."""
        return self is not PortSort.SERIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class PortInfo:
    """One port as it is plugged now. None: not known, or no USB port.

    `path` is the place as computed from sysfs, `udev_path` as udev's database says. `adapter` is the USB
    device's folder in sysfs; ports with the same one sit in the same adapter. `number` counts the ports of one
    interface.
    """

    file: str
    sort: PortSort = PortSort.SERIAL
    path: str | None = None
    udev_path: str | None = None
    chip_serial: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    interface: str | None = None
    manufacturer: str | None = None
    product: str | None = None
    driver: str | None = None
    adapter: Path | None = field(default=None, compare=False)
    number: int = 0


def list_ports(roots: Roots | None = None) -> list[PortInfo]:
    """Return every real serial port that is plugged now, ordered by device file.

    Works without udevd. A port that vanishes while it is read is left out.
    """
    at = roots or Roots()
    try:
        names = sorted(entry.name for entry in (at.sys / "class/tty").iterdir())
    except FileNotFoundError:
        return []
    found = (_port(name, at) for name in names)
    return [port for port in found if port is not None]


def read_text(file: Path) -> str | None:
    """Return an attribute's text without outer blanks; None when it is missing, empty or gone."""
    try:
        return file.read_text("utf-8", "replace").strip() or None
    except OSError:
        return None


def needed_text(file: Path) -> str:
    """Return the text of an attribute every such device has. Raises FileNotFoundError: the device is going."""
    text = read_text(file)
    if text is None:
        raise FileNotFoundError(f"{file} is gone")
    return text


def parents(device: Path, sys: Path) -> list[Path]:
    """Return the device and everything it hangs on, from the leaf up."""
    top = (sys / "devices").resolve()
    return [folder for folder in (device, *device.parents) if top in folder.parents]


def place(chain: list[Path]) -> str | None:
    """Return `ID_PATH` as udev's path_id builds it, for devices on USB, PCI and platform buses."""
    parts: list[str] = []
    last = ""
    for folder, bus in _buses(chain):
        if bus == last:  # only the nearest of nested devices on one bus counts
            continue
        if bus == "usb" and ":" not in folder.name:
            continue
        last = bus
        parts.insert(0, f"usb-0:{folder.name.partition('-')[2]}" if bus == "usb" else f"{bus}-{folder.name}")
    return "-".join(parts) or None


def udev_values(device: str, roots: Roots) -> dict[str, str]:
    """Return what udev's database says about a device, by its name there: `c188:0`, `b8:17`. Empty without udevd."""
    lines = (read_text(roots.run_udev / "data" / device) or "").splitlines()
    pairs = (line[2:].partition("=") for line in lines if line.startswith("E:"))
    return {key: _UDEV_ESCAPE.sub(lambda hit: chr(int(hit[1], 16)), value) for key, _, value in pairs}


def udev_text(text: str | None) -> str | None:
    """Return `text` as udev stores attributes: outer blanks gone, others and unsafe characters as `_`."""
    if text is None:
        return None
    return re.sub(r"[^\w#+\-.:=@]", "_", re.sub(r"\s+", "_", text.strip()))


def _port(name: str, roots: Roots) -> PortInfo | None:
    tty = roots.sys / "class/tty" / name
    if not (tty / "device").exists() or read_text(tty / "type") == "0":  # virtual, or an empty UART slot
        return None
    chain = parents((tty / "device").resolve(), roots.sys)
    interface = next((folder for folder in chain if (folder / "bInterfaceNumber").exists()), None)
    usb = next((folder for folder in chain if (folder / "idVendor").exists()), None)
    database = udev_values(f"c{read_text(tty / 'dev')}", roots)
    return PortInfo(
        file=str(roots.dev / name),
        path=place(chain),
        udev_path=database.get("ID_PATH"),
        chip_serial=attribute_of(usb, "serial") or database.get("ID_SERIAL_SHORT"),
        vendor_id=attribute_of(usb, "idVendor"),
        product_id=attribute_of(usb, "idProduct"),
        interface=attribute_of(interface, "bInterfaceNumber"),
        manufacturer=attribute_of(usb, "manufacturer"),
        product=attribute_of(usb, "product"),
        driver=link_name(tty / "device" / "driver"),
        adapter=usb,
        number=int(read_text(tty / "device/port_number") or 0),
    )


def attribute_of(folder: Path | None, attribute: str) -> str | None:
    """Return an attribute's text; None where there is no such folder or attribute."""
    return None if folder is None else read_text(folder / attribute)


def _buses(chain: list[Path]) -> Iterator[tuple[Path, str]]:
    for folder in chain:
        bus = link_name(folder / "subsystem")
        if bus in {"usb", "pci", "platform"}:
            yield folder, bus


def link_name(link: Path) -> str | None:
    """Return the name of what a link points at; None where there is no link."""
    try:
        return link.readlink().name
    except OSError:
        return None
