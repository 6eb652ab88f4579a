"""Reading a stick's superblock without ever waiting on it for long."""

import errno
import os
from pathlib import Path
from typing import Final

from drivers.stick.aside import aside
from drivers.stick.errors import StickError, StickGone, VolumeForbidden, VolumeStuck, VolumeUnreadable
from drivers.stick.superblock import HEAD_BYTES, FileSystem, file_system

PROBE_S: Final = 20.0

_GONE: Final = frozenset({errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOMEDIUM, errno.ESHUTDOWN})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})


def probe_device(file: Path, deadline_s: float = PROBE_S) -> FileSystem | None:
    """Return which file system is on the device; None when it is none that is known.

    Raises StickGone, VolumeUnreadable, VolumeForbidden, and VolumeStuck after `deadline_s`. Not for the daemon: it
    opens the device.
    """
    try:
        return file_system(aside(lambda: _head(file), deadline_s=deadline_s))
    except TimeoutError as error:
        raise VolumeStuck(f"{file} gave no answer within {deadline_s:g} s.") from error
    except OSError as error:
        raise _refusal(file, error) from error


def _head(file: Path) -> bytes:
    """Read the first bytes; a device shorter than that gives what it has."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return os.pread(descriptor, HEAD_BYTES, 0)


def _refusal(file: Path, error: OSError) -> StickError:
    if error.errno in _GONE:
        return StickGone(f"{file} was pulled before it was read.")
    if error.errno in _FORBIDDEN:
        return VolumeForbidden(f"{file} may not be opened: {os.strerror(error.errno or 0)}.")
    return VolumeUnreadable(f"{file} cannot be read: {os.strerror(error.errno or 0)}.")
