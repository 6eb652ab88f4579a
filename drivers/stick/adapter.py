"""The USB device a disk belongs to, and everything else that is built into it."""

from dataclasses import dataclass
from pathlib import Path

from drivers.stick.device import UsbInterface
from drivers.sysfs import needed_text, read_text, udev_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A USB device by its descriptors. Names are as the device gives them: anything at all."""

    folder: Path
    vendor_id: str
    product_id: str
    serial: str
    manufacturer: str | None
    product: str | None
    interfaces: tuple[UsbInterface, ...]


def adapter_of(chain: list[Path]) -> Adapter | None:
    """Return the USB device in `chain` (a device and what it hangs on); None when there is none.

    Raises OSError when it goes while it is read.
    """
    folder = next((folder for folder in chain if (folder / "idVendor").exists()), None)
    if folder is None:
        return None
    return Adapter(
        folder=folder,
        vendor_id=needed_text(folder / "idVendor").lower(),
        product_id=needed_text(folder / "idProduct").lower(),
        serial=_serial(read_text(folder / "serial")),
        manufacturer=read_text(folder / "manufacturer"),
        product=read_text(folder / "product"),
        interfaces=tuple(face for device in _housing(folder) for face in _interfaces(device)),
    )


def _serial(text: str | None) -> str:
    """The serial as udev's usb_id makes `ID_SERIAL_SHORT` of it: empty where it has a character it may not have."""
    if text is None or any(not " " <= char <= "\x7f" or char == "," for char in text):
        return ""
    return udev_text(text) or ""


def _housing(adapter: Path) -> list[Path]:
    """The device, and those that sit unremovably in the same hub: one plug that is several devices.

    A computer's own ports hang on a root hub, which is no housing; devices somebody plugged into a hub are removable.
    """
    hub = adapter.parent
    if hub.name.startswith("usb") or not (hub / "idVendor").exists() or not _is_fixed(adapter):
        return [adapter]
    beside = (folder for folder in sorted(hub.iterdir()) if folder != adapter and (folder / "idVendor").exists())
    return [adapter, *(folder for folder in beside if _is_fixed(folder))]


def _is_fixed(device: Path) -> bool:
    return read_text(device / "removable") == "fixed"


def _interfaces(device: Path) -> list[UsbInterface]:
    folders = sorted(folder for folder in device.iterdir() if (folder / "bInterfaceNumber").exists())
    return [
        UsbInterface(
            needed_text(folder / "bInterfaceClass").lower(),
            needed_text(folder / "bInterfaceSubClass").lower(),
            needed_text(folder / "bInterfaceProtocol").lower(),
        )
        for folder in folders
    ]
