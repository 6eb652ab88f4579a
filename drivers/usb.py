"""What a USB adapter says about itself."""

from dataclasses import dataclass
from pathlib import Path

import usb.core

from drivers.shown import shown
from drivers.sysfs import PortInfo, read_text


@dataclass(frozen=True, slots=True)
class UsbDescription:
    """The descriptors of one adapter, for people. None: it does not say."""

    vendor_id: str | None
    product_id: str | None
    release: str | None
    manufacturer: str | None
    product: str | None
    chip_serial: str | None
    max_power_ma: int | None


def describe_usb(port: PortInfo) -> UsbDescription | None:
    """Return what the adapter of `port` says about itself; None for a port that is not on USB."""
    return None if port.adapter is None else describe_adapter(port.adapter)


def describe_adapter(adapter: Path) -> UsbDescription:
    """Return what the USB device with this folder in sysfs says about itself.

    From sysfs; what the kernel did not keep there is asked by libusb, where that is installed and allowed. May wait
    some seconds for a device that the kernel is resetting.
    """
    vendor, product = read_text(adapter / "idVendor"), read_text(adapter / "idProduct")
    release = read_text(adapter / "bcdDevice")
    power = read_text(adapter / "bMaxPower")
    power_ma = int(power.removesuffix("mA")) if power else None
    if release is None or power_ma is None:
        asked_release, asked_power_ma = _asked(vendor, product)
        release, power_ma = release or asked_release, power_ma or asked_power_ma
    return UsbDescription(
        vendor_id=vendor,
        product_id=product,
        release=release,
        manufacturer=shown(read_text(adapter / "manufacturer")),
        product=shown(read_text(adapter / "product")),
        chip_serial=shown(read_text(adapter / "serial")),
        max_power_ma=power_ma,
    )


def _asked(vendor: str | None, product: str | None) -> tuple[str | None, int | None]:
    """Release and power from libusb; nothing where it is missing or the device is not unique."""
    try:
        found = list(usb.core.find(find_all=True, idVendor=int(vendor or "0", 16), idProduct=int(product or "0", 16)))
        if len(found) != 1:
            return None, None
        return f"{found[0].bcdDevice:04x}", int(found[0][0].bMaxPower) * 2
    except (usb.core.NoBackendError, usb.core.USBError):
        return None, None
