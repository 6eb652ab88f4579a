"""USB mass storage: who a plugged stick is, and whether an export may go on it. Nothing on a stick is trusted."""

from drivers.stick.device import FsType, StickDevice, StickVolume, UsbInterface, writable_volume
from drivers.stick.find import list_sticks, stick_of
from drivers.stick.monitor import StickMonitor
from drivers.stick.probe import probe_device
from drivers.stick.superblock import FileSystem

__all__ = [
    "FileSystem",
    "FsType",
    "StickDevice",
    "StickMonitor",
    "StickVolume",
    "UsbInterface",
    "list_sticks",
    "probe_device",
    "stick_of",
    "writable_volume",
]
