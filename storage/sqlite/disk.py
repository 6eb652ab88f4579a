"""Room on the data disk: warned of long before it ends, refused below a floor, with a ballast to throw."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from storage.sqlite.connection import disk_error
from storage.sqlite.files import flush

MIB: Final = 1 << 20
REFUSE_BELOW_BYTES: Final = 64 * MIB


class Room(StrEnum):
    """How much room is left."""

    AMPLE = "ample"
    LOW = "low"  # a person should look; nothing stops
    NONE = "none"  # nothing more is accepted
    ABSENT = "absent"  # the disk cannot be asked: missing, or not readable


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """What the data disk can still take."""

    room: Room
    free_bytes: int
    ballast: bool


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk under a folder. The ballast is a file whose deletion gives room to finish and to export."""

    folder: Path
    warn_below_bytes: int = 2_048 * MIB
    refuse_below_bytes: int = REFUSE_BELOW_BYTES
    ballast_bytes: int = 128 * MIB

    @property
    def ballast(self) -> Path:
        """The file that only takes room."""
        return self.folder / "ballast"

    def health(self) -> DiskHealth:
        """Ask how much room is left. Never raises."""
        try:
            asked = os.statvfs(self.folder)
        except OSError:
            return DiskHealth(Room.ABSENT, 0, ballast=False)
        free = asked.f_bavail * asked.f_frsize
        return DiskHealth(self._judge(free), free, self.ballast.exists())

    def lay_ballast(self) -> bool:
        """Take the ballast's room while there is plenty; say whether it lies there.

        Raises NotDurable where the disk cannot be written.
        """
        if self.ballast.exists():
            return True
        if self.health().free_bytes < self.warn_below_bytes + self.ballast_bytes:
            return False
        try:
            with self.ballast.open("xb") as file:
                os.posix_fallocate(file.fileno(), 0, self.ballast_bytes)
            flush(self.folder)
        except OSError as error:
            self.ballast.unlink(missing_ok=True)
            raise disk_error(error) from error
        return True

    def _judge(self, free: int) -> Room:
        if free < self.refuse_below_bytes:
            return Room.NONE
        return Room.LOW if free < self.warn_below_bytes else Room.AMPLE
