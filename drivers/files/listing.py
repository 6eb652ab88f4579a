"""What lies in a folder, by its directory entries alone: no file is opened."""

import os
from dataclasses import dataclass
from pathlib import Path

from drivers.files.resultfile import looks_like_results


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One directory entry as it stood at one moment. Two equal ones are taken for the same version of a file."""

    name: str
    size: int
    mtime_ns: int
    inode: int


def look(folder: Path) -> tuple[Seen, ...]:
    """List everything in a folder that may be a result file, by name. Blocks; raises `OSError`.

    Folders and links are listed too when their name claims to be a result file.
    """
    with os.scandir(folder) as entries:
        return tuple(sorted(seen for entry in entries if (seen := _seen(entry))))


def _seen(entry: os.DirEntry[str]) -> Seen | None:
    if not looks_like_results(entry.name):
        return None
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Seen(entry.name, status.st_size, status.st_mtime_ns, status.st_ino)
