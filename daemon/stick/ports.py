"""Where a stick is plugged in: a real device, or a folder that stands for one."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from daemon.stick.volume import FolderVolume, MountedVolume, Volume
from drivers.stick import FsType, StickDevice, StickVolume, UsbInterface, probe_device, stick_of
from drivers.stick.errors import StickGone
from drivers.sysfs import Roots, read_text

_COMPLETED: Final = (0, 4, 11, 15)
"""Which numbers of a disk's `stat` count what it has completed: reads, writes, discards, flushes
(Documentation/block/stat.rst of the kernel)."""


@dataclass(frozen=True, slots=True)
class DevicePort:
    """A real stick. `mark` tells it from the next one in its place; empty: it was gone before anybody looked."""

    disk: str
    mark: str
    mount_point: Path
    roots: Roots

    @classmethod
    def of(cls, plugged: str, runtime: Path, roots: Roots | None = None) -> Self:
        """Find it by the name of its disk or of a partition: `sda`, `sda1`; `sda_34` is the disk of this number alone.

        The kernel gives a name again as soon as it is free, a number (`diskseq`) never.
        """
        at = roots or Roots()
        name, _, number = plugged.partition("_")
        disk = _disk_of(name, at)
        mark = _mark(disk, at) if number in ("", _number(disk, at)) else ""
        return cls(disk, mark, runtime / disk, at)

    def present(self) -> bool:
        """As Watched.present."""
        return bool(self.mark) and _mark(self.disk, self.roots) == self.mark

    def activity(self) -> int:
        """As Watched.activity."""
        numbers = (read_text(self.roots.sys / "class/block" / self.disk / "stat") or "").split()
        with suppress(ValueError):
            return sum(int(numbers[at]) for at in _COMPLETED if at < len(numbers))
        return 0

    def look(self) -> StickDevice:
        """As Port.look."""
        if self.present():
            device = stick_of(self.disk, self.roots, probe=probe_device)
            if self.present():
                return device
        raise StickGone(f"{self.disk} was pulled; another stick may have its name now.")

    def volume(self, device: StickDevice, volume: StickVolume) -> Volume:
        """As Port.volume."""
        return MountedVolume(device, volume, self.mount_point, self.roots, is_same=self.present)


def _disk_of(block_name: str, roots: Roots) -> str:
    name = Path(block_name).name
    folder = (roots.sys / "class/block" / name).resolve()
    return folder.parent.name if (folder / "partition").exists() else name


def _mark(disk: str, roots: Roots) -> str:
    """Give what changes when the disk goes, even if another one gets its name and its place; empty without it."""
    folder = roots.sys / "class/block" / disk
    try:
        inode = folder.stat().st_ino
    except OSError:
        return ""
    return f"{_number(disk, roots) or 0}-{inode}"


def _number(disk: str, roots: Roots) -> str | None:
    return read_text(roots.sys / "class/block" / disk / "diskseq")


@dataclass(frozen=True, slots=True)
class FolderPort:
    """A folder that stands for a stick, for development: plugged in while it is there."""

    folder: Path

    @property
    def disk(self) -> str:
        """What it is called in place of a disk's name."""
        return f"folder{self._digest.lower()}"

    @property
    def mark(self) -> str:
        """It stays the same."""
        return "0"

    def present(self) -> bool:
        """As Watched.present."""
        return self.folder.is_dir()

    def activity(self) -> int:
        """As Watched.activity: a folder does not tell."""
        return 0

    def look(self) -> StickDevice:
        """As Port.look: a stick that anybody can make up, so that it can be enrolled."""
        if not self.present():
            raise StickGone(f"{self.folder} is not there.")
        volume = StickVolume(
            name=self.disk, file=self.folder, number="0:0", size_bytes=1 << 40,
            read_only=not os.access(self.folder, os.W_OK), fs_type=FsType.VFAT, fs_uuid=self._digest,
        )  # fmt: skip
        return StickDevice(
            name=self.disk, file=self.folder, usb_serial=f"FOLDER-{self._digest}", vendor_id="0000",
            product_id="0000", manufacturer=None, product=f"Folder {self.folder.name}", size_bytes=1 << 40,
            read_only=False, volumes=(volume,), interfaces=(UsbInterface("08"),),
        )  # fmt: skip

    def volume(self, device: StickDevice, volume: StickVolume) -> Volume:
        """As Port.volume."""
        del device, volume
        return FolderVolume(self.folder)

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.folder.absolute())).hexdigest()[:8].upper()
