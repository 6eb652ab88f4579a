"""A line's PC: versions in /opt/sunline, lines in /etc/sunline, services, and each version's own program."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

from daemon.upgrade.machine import ConfiguredLine, Lines, Unable
from daemon.upgrade.sites import Sites
from daemon.upgrade.step import Ended
from daemon.upgrade.units import Units

CONFIGURED: Final = Path("/etc/sunline")
USER: Final = "sunline"
"""Whose the lines' stores are."""
_FILE: Final = re.compile(r"line([1-9])\.toml")
_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


class LinePc(Units):
    """The PC this runs on."""

    def __init__(self, sites: Sites, configured: Path = CONFIGURED, user: str | None = None) -> None:
        super().__init__(sites.lock)
        self._sites = sites
        self._configured = configured
        self._as: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}

    def lines(self) -> Lines:
        """Give every line that is configured."""
        files = sorted(self._configured.glob("line*.toml"))
        return tuple(ConfiguredLine(int(found[1]), file) for file in files if (found := _FILE.fullmatch(file.name)))

    def current(self) -> str | None:
        """Name the version in use."""
        return self._sites.current

    def switch(self, version: str) -> None:
        """Put a version into use."""
        self._sites.switch(version)

    def is_well(self, line: ConfiguredLine) -> bool:
        """Tell whether a line is at work: a service that runs and refuses every scan is not."""
        return self.is_active(line) and self._takes_scans(line)

    def came_up(self, line: ConfiguredLine) -> bool:
        """Tell whether a line that was started is at work and stays so for a while."""
        return self.stayed_active(line) and self._takes_scans(line)

    def _takes_scans(self, line: ConfiguredLine) -> bool:
        """Have the version in use ask its daemon; one that does not say is not held to refuse."""
        try:
            return self._asked(self.current() or "", "takes-scans", line)
        except Unable:
            return True

    def faults(self, version: str, line: ConfiguredLine) -> tuple[str, ...]:
        """Say what a version finds wrong with a line's file."""
        try:
            self._asked(version, "faults", line)
        except Unable as refused:
            return tuple(str(refused).splitlines())
        return ()

    def opens(self, version: str, line: ConfiguredLine) -> bool:
        """Tell whether a version may work with a line's store as it is."""
        try:
            return self._asked(version, "opens", line)
        except Unable:
            return False

    def take_over(self, version: str, line: ConfiguredLine) -> None:
        """Keep a copy of a line's store, and bring the store to a version's schema."""
        self._asked(version, "take-over", line, version)

    def is_as_kept(self, version: str, line: ConfiguredLine) -> bool:
        """Tell whether nothing was recorded since that copy."""
        return self._asked(version, "is-as-kept", line, version)

    def give_back(self, version: str, line: ConfiguredLine) -> bool:
        """Put that copy in the store's place, unless something was recorded since."""
        return self._asked(version, "give-back", line, version)

    def _asked(self, version: str, what: str, line: ConfiguredLine, name: str = "") -> bool:
        """Have a version's program do a step, as the lines' user: in their folders root has no business."""
        words = [str(self._sites.python(version)), "-I", "-m", "daemon.upgrade.step", what, str(line.config), name]
        try:
            done = subprocess.run(  # noqa: S603
                words, capture_output=True, text=True, errors="replace", check=False, cwd="/",
                env=_ENVIRONMENT | self.overrides(line), umask=0o077, **self._as,
            )  # fmt: skip
        except OSError as error:
            raise Unable(f"The program of {version} cannot be run: {error.strerror}.") from error
        match done.returncode:
            case Ended.YES | Ended.NO:
                return done.returncode == Ended.YES
            case Ended.REFUSED:
                raise Unable(done.stdout.strip())
        last = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise Unable(f"The program of {version} fails: {last}.")
