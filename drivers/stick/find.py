"""Which sticks are plugged, and who they are: from sysfs and udev's database alone."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from drivers.stick.device import StickDevice
from drivers.stick.superblock import FileSystem
from drivers.sysfs import Roots

Probe: TypeAlias = Callable[[Path], FileSystem | None]


def stick_of(block_name: str, roots: Roots | None = None, *, probe: Probe | None = None) -> StickDevice:
    """Return the stick whose disk or partition has this name (`sda`, `sda1`).

    Opens no device by itself. `probe` (`drivers.stick.probe.probe_device`) reads the file system where udev knows
    none; without it the volume's type stays None. Raises NotAStick and StickGone, and what `probe` raises.
    """
    raise NotImplementedError


def list_sticks(roots: Roots | None = None) -> list[StickDevice]:
    """Return every disk of every plugged USB storage device, ordered by name. Opens no device; never raises."""
    raise NotImplementedError
