"""From configuration to instruments: which link, which wire syntax, which name."""

from collections.abc import Awaitable, Callable

from daemon.config import PortPart, ScannerPart, SerialPart, TesterPart
from daemon.config.dialects import find_dialect
from drivers.bell import Bell
from drivers.device import SupervisedDevice
from drivers.files import FolderSettings, ResultFolder
from drivers.framing import Ending, Framing
from drivers.hid import plugged_hid_link
from drivers.hid.typist import Typing
from drivers.instrument import Instrument
from drivers.link.base import ByteLink
from drivers.link.serial import SerialSettings
from drivers.link.tcp import tcp_link
from drivers.plugged import plugged_link
from drivers.ports import PortIdentity
from drivers.scanner import (
    HandShake,
    HidSettings,
    HoneywellSettings,
    PlainSettings,
    ScannerSettings,
    SsiSettings,
    scanner_protocol,
)
from drivers.tap import Tap, overheard
from drivers.tester import Dialect, IvSwingerSettings, tester_protocol

_STX, _ETX = b"\x02", b"\x03"
_SWINGER = SerialPart(baud=57600)

Known = Callable[[str], Awaitable[bool]]
"""Tells whether a result file with this digest was imported to its end."""


def make_scanner(part: ScannerPart, changed: Bell, tap: Tap | None = None) -> Instrument:
    """Build the instrument a scanner's configuration describes; `tap` listens in on its wire."""
    return SupervisedDevice(
        part.name,
        link_of(part),
        overheard(scanner_protocol(scanner_settings(part), part.name), part.name, tap),
        silent_after_s=part.silent_after_s,
        changed=changed,
    )


def scanner_settings(part: ScannerPart) -> ScannerSettings:
    """Translate a scanner's configuration into its protocol's settings."""
    start, end = (_STX, _ETX) if part.stx_etx else (b"", b"")
    framing = Framing(
        ending=Ending(part.ending), start=start, end=end, max_length=part.max_length, gap_s=part.gap_ms / 1000
    )
    match part.kind:
        case "plain":
            return PlainSettings(framing)
        case "honeywell-host-ack":
            return HoneywellSettings(framing, HandShake.HOST_ACK)
        case "honeywell-ack-nak":
            return HoneywellSettings(framing, HandShake.ACK_NAK)
        case "ssi":
            return SsiSettings()
        case "hid":
            gap_s = part.gap_ms / 1000 if part.ending == "gap" else None
            return HidSettings(Typing(gap_s, part.max_length))


def make_tester(part: TesterPart, changed: Bell, known: Known, tap: Tap | None = None) -> Instrument:
    """Build the instrument a tester's configuration describes; `tap` listens in on its wire. Raises DialectRefused."""
    if part.folder is not None:
        return ResultFolder(part.name, part.folder, known, FolderSettings(poll_s=part.poll_s))
    if part.port is None:
        raise ValueError("a live tester needs a port")
    settings = IvSwingerSettings() if part.kind == "ivswinger" else find_dialect(part.dialect or "")
    line = _SWINGER if isinstance(settings, IvSwingerSettings) else _line_of(settings)
    return SupervisedDevice(
        part.name,
        link_maker(part.port, line),
        overheard(tester_protocol(settings, part.name), part.name, tap),
        silent_after_s=part.silent_after_s,
        changed=changed,
    )


def _line_of(dialect: Dialect) -> SerialPart:
    parity = {"none": "N", "even": "E", "odd": "O"}[dialect.link.parity]
    return SerialPart.model_validate(
        {
            "baud": dialect.link.baud,
            "bytesize": dialect.link.data_bits,
            "parity": parity,
            "stopbits": dialect.link.stop_bits,
        }
    )


def link_of(part: ScannerPart | TesterPart) -> Callable[[], ByteLink]:
    """Give what makes the link of a device. Raises DialectRefused, and ValueError for a folder, which has no wire."""
    if isinstance(part, ScannerPart):
        return _keyboard_link_maker(part.port) if part.types else link_maker(part.port, part.serial)
    if part.port is None:
        raise ValueError(f"{part.name} is a folder of files")
    return link_maker(part.port, _SWINGER if part.kind == "ivswinger" else _line_of(find_dialect(part.dialect or "")))


def link_maker(port: PortPart, line: SerialPart) -> Callable[[], ByteLink]:
    """Give what makes a fresh link at each attempt, resolving the port's identity anew."""
    if port.tcp is not None:
        host, _, number = port.tcp.rpartition(":")
        return lambda: tcp_link(host, int(number))
    identity = _identity(port)
    settings = SerialSettings(line.baud, line.bytesize, line.parity, line.stopbits, line.dtr, line.rts)
    return lambda: plugged_link(identity, settings)


def _keyboard_link_maker(port: PortPart) -> Callable[[], ByteLink]:
    identity = _identity(port)
    return lambda: plugged_hid_link(identity)


def _identity(port: PortPart) -> PortIdentity:
    return PortIdentity(**port.model_dump(exclude={"tcp"}))
