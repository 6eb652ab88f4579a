"""Reading a stick's superblock without ever waiting on it for long."""

from pathlib import Path
from typing import Final

from drivers.stick.superblock import FileSystem

PROBE_S: Final = 20.0


def probe_device(file: Path, deadline_s: float = PROBE_S) -> FileSystem | None:
    """Return which file system is on the device; None when it is none that is known.

    Raises StickGone, VolumeUnreadable, VolumeForbidden, and VolumeStuck after `deadline_s`. Not for the daemon: it
    opens the device.
    """
    raise NotImplementedError
