"""Checksums that serial instruments put behind a result."""

from collections.abc import Callable
from enum import StrEnum
from functools import reduce
from operator import xor


class ChecksumKind(StrEnum):
    """How the check value is computed over the bytes it covers."""

    SUM8 = "sum8"  # sum of the bytes modulo 256
    XOR8 = "xor8"  # exclusive or of the bytes, as in NMEA 0183
    CRC16_MODBUS = "crc16-modbus"  # polynomial A001h reflected, start FFFFh


def crc16_modbus(data: bytes) -> int:
    """Return the CRC-16 of the Modbus serial line specification."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


_COMPUTE: dict[ChecksumKind, Callable[[bytes], int]] = {
    ChecksumKind.SUM8: lambda data: sum(data) & 0xFF,
    ChecksumKind.XOR8: lambda data: reduce(xor, data, 0),
    ChecksumKind.CRC16_MODBUS: crc16_modbus,
}
_HEX_DIGITS = {ChecksumKind.SUM8: 2, ChecksumKind.XOR8: 2, ChecksumKind.CRC16_MODBUS: 4}


def hex_checksum(kind: ChecksumKind, data: bytes) -> bytes:
    """Return the check value of `data` as upper-case hexadecimal digits, high digit first."""
    return f"{_COMPUTE[kind](data):0{_HEX_DIGITS[kind]}X}".encode("ascii")
