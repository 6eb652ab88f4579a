"""The lines' services, asked and told through `systemctl`."""

import shlex
import subprocess
import time
from pathlib import Path
from typing import Final

from daemon.upgrade.machine import ConfiguredLine, Lines, Unable

_BOOTED: Final = Path("/run/systemd/system")
_SETTLED_S: Final = 5.0
GUARD: Final = "sunline-upgrade-guard.service"
"""Starts what was stopped where nobody else does: it waits for the lock that a change of version holds as long as it
lives, and that the kernel lets go of when it is killed."""
_WELL: Final = ("active", "reloading", "refreshing")
_RUNNING: Final = (*_WELL, "activating", "deactivating")


class Units:
    """The services of lines. Where no service manager runs, none is at work."""

    def __init__(self, lock: Path, settled_s: float = _SETTLED_S) -> None:
        self._lock = lock
        self._settled_s = settled_s

    def is_running(self, line: ConfiguredLine) -> bool:
        """Tell whether a line is started, however it fares."""
        return _BOOTED.is_dir() and _property(line, "ActiveState") in _RUNNING

    def overrides(self, line: ConfiguredLine) -> dict[str, str]:
        """Give what a line's service sets over its file: its environment, as far as it is about sunline."""
        given = shlex.split(_property(line, "Environment")) if _BOOTED.is_dir() else []
        pairs = (word.partition("=") for word in given if word.startswith("SUNLINE_"))
        return {name: value for name, _, value in pairs}

    def is_active(self, line: ConfiguredLine) -> bool:
        """Tell whether a line's service is started and ready."""
        return _property(line, "ActiveState") in _WELL

    def stayed_active(self, line: ConfiguredLine) -> bool:
        """Tell whether a line's service is ready and was not started again for a while."""
        before = _property(line, "NRestarts")
        end = time.monotonic() + self._settled_s
        while self.is_active(line) and _property(line, "NRestarts") == before:
            if time.monotonic() >= end:
                return True
            time.sleep(0.2)
        return False

    def stop(self, lines: Lines) -> None:
        """Stop lines and wait until they have ended; who is killed before it starts them has it done. Raises Unable."""
        units = [line.unit for line in lines]
        if units:
            _said_by("systemd-run", "--quiet", "--collect", f"--unit={GUARD}",
                     "--description=sunline: starts the lines again should the change of version be killed",
                     "flock", str(self._lock), "systemctl", "start", "--no-block", *units)  # fmt: skip
            _systemctl("stop", *units)
        left = [str(line) for line in lines if self.is_running(line)]
        if left:
            raise Unable(f"{' and '.join(left).capitalize()} cannot be stopped.")

    def start(self, lines: Lines) -> None:
        """Start lines and wait until each is ready, or failed."""
        if lines:
            _systemctl("start", *(line.unit for line in lines))
            _systemctl("stop", GUARD)


def _property(line: ConfiguredLine, name: str) -> str:
    return _systemctl("show", "--property", name, "--value", line.unit).strip()


def _systemctl(*words: str) -> str:
    return _said_by("systemctl", *words)


def _said_by(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError as error:
        raise Unable(f"{command[0]} cannot be run: {error.strerror}.") from error
