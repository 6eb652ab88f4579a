"""The Debian releases a package is made for, and what differs between them."""

from dataclasses import dataclass
from typing import Final

COMMON: Final = ("systemd", "udev", "kmod", "libudev1", "procps", "debconf (>= 0.5) | debconf-2.0")
"""What every release's package needs beside its Python; procps has the /bin/kill of ExecReload=."""


@dataclass(frozen=True, slots=True)
class Release:
    """One Debian release. `python_full` is its interpreter's version, by which requirements are chosen."""

    name: str
    number: int
    python: str
    python_full: str
    recommends: tuple[str, ...]
    drop_ins: tuple[str, ...]

    @property
    def depends(self) -> tuple[str, ...]:
        """What the package cannot be without: a virtual environment is tied to its Python's minor version."""
        return (f"python{self.python} (>= {self.python_full})", *COMMON)

    def package_version(self, version: str) -> str:
        """Name a version of the program as packaged for this release: a newer Debian's counts as newer."""
        return f"{version}+deb{self.number}"


RELEASES: Final = {
    release.name: release
    for release in (
        # Its systemd, 252, would warn at every start of RestartSteps=; its kernel has no ntfs3.
        Release("bookworm", 12, "3.11", "3.11.2", ("ntfs-3g", "time-daemon"), ("sunline-usb@.service.d",)),
        Release("trixie", 13, "3.13", "3.13.5", ("time-daemon",), ("sunline@.service.d",)),
    )
}
