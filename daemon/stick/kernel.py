"""The few things that are asked of the kernel about a stick, each with a deadline: a dying stick can block any."""

import ctypes
import fcntl
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.stick.aside import aside

READ_ONLY: Final = 1
_SAFE: Final = 2 | 4 | 8 | 256 | 1024  # nosuid, nodev, noexec, nosymfollow (ignored before Linux 5.10), noatime
_SLAVE_OF_ALL: Final = 1 << 14 | 1 << 19  # MS_REC | MS_SLAVE: what the others unmount is not held here
_DETACH: Final = 2  # MNT_DETACH
_NOFOLLOW: Final = 8  # UMOUNT_NOFOLLOW
_NEW_MOUNTS: Final = 0x20000  # CLONE_NEWNS
_BLKFLSBUF: Final = 0x1261

_OCTAL: Final = re.compile(r"\\([0-7]{3})")

_libc = ctypes.CDLL(None, use_errno=True)
_mount, _umount2, _syncfs, _unshare = _libc.mount, _libc.umount2, _libc.syncfs, _libc.unshare
_mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
_umount2.argtypes = (ctypes.c_char_p, ctypes.c_int)


@dataclass(frozen=True, slots=True)
class Mounted:
    """A mounted file system: its device's number, where it is, and whether the file system itself is read-only."""

    number: str
    folder: Path
    read_only: bool


class Kernel:
    """Linux. Every call raises OSError as the kernel says, and TimeoutError when it says nothing in time."""

    def mount(self, file: Path, folder: Path, driver: str, *, options: str, read_only: bool, deadline_s: float) -> None:
        """Mount the device, with nothing on it trusted: no set-uid files, devices, programs or links."""
        flags = _SAFE | (READ_ONLY if read_only else 0)
        source, target, text = os.fsencode(file), os.fsencode(folder), options.encode()
        aside(lambda: _checked(_mount(source, target, driver.encode(), flags, text)), deadline_s=deadline_s)

    def run_helper(self, command: list[str], *, deadline_s: float) -> int:
        """Run a mount program and return its exit code. Raises FileNotFoundError where it is not installed."""
        program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin")
        if program is None:
            raise FileNotFoundError(f"{command[0]} is not installed")
        return int(aside(lambda: _exit_code([program, *command[1:]]), deadline_s=deadline_s))

    def unmount(self, folder: Path, *, detach: bool = False, deadline_s: float) -> None:
        """Unmount; `detach` only takes the name away and leaves the rest to the kernel."""
        flags = _NOFOLLOW | (_DETACH if detach else 0)
        aside(lambda: _checked(_umount2(os.fsencode(folder), flags)), deadline_s=deadline_s)

    def sync(self, descriptor: int, *, deadline_s: float) -> None:
        """Write everything of the file system to the device, and hear of all that failed since it was opened."""
        aside(lambda: _checked(_syncfs(descriptor)), deadline_s=deadline_s, keep=(descriptor,))

    def flush(self, file: Path, *, deadline_s: float) -> None:
        """Have the device empty its cache onto the medium, and forget what this machine remembers of it."""
        aside(lambda: _flush(file), deadline_s=deadline_s)

    def write(self, attribute: Path, text: str, *, deadline_s: float) -> None:
        """Write an attribute of sysfs."""
        aside(lambda: _write(attribute, text), deadline_s=deadline_s)

    def mounts(self) -> list[Mounted]:
        """Return what is mounted as this process sees it."""
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
        return [_mounted(line) for line in lines]

    def number(self, file: Path) -> str:
        """Return the number of a device file, `8:17`."""
        number = file.stat().st_rdev
        return f"{os.major(number)}:{os.minor(number)}"

    def leave_mounts(self) -> None:
        """Give this process mounts of its own: what it mounts the others do not see."""
        _checked(_unshare(_NEW_MOUNTS))
        _checked(_mount(b"none", b"/", None, _SLAVE_OF_ALL, None))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _exit_code(command: list[str]) -> bytes:
    done = subprocess.run(  # noqa: S603 - the words are ours
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return str(done.returncode).encode()


def _flush(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    os.fsync(descriptor)
    fcntl.ioctl(descriptor, _BLKFLSBUF)


def _write(attribute: Path, text: str) -> None:
    descriptor = os.open(attribute, os.O_WRONLY | os.O_CLOEXEC)
    os.write(descriptor, text.encode())


def _mounted(line: str) -> Mounted:
    """Read a line of mountinfo, by proc_pid_mountinfo(5): the file system's own options come last."""
    words, _, system = line.partition(" - ")
    _, _, number, _, folder = words.split(" ")[:5]
    plain = _OCTAL.sub(lambda hit: chr(int(hit[1], 8)), folder)
    return Mounted(number, Path(plain), "ro" in system.split(" ")[-1].split(","))
