"""Barcode scanners as pure protocols: plain, Honeywell with feedback, Zebra SSI, and those that type."""

from typing import TypeAlias, assert_never

from drivers.protocol import DeviceProtocol
from drivers.scanner.aim import CODE_NAMES, split_identifier
from drivers.scanner.hid import HidScanner, HidSettings
from drivers.scanner.honeywell import HandShake, HoneywellScanner, HoneywellSettings
from drivers.scanner.plain import PlainScanner, PlainSettings
from drivers.scanner.ssi import SsiScanner, SsiSettings

ScannerSettings: TypeAlias = PlainSettings | HoneywellSettings | SsiSettings | HidSettings

__all__ = [
    "CODE_NAMES",
    "HandShake",
    "HidScanner",
    "HidSettings",
    "HoneywellScanner",
    "HoneywellSettings",
    "PlainScanner",
    "PlainSettings",
    "ScannerSettings",
    "SsiScanner",
    "SsiSettings",
    "scanner_protocol",
    "split_identifier",
]


def scanner_protocol(settings: ScannerSettings, device_name: str) -> DeviceProtocol:
    """Return a fresh protocol for the scanner that `settings` describe; its readings carry `device_name`."""
    match settings:
        case PlainSettings():
            return PlainScanner(settings, device_name)
        case HoneywellSettings():
            return HoneywellScanner(settings, device_name)
        case SsiSettings():
            return SsiScanner(settings, device_name)
        case HidSettings():
            return HidScanner(settings, device_name)
        case _:
            assert_never(settings)
