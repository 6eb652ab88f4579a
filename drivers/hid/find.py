"""Which keyboard is which scanner: by what is plugged where. Nothing is opened to find out."""

import struct
from pathlib import Path
from typing import Final

from drivers.errors import PortAbsent
from drivers.ports import PortIdentity, the_one
from drivers.sysfs import PortInfo, PortSort, Roots, attribute_of, link_name, parents, place, read_text, udev_values

MAKERS: Final = {
    "0536": "Hand Held Products (Honeywell)",
    "05e0": "Symbol Technologies (Zebra)",
    "05f9": "PSC Scanning (Datalogic)",
    "065a": "Optoelectronics (Opticon)",
    "080c": "Datalogic",
    "0c2e": "Metrologic Instruments (Honeywell)",
    "1eab": "Fujian Newland Computer",
    "27dd": "Mindeo",
}
"""Makers of scanners by their USB vendor number, as the list at linux-usb.org has them: what of theirs types, scans."""

SCANNER_MARK: Final = "SUNLINE_SCANNER"
"""What a udev rule sets to 1 for a keyboard that is a scanner of another maker."""

TYPING_KEYS: Final = frozenset((*range(2, 12), *range(16, 26), 28, *range(30, 39), *range(44, 51)))
"""Digits, letters and Enter: what types text has them all. Volume and power keys, often a device apart, have not."""

_PLUGGED: Final = frozenset({"0003", "0005"})  # USB, Bluetooth; others are built in
_WORD_BITS: Final = 8 * struct.calcsize("l")


def list_keyboards(roots: Roots | None = None) -> list[PortInfo]:
    """Return everything that is plugged now and types text, ordered by device file: scanners and keyboards."""
    at = roots or Roots()
    try:
        names = [entry.name for entry in (at.sys / "class/input").iterdir() if entry.name.startswith("event")]
    except FileNotFoundError:
        return []
    found = (_keyboard(name, at) for name in sorted(names, key=lambda name: (len(name), name)))
    return [port for port in found if port is not None]


def find_keyboards(identity: PortIdentity, roots: Roots | None = None) -> list[PortInfo]:
    """Return every plugged keyboard with this identity. A fixed file is its own."""
    if identity.file is not None:
        file = Path(identity.file)
        return [PortInfo(file=identity.file, sort=PortSort.SCANNER)] if file.exists() else []
    return [port for port in list_keyboards(roots) if identity.matches(port)]


def find_keyboard(identity: PortIdentity, roots: Roots | None = None) -> PortInfo:
    """Return the one keyboard with this identity. Raises PortAbsent and PortAmbiguous."""
    found = find_keyboards(identity, roots)
    if not found:
        raise PortAbsent(f"No scanner that types like a keyboard with {identity} is plugged in.")
    return the_one(identity, found)


def _keyboard(name: str, roots: Roots) -> PortInfo | None:
    entry = roots.sys / "class/input" / name
    device = entry / "device"
    bits = _key_bits(read_text(device / "capabilities/key") or "")
    if read_text(device / "id/bustype") not in _PLUGGED or not bits >= TYPING_KEYS:
        return None
    chain = parents(device.resolve(), roots.sys)
    interface = next((folder for folder in chain if (folder / "bInterfaceNumber").exists()), None)
    usb = next((folder for folder in chain if (folder / "idVendor").exists()), None)
    database = udev_values(f"c{read_text(entry / 'dev')}", roots)
    vendor_id = attribute_of(usb, "idVendor") or read_text(device / "id/vendor")
    is_scanner = vendor_id in MAKERS or database.get(SCANNER_MARK) == "1"
    return PortInfo(
        file=str(roots.dev / "input" / name),
        sort=PortSort.SCANNER if is_scanner else PortSort.KEYBOARD,
        path=place(chain),
        udev_path=database.get("ID_PATH"),
        chip_serial=attribute_of(usb, "serial") or read_text(device / "uniq"),
        vendor_id=vendor_id,
        product_id=attribute_of(usb, "idProduct") or read_text(device / "id/product"),
        interface=attribute_of(interface, "bInterfaceNumber"),
        manufacturer=attribute_of(usb, "manufacturer"),
        product=attribute_of(usb, "product") or read_text(device / "name"),
        driver=next((driver for folder in chain if (driver := link_name(folder / "driver"))), None),
        adapter=usb,
    )


def _key_bits(words: str) -> frozenset[int]:
    """Read the kernel's list of keys: hexadecimal machine words, the highest first."""
    number = 0
    for word in words.split():
        number = number << _WORD_BITS | int(word, 16)
    return frozenset(bit for bit in range(number.bit_length()) if number >> bit & 1)
