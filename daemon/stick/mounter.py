"""Mounting one stick's file system and letting go of it again: every call with a deadline, every refusal in words."""

import contextlib
import errno
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from daemon.stick.kernel import Kernel
from daemon.stick.mounting import NTFS3, NTFS_3G, Way, refusal, refusal_of_ntfs_3g, ways
from drivers.stick import StickDevice, StickVolume
from drivers.stick.errors import (
    StickError,
    VolumeBusy,
    VolumeDamaged,
    VolumeDirty,
    VolumeGone,
    VolumeReadOnly,
    VolumeStuck,
    VolumeUnreadable,
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


class Mounter:
    """Mounts `volume` of `device` at `folder`, again and again. Raises the errors of `drivers.stick.errors` only.

    `is_same` tells whether the device still is the one it was when it was looked at.
    """

    def __init__(
        self,
        device: StickDevice,
        volume: StickVolume,
        folder: Path,
        roots: Roots,
        kernel: Kernel,
        is_same: Callable[[], bool],
    ) -> None:
        self._device = device
        self._volume = volume
        self._folder = folder
        self._roots = roots
        self._kernel = kernel
        self._is_same = is_same

    def check(self, *, read_only: bool) -> None:
        """Refuse what is known without touching the stick. Raises VolumeGone, VolumeReadOnly and VolumeBusy."""
        if self._asked(lambda: self._kernel.number(self._volume.file)) != self._volume.number:
            raise VolumeGone(f"{self._device} was pulled, another device has its name.")
        if not read_only and (self._device.read_only or self._volume.read_only):
            raise VolumeReadOnly(f"{self._device} is write-protected.")
        if any(mounted.number == self._volume.number for mounted in self._kernel.mounts()):
            raise VolumeBusy(f"{self._device} is mounted already.")

    def mount(self, *, read_only: bool, recover: bool) -> None:
        """Mount it in the first way that this machine has."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        refused: StickError | None = None
        for way in ways(self._volume.fs_type or "", read_only=read_only, recover=recover):
            if way.mended_by:
                if not isinstance(refused, VolumeDamaged):
                    continue
                self._mend(way.mended_by)
            try:
                self._mount_by(way, read_only=read_only)
            except VolumeUnsupported as error:
                refused = refused or error
            except (VolumeDirty, VolumeUnreadable) as error:
                refused = error
                if not recover:
                    break
            else:
                return
        raise refused or VolumeUnsupported(f"{self._device} has no file system that is known here.")

    @contextmanager
    def root(self) -> Iterator[int]:
        """Keep the mounted folder open: only who has it open hears of a write that failed later."""
        descriptor = self._asked(lambda: os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def sync(self, root: int) -> None:
        """Bring everything that was written to the device; hear of all that could not be."""
        self._asked(lambda: self._kernel.sync(root, deadline_s=SYNC_S))

    def flush(self) -> None:
        """Have the device bring everything to its medium, and forget here what it said so far."""
        self._asked(lambda: self._kernel.flush(self._volume.file, deadline_s=FLUSH_S))

    def unmount(self) -> None:
        """Unmount. Where that fails the name is taken away at least, and it is raised why."""
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

    def _mend(self, program: str) -> None:
        """Have a damaged file system mended; what comes of that, mounting it tells. Raises VolumeGone."""
        if not self._is_same():  # another stick may have its name since, and nobody knows whose that is
            raise VolumeGone(f"{self._device} was pulled.")
        _log.warning("%s: its file system is damaged; %s tries to mend it.", self._device, program)
        command = [program, str(self._volume.file)]
        with contextlib.suppress(FileNotFoundError):
            self._asked(lambda: self._kernel.run_helper(command, deadline_s=MOUNT_S))

    def _mount_by(self, way: Way, *, read_only: bool) -> None:
        if way.driver == NTFS_3G:
            self._mount_with_helper(way)
        else:
            self._mount_with_driver(way, read_only=read_only)
        if not read_only and self._is_read_only():
            self.unmount()
            raise VolumeDirty(f"The file system of {self._device} is damaged, it can only be read.")

    def _mount_with_driver(self, way: Way, *, read_only: bool) -> None:
        try:
            self._call_mount(way, read_only=read_only)
        except OSError as error:
            # ntfs3 says the same of a broken file system and of one that was not closed in order.
            if way.driver == NTFS3 and error.errno == errno.EINVAL and not read_only and self._opens_for_reading(way):
                raise VolumeDirty(f"{self._device} was pulled out without being ejected.") from error
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
        self.unmount()
        return True

    def _call_mount(self, way: Way, *, read_only: bool) -> None:
        self._kernel.mount(
            self._volume.file, self._folder, way.driver, options=way.options, read_only=read_only, deadline_s=MOUNT_S
        )

    def _is_read_only(self) -> bool:
        here = self._folder.resolve()
        return any(mounted.read_only for mounted in self._kernel.mounts() if mounted.folder == here)

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
