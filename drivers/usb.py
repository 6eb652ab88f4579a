"""What a USB adapter says about itself."""

from dataclasses import dataclass

import usb.core

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
    """Return what the adapter of `port` says about itself; None for a port that is not on USB.

    From sysfs; what the kernel did not keep there is asked by libusb, where that is installed and allowed.
    """
    adapter = port.adapter
    if adapter is None:
        return None
    release = read_text(adapter / "bcdDevice")
    power = read_text(adapter / "bMaxPower")
    power_ma = int(power.removesuffix("mA")) if power else None
    if release is None or power_ma is None:
        asked_release, asked_power_ma = _asked(port)
        release, power_ma = release or asked_release, power_ma or asked_power_ma
    return UsbDescription(
        vendor_id=port.vendor_id,
        product_id=port.product_id,
        release=release,
        manufacturer=port.manufacturer,
        product=port.product,
        chip_serial=port.chip_serial,
        max_power_ma=power_ma,
    )


def _asked(port: PortInfo) -> tuple[str | None, int | None]:
    """Release and power from libusb; nothing where it is missing or the device is not unique."""
    vendor, product = int(port.vendor_id or "0", 16), int(port.product_id or "0", 16)
    try:
        found = list(usb.core.find(find_all=True, idVendor=vendor, idProduct=product))
        if len(found) != 1:
            return None, None
        return f"{found[0].bcdDevice:04x}", int(found[0][0].bMaxPower) * 2
    except (usb.core.NoBackendError, usb.core.USBError):
        return None, None
