"""The versions side by side in one folder, and the two links that name the one in use and the one before it."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from daemon.upgrade.machine import Unable

ROOT: Final = Path("/opt/sunline")


class Sites:
    """Where the versions stand. What starts is what `current` names; `previous` is what a person can go back to."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    @property
    def lock(self) -> Path:
        """The file that who changes the version holds locked, as long as it lives."""
        return self._root / ".lock"

    def versions(self) -> tuple[str, ...]:
        """Name every version that is there, the newest installed last."""
        found = (path for path in self._root.glob("*") if not path.is_symlink() and (path / "pyvenv.cfg").exists())
        whole = (path for path in found if path.suffix not in (".new", ".old"))
        return tuple(path.name for path in sorted(whole, key=lambda path: (path.stat().st_ctime, path.name)))

    def python(self, version: str) -> Path:
        """Give the interpreter that runs a version. Raises Unable where there is no such version."""
        python = self._root / version / "bin" / "python"
        if version not in self.versions():
            there = ", ".join(self.versions()) or "none"
            raise Unable(f"There is no version {version} here. There are: {there}.")
        return python

    @property
    def current(self) -> str | None:
        """The version in use."""
        return self._named("current")

    @property
    def previous(self) -> str | None:
        """The version before it, if it is still there."""
        named = self._named("previous")
        return named if named != self.current else None

    def switch(self, version: str) -> None:
        """Put a version into use: at every moment there is one, also when the power is cut."""
        self.python(version)
        self._name("current", version)

    def remember(self, version: str | None) -> None:
        """Note which version a person can go back to."""
        if version is None:
            (self._root / "previous").unlink(missing_ok=True)
        else:
            self._name("previous", version)

    def keep_only(self, wanted: Iterable[str | None]) -> None:
        """Remove every other version."""
        for version in set(self.versions()) - set(wanted):
            shutil.rmtree(self._root / version)

    def _named(self, link: str) -> str | None:
        path = self._root / link
        return path.readlink().name if path.is_symlink() and path.exists() else None

    def _name(self, link: str, version: str) -> None:
        draft = self._root / f".{link}.new"
        draft.unlink(missing_ok=True)
        draft.symlink_to(version)
        draft.replace(self._root / link)
        descriptor = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
