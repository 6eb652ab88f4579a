"""A plugged stick as the machine describes it, and whether an export may go on it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from drivers.stick.errors import AlsoAKeyboard, NoMedium, SeveralPartitions, VolumeUnreadable, VolumeUnsupported


class FsType(StrEnum):
    """The file systems that are written, by their names in udev and mount."""

    VFAT = "vfat"
    EXFAT = "exfat"
    NTFS = "ntfs"
    EXT4 = "ext4"


WRITABLE: Final = frozenset(FsType)


@dataclass(frozen=True, slots=True, kw_only=True)
class StickVolume:
    """A partition, or a whole disk without partitions.

    `file` is the device file. `fs_type` is a name as blkid gives it, also of file systems that are not written; None:
    nothing known there. `fs_uuid` is what blkid calls UUID: for vfat, exfat and ntfs their serial number. `fs_bytes`
    is the size the file system claims, None when it was not read. `number` is the kernel's, `8:17`.
    """

    name: str
    file: Path
    number: str
    size_bytes: int
    read_only: bool = False
    fs_type: str | None = None
    fs_uuid: str | None = None
    label: str | None = None
    fs_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class UsbInterface:
    """What one interface of a USB device is: class, subclass and protocol, two hexadecimal digits each."""

    code: str
    subclass: str = "00"
    protocol: str = "00"


@dataclass(frozen=True, slots=True, kw_only=True)
class StickDevice:
    """One disk of a USB device: a stick, or one slot of a card reader. Texts are clean for display.

    `usb_serial` is the chip's, as udev's `ID_SERIAL_SHORT`; empty when it has none. `size_bytes` is what the device
    claims, 0 for a slot without a card; only what was read back from it is proven to be stored. `volumes` has the
    partitions, or the whole disk where it has none. `interfaces` are those of this USB device and of what is built
    into one housing with it. `slots` counts the disks of the device, `adapter` is its folder in sysfs, `place` where it
    is plugged as udev's `ID_PATH` names it.
    """

    name: str
    file: Path
    usb_serial: str
    vendor_id: str
    product_id: str
    manufacturer: str | None
    product: str | None
    size_bytes: int
    read_only: bool
    volumes: tuple[StickVolume, ...]
    interfaces: tuple[UsbInterface, ...]
    slots: int = 1
    place: str | None = None
    adapter: Path | None = field(default=None, compare=False)

    @property
    def is_keyboard(self) -> bool:
        """Whether it is an input device too: an honest stick never is."""
        return any(face.code == "03" for face in self.interfaces)

    def __str__(self) -> str:
        maker, product = self.manufacturer or "", self.product or ""
        name = product if product.startswith(maker) else f"{maker} {product}"
        serial = f", serial {self.usb_serial}" if self.usb_serial else ""
        return f"{name.strip() or 'USB storage'} ({self.vendor_id}:{self.product_id}{serial})"


def writable_volume(device: StickDevice) -> StickVolume:
    """Return the one volume of `device` an export goes on.

    Raises AlsoAKeyboard, NoMedium, SeveralPartitions, VolumeUnsupported, and VolumeUnreadable for a file system that
    claims to be larger than its partition.
    """
    if device.is_keyboard:
        raise AlsoAKeyboard(f"{device} is a stick and a keyboard or mouse at once.")
    if not device.size_bytes:
        raise NoMedium(f"{device} has no card in it.")
    if len(device.volumes) != 1:
        raise SeveralPartitions(f"{device} has {len(device.volumes)} partitions.")
    (volume,) = device.volumes
    if volume.fs_type not in WRITABLE:
        raise VolumeUnsupported(f"{device} {_instead(volume.fs_type)}.")
    if volume.fs_bytes is not None and volume.fs_bytes > volume.size_bytes:
        raise VolumeUnreadable(f"The file system of {device} claims to be larger than the stick.")
    return volume


def _instead(fs_type: str | None) -> str:
    return f"is formatted as {fs_type}" if fs_type else "has no file system that is known here"
