"""Gather what is to be known of the disk under a store, each thing by itself."""

import os
import stat
from pathlib import Path
from typing import Final

from daemon.checkup.disk import DiskFacts, Space
from daemon.checkup.drives import Stack, stack_of
from daemon.checkup.finding import Unseen
from daemon.checkup.kernel import drive_errors, kernel_messages
from daemon.checkup.looking import begin, look, number_in, words_in
from daemon.checkup.mounts import Mount, mount_of, read_mounts
from daemon.checkup.probe import flush_ms
from daemon.config import LineConfig

_MIB: Final = 1 << 20
PROBE_S: Final = 3.0


def look_at_disk(config: LineConfig, days_left: float | None = None, root: Path = Path("/")) -> DiskFacts:
    """Look at the disk of a line's store. `days_left` is the daemon's reckoning."""
    store = config.store
    folder = Path(os.path.abspath(store.path)).parent  # noqa: PTH100 -- links are followed where a disk may hang
    there, space = begin(lambda: _is_folder(folder)), begin(lambda: space_of(folder))  # all at once: a disk may hang
    measured = begin(lambda: flush_ms(folder), PROBE_S)
    mount = look(lambda: mount_below(folder, root))
    stack = look(lambda: stack_of(mount, root)) if isinstance(mount, Mount) else mount
    return DiskFacts(
        folder=str(folder), folder_there=there(), mount=mount, stack=stack, space=space(), flush_ms=measured(),
        warn_free_mb=store.warn_free_mb, refuse_free_mb=store.refuse_free_mb, days_left=days_left,
        fs_errors=look(lambda: remembered_errors(mount, root)) if isinstance(mount, Mount) else mount,
        kernel_errors=look(lambda: _kernel_errors(stack, root)),
    )  # fmt: skip


def mount_below(folder: Path, root: Path) -> Mount:
    """Find the file system of a folder, or of the nearest one above it that is there. Raises FileNotFoundError."""
    text = (root / "proc/self/mountinfo").read_text(errors="replace")
    there = next(one for one in (folder, *folder.parents) if one.exists())
    mount = mount_of(str(there.resolve()), read_mounts(text))
    if mount is None:
        raise FileNotFoundError(2, "no mount", f"file system below {folder}")
    return mount


def space_of(folder: Path) -> Space:
    """Ask a file system how much room there is for the daemon's user. Raises OSError."""
    asked = os.statvfs(folder)
    inodes = asked.f_favail if asked.f_files else None
    return Space(asked.f_bavail * asked.f_frsize // _MIB, inodes)


def remembered_errors(mount: Mount, root: Path) -> int | None:
    """Give the errors a file system counts of itself: ext4 since its last repair, btrfs since it was made."""
    name = os.path.basename(os.path.realpath(root / "sys/dev/block" / mount.device))  # noqa: PTH119
    if mount.kind in {"ext2", "ext3", "ext4"}:
        return number_in(root / "sys/fs/ext4" / name / "errors_count")
    if mount.kind == "btrfs":
        source = mount.source.rpartition("/")[2]
        found = (root / "sys/fs/btrfs").glob(f"*/devices/{source}")
        files = (file for one in found for file in one.parents[1].glob("devinfo/*/error_stats"))
        return sum(_btrfs_errors(words_in(file) or "") for file in files)
    return None


def _btrfs_errors(text: str) -> int:
    words = text.split()
    return sum(int(number) for number in words[1::2] if number.isdecimal())


def _is_folder(folder: Path) -> bool:
    """Path.is_dir() would take a folder nobody may look into for none."""
    try:
        return stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _kernel_errors(stack: Stack | Unseen, root: Path) -> int | Unseen:
    if isinstance(stack, Unseen):
        return stack
    return drive_errors(kernel_messages(root / "dev/kmsg"), [one.name for one in stack.drives])
