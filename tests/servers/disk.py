"""A small disk that can be filled, for servers: a file system in memory of its own."""

import os
import shutil
import subprocess
from pathlib import Path

from simulators.servers import PostgresServer

_SMALL_WAL = {"min_wal_size": "4MB", "max_wal_size": "16MB"}


class DiskError(Exception):
    """This machine cannot have such a disk; the text says what would help."""


class SmallDisk:
    """A disk of some megabytes at a folder. `mount` it first; `remove` it at the end, also when mounting failed."""

    def __init__(self, folder: Path, megabytes: int = 128) -> None:
        self.folder = folder
        self._megabytes = megabytes
        self._ballast = folder / "ballast"

    def mount(self) -> None:
        """Make the disk. Raises DiskError where that is not permitted."""
        if os.getuid() != 0:
            raise DiskError("only root may mount a small disk. Run the tests as root to see one full.")
        self.folder.mkdir()
        options = f"size={self._megabytes}m,mode=1777"
        command = ["mount", "-t", "tmpfs", "-o", options, "sunline-test", str(self.folder)]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        if ran.returncode != 0:
            raise DiskError(f"mounting is not permitted here: {ran.stderr.strip()}")

    def fill(self, left_bytes: int = 0) -> None:
        """Fill it up but for `left_bytes`; 0 leaves nothing."""
        self.free()
        with self._ballast.open("wb") as ballast:
            size = shutil.disk_usage(self.folder).free - left_bytes
            os.posix_fallocate(ballast.fileno(), 0, max(size, 1))

    def free(self) -> None:
        """Take away what `fill` put there."""
        self._ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmount it; everything on it is gone."""
        if self.folder.is_mount():
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


class SmallPostgres:
    """A PostgreSQL on a small disk, not started: all of it, or only its log of changes (`only_wal`)."""

    def __init__(self, disk: SmallDisk, folder: Path, *, only_wal: bool = False) -> None:
        self.disk = disk
        options = ["--wal-segsize=1", *([f"--waldir={disk.folder / 'wal'}"] if only_wal else [])]
        place = folder if only_wal else disk.folder / "pg"
        self.server = PostgresServer.create(place, settings=_SMALL_WAL, initdb=options)

    def fill_disk(self, left_bytes: int = 0) -> None:
        """Fill the disk. Writes are refused with 53100; a log of changes that cannot grow takes the server down."""
        self.disk.fill(left_bytes)

    def free_disk(self) -> None:
        """Make room again. A server that went down may be in the middle of its own recovery: `kill` and `start` it."""
        self.disk.free()
