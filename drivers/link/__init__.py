"""Byte links: one promise (`ByteLink`), kept over serial ports and TCP."""

from drivers.link.base import ByteLink
from drivers.link.serial import SerialSettings, serial_link
from drivers.link.tcp import TcpSettings, tcp_link

__all__ = ["ByteLink", "SerialSettings", "TcpSettings", "serial_link", "tcp_link"]
