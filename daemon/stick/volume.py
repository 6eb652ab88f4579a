"""A stick's file system, mounted for this process alone: once to write it, once more to read back what it holds."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from drivers.stick import StickDevice, StickVolume
from drivers.sysfs import Roots


class Volume(Protocol):
    """Where an export is written, and read back."""

    def mounted(self, *, read_only: bool, recover: bool = False) -> AbstractContextManager[Path]:
        """Give the folder of the mounted file system; at the end everything is on the medium and it is unmounted.

        `read_only` reads from the medium, not from what the machine remembers. `recover` writes also where the file
        system was not closed in order: only for a stick whose last export here was cut short. Whatever happens inside,
        it is unmounted and nothing hangs for longer than the deadlines. Raises VolumeUnreadable, VolumeDirty,
        VolumeUnsupported, VolumeReadOnly, VolumeBusy, VolumeForbidden, VolumeStuck and VolumeGone, at the end also
        when what was written has not reached the medium.
        """
        ...

    def power_off(self) -> bool:
        """Switch the stick off so that it can be pulled; False where that is not possible. Nothing may be mounted.

        The device vanishes with it, and so ends a unit that is bound to it: report first.
        """
        ...


class MountedVolume:
    """A Volume on a real device, mounted at `mount_point`, an empty folder. Needs the rights to mount."""

    def __init__(self, device: StickDevice, volume: StickVolume, mount_point: Path, roots: Roots | None = None) -> None:
        raise NotImplementedError

    def mounted(self, *, read_only: bool, recover: bool = False) -> AbstractContextManager[Path]:
        """As Volume.mounted."""
        raise NotImplementedError

    def power_off(self) -> bool:
        """As Volume.power_off."""
        raise NotImplementedError


class FolderVolume:
    """A Volume that is a plain folder: for development and tests."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        raise NotImplementedError

    def mounted(self, *, read_only: bool, recover: bool = False) -> AbstractContextManager[Path]:
        """As Volume.mounted. Raises VolumeReadOnly and VolumeGone."""
        raise NotImplementedError

    def power_off(self) -> bool:
        """As Volume.power_off."""
        raise NotImplementedError


def private_mounts() -> None:
    """Give this process mounts of its own: what it mounts nobody else sees. Raises VolumeForbidden."""
    raise NotImplementedError
