"""A stick's file system, mounted for this process alone: once to write it, once more to read back what it holds."""

import contextlib
import errno
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

from daemon.stick.kernel import Kernel
from daemon.stick.mounting import NTFS3, NTFS_3G, Way, refusal, refusal_of_ntfs_3g, ways
from drivers.stick import StickDevice, StickVolume
from drivers.stick.errors import (
    StickError,
    VolumeBusy,
    VolumeDirty,
    VolumeForbidden,
    VolumeGone,
    VolumeReadOnly,
    VolumeStuck,
    VolumeUnsupported,
)
from drivers.sysfs import Roots

T = TypeVar("T")

_log = logging.getLogger(__name__)

MOUNT_S: Final = 90.0
SYNC_S: Final = 180.0
UNMOUNT_S: Final = 120.0
FLUSH_S: Final = 60.0
DETACH_S: Final = 5.0
BUSY_S: Final = 5.0  # who looks at a fresh mount (a search index, a virus scanner) is gone by then
_AGAIN_S: Final = 0.1


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

    def __init__(
        self,
        device: StickDevice,
        volume: StickVolume,
        mount_point: Path,
        roots: Roots | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        self._device = device
        self._volume = volume
        self._folder = mount_point
        self._roots = roots or Roots()
        self._kernel = kernel or Kernel()

    @contextmanager
    def mounted(self, *, read_only: bool, recover: bool = False) -> Iterator[Path]:
        """As Volume.mounted."""
        self._check(read_only=read_only)
        if read_only:
            self._flush()
        self._mount(read_only=read_only, recover=recover)
        try:
            with self._root() as root:
                yield self._folder
                if not read_only:
                    self._asked(lambda: self._kernel.sync(root, deadline_s=SYNC_S))
        except BaseException:
            self._leave()
            raise
        self._unmount()
        if not read_only:
            self._flush()

    def power_off(self) -> bool:
        """As Volume.power_off."""
        adapter = self._device.adapter
        if adapter is None or self._device.slots != 1:  # the other slots may be in use
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

    def _check(self, *, read_only: bool) -> None:
        """Refuse what is known without touching the stick."""
        if self._asked(lambda: self._kernel.number(self._volume.file)) != self._volume.number:
            raise VolumeGone(f"{self._device} was pulled, another device has its name.")
        if not read_only and (self._device.read_only or self._volume.read_only):
            raise VolumeReadOnly(f"{self._device} is write-protected.")
        if any(mounted.number == self._volume.number for mounted in self._kernel.mounts()):
            raise VolumeBusy(f"{self._device} is mounted already.")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _mount(self, *, read_only: bool, recover: bool) -> None:
        """Mount it in the first way that this machine has."""
        refused: StickError | None = None
        for way in ways(self._volume.fs_type or "", read_only=read_only, recover=recover):
            try:
                self._mount_by(way, read_only=read_only)
            except VolumeUnsupported as error:
                refused = refused or error
            except VolumeDirty as error:
                refused = error
                if not recover:
                    break
            else:
                return
        raise refused or VolumeUnsupported(f"{self._device} has no file system that is known here.")

    def _mount_by(self, way: Way, *, read_only: bool) -> None:
        if way.driver == NTFS_3G:
            self._mount_with_helper(way)
        else:
            self._mount_with_driver(way, read_only=read_only)
        if not read_only and self._is_read_only():
            self._unmount()
            raise VolumeDirty(f"{self._device} has a damaged file system, it can only be read.")

    def _mount_with_driver(self, way: Way, *, read_only: bool) -> None:
        try:
            self._call_mount(way, read_only=read_only)
        except OSError as error:
            # ntfs3 says the same of a broken file system and of one that was not closed in order.
            if way.driver == NTFS3 and error.errno == errno.EINVAL and not read_only and self._opens_for_reading(way):
                raise VolumeDirty(f"{self._device} was not ejected in order where it was used last.") from error
            raise self._refusal(error) from error

    def _mount_with_helper(self, way: Way) -> None:
        command = [NTFS_3G, str(self._volume.file), str(self._folder), "-o", way.options]
        try:
            code = self._kernel.run_helper(command, deadline_s=MOUNT_S)
        except FileNotFoundError as error:
            raise refusal(OSError(errno.ENODEV, ""), str(self._device), self._volume.fs_type) from error
        except OSError as error:
            raise self._refusal(error) from error
        if code:
            raise refusal_of_ntfs_3g(code, str(self._device))

    def _opens_for_reading(self, way: Way) -> bool:
        try:
            self._call_mount(way, read_only=True)
        except OSError:
            return False
        self._unmount()
        return True

    def _call_mount(self, way: Way, *, read_only: bool) -> None:
        self._kernel.mount(
            self._volume.file, self._folder, way.driver, options=way.options, read_only=read_only, deadline_s=MOUNT_S
        )

    def _is_read_only(self) -> bool:
        here = self._folder.resolve()
        return any(mounted.read_only for mounted in self._kernel.mounts() if mounted.folder == here)

    @contextmanager
    def _root(self) -> Iterator[int]:
        """The mounted folder, kept open: only who has it open hears of a write that failed later."""
        descriptor = self._asked(lambda: os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _leave(self) -> None:
        """Unmount after something has failed; that failure is the news, not what comes of it here."""
        try:
            self._unmount()
            self._flush()
        except StickError as error:
            _log.info("while it was left: %s", error)

    def _unmount(self) -> None:
        """Unmount. Where that fails the name is taken away at least."""
        until = time.monotonic() + BUSY_S
        while True:
            try:
                return self._kernel.unmount(self._folder, deadline_s=UNMOUNT_S)
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > until:
                    self._detach()
                    raise self._refusal(error) from error
            time.sleep(_AGAIN_S)

    def _detach(self) -> None:
        with contextlib.suppress(OSError):
            self._kernel.unmount(self._folder, detach=True, deadline_s=DETACH_S)

    def _flush(self) -> None:
        self._asked(lambda: self._kernel.flush(self._volume.file, deadline_s=FLUSH_S))

    def _asked(self, call: Callable[[], T]) -> T:
        """Return `call()`; what the kernel refuses is said in our words."""
        try:
            return call()
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> StickError:
        if not (self._roots.sys / "class/block" / self._volume.name).exists():
            return VolumeGone(f"{self._device} was pulled.")
        if isinstance(error, TimeoutError):
            return VolumeStuck(f"{self._device} does not answer any more.")
        return refusal(error, str(self._device), self._volume.fs_type)


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
