"""IV testers as pure protocols: the configurable ASCII dialect and IV Swinger 2; curve evaluation from raw points."""

from typing import TypeAlias, assert_never

from drivers.protocol import DeviceProtocol
from drivers.tester.ascii import AsciiTester
from drivers.tester.curve import CurveValues, NotACurve, Point, curve_values
from drivers.tester.dialect import Dialect, DialectRefused, load_dialect, shipped_dialect, shipped_dialects
from drivers.tester.ivswinger import IvSwinger, IvSwingerSettings
from drivers.tester.sweep import Calibration

TesterSettings: TypeAlias = Dialect | IvSwingerSettings

__all__ = [
    "AsciiTester",
    "Calibration",
    "CurveValues",
    "Dialect",
    "DialectRefused",
    "IvSwinger",
    "IvSwingerSettings",
    "NotACurve",
    "Point",
    "TesterSettings",
    "curve_values",
    "load_dialect",
    "shipped_dialect",
    "shipped_dialects",
    "tester_protocol",
]


def tester_protocol(settings: TesterSettings, device_name: str) -> DeviceProtocol:
    """Return a fresh protocol for the tester that `settings` describe; its readings carry `device_name`."""
    match settings:
        case Dialect():
            return AsciiTester(settings, device_name)
        case IvSwingerSettings():
            return IvSwinger(settings, device_name)
        case _:
            assert_never(settings)
