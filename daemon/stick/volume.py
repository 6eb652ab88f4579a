"""A stick's file system, mounted for this process alone: once to write it, once more to read back what it holds."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from daemon.stick.kernel import Kernel
from daemon.stick.mounter import DETACH_S, FLUSH_S, Mounter
from drivers.stick import StickDevice, StickVolume
from drivers.stick.errors import StickError, VolumeForbidden, VolumeGone, VolumeReadOnly
from drivers.sysfs import Roots

_log = logging.getLogger(__name__)


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
    """A Volume on a real device, mounted at `mount_point`, an empty folder. Needs the rights to mount.

    `is_same` tells whether the device still is the one it was when it was looked at: its name and its number are those
    of the next one in its place, too.
    """

    def __init__(
        self,
        device: StickDevice,
        volume: StickVolume,
        mount_point: Path,
        roots: Roots | None = None,
        kernel: Kernel | None = None,
        *,
        is_same: Callable[[], bool] = lambda: True,
    ) -> None:
        self._device = device
        self._folder = mount_point
        self._roots = roots or Roots()
        self._kernel = kernel or Kernel()
        self._is_same = is_same
        self._mounter = Mounter(device, volume, mount_point, self._roots, self._kernel, is_same)

    @contextmanager
    def mounted(self, *, read_only: bool, recover: bool = False) -> Iterator[Path]:
        """As Volume.mounted."""
        self._assert_same()
        self._mounter.check(read_only=read_only)
        if read_only:
            self._mounter.flush()
        self._mounter.mount(read_only=read_only, recover=recover)
        try:
            self._assert_same()  # what is mounted stays what it is; before, another one could take its place
            with self._mounter.root() as root:
                yield self._folder
                if not read_only:
                    self._mounter.sync(root)
        except BaseException:
            self._leave()
            raise
        self._mounter.unmount()
        if not read_only:
            self._mounter.flush()

    def power_off(self) -> bool:
        """As Volume.power_off."""
        adapter = self._device.adapter
        if adapter is None or self._device.slots != 1 or not self._is_same():  # the other slots may be in use
            return False
        disk = self._roots.sys / "class/block" / self._device.name
        try:
            # The disk first: its driver empties the device's cache, which it no longer can behind a dead port.
            self._kernel.write(disk / "device/delete", "1", deadline_s=FLUSH_S)
            self._kernel.write(adapter / "remove", "1", deadline_s=DETACH_S)
        except OSError as error:
            _log.info("%s stays powered: %s", self._device, error)
            return False
        return True

    def _assert_same(self) -> None:
        if not self._is_same():
            raise VolumeGone(f"{self._device} was pulled.")

    def _leave(self) -> None:
        """Unmount after something has failed: that failure is the news, not what comes of it here."""
        try:
            self._mounter.unmount()
            self._mounter.flush()
        except StickError as error:
            _log.info("while it was left: %s", error)


class FolderVolume:
    """A Volume that is a plain folder: for development and tests."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._read_only = read_only

    @contextmanager
    def mounted(self, *, read_only: bool, recover: bool = False) -> Iterator[Path]:
        """As Volume.mounted. Raises VolumeReadOnly and VolumeGone."""
        if self._read_only and not read_only:
            raise VolumeReadOnly(f"{self._folder} is write-protected.")
        self._check()
        yield self._folder
        self._check()

    def power_off(self) -> bool:
        """As Volume.power_off: a folder cannot be switched off."""
        return False

    def _check(self) -> None:
        if not self._folder.is_dir():
            raise VolumeGone(f"{self._folder} is not there.")


def private_mounts(kernel: Kernel | None = None) -> None:
    """Give this process mounts of its own: what it mounts nobody else sees. Raises VolumeForbidden."""
    try:
        (kernel or Kernel()).leave_mounts()
    except OSError as error:
        raise VolumeForbidden(f"This program may not have mounts of its own: {error.strerror}.") from error
