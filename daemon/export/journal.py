"""How far an export came, remembered on this computer, so that the same command goes on after an interruption.

Nothing of it lies on the target: what is there is believed only where it reads back as it was written.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from storage.export.durable import Written

_MODE: Final = 0o600


class AlreadyRunning(Exception):
    """The same export is being written by another process."""

    todo = "Wait for it, or stop it."

    def __init__(self) -> None:
        super().__init__("This export is already running in another window.")


@dataclass(frozen=True, slots=True)
class Begun:
    """An export that did not come to its end: its folder, what it was to be, and its finished files by digest."""

    folder: str
    plan: Mapping[str, Any]
    done: Mapping[str, str] = field(default_factory=dict)


class Journal:
    """The journal of one export, a file of JSON lines. A context: one process at a time holds it.

    `begun` is what an earlier run left, None where there was none. Where nothing can be kept (no home, a full disk)
    the export goes on without: then it cannot be gone on with.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begun: Begun | None = None
        self._fd = -1

    def __enter__(self) -> Self:
        """Take the journal. Raises AlreadyRunning."""
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)
            self._take()
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def begin(self, folder: str, plan: Mapping[str, Any]) -> None:
        """Begin anew: nothing is finished."""
        with suppress(OSError):
            os.ftruncate(self._fd, 0)
        self._note({"folder": folder, "plan": plan})

    def finished(self, file: Written) -> None:
        """A file is whole."""
        self._note({"name": file.name, "sha256": file.sha256})

    def end(self) -> None:
        """The export is complete: there is nothing to go on with."""
        with suppress(OSError):
            self.path.unlink()

    def _take(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.__exit__()
            raise AlreadyRunning from error
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        os.ftruncate(self._fd, len(whole))
        self.begun = _begun(whole)

    def _note(self, line: Mapping[str, Any]) -> None:
        with suppress(OSError):
            os.write(self._fd, json.dumps(line).encode() + b"\n")


def journal_of(*what: object) -> Journal:
    """Give the journal of the export that is described by all of this."""
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
    except RuntimeError:  # a user without a home
        state = Path(os.devnull)
    name = hashlib.sha256(json.dumps([str(one) for one in what]).encode()).hexdigest()[:32]
    return Journal(state / "sunline/exports" / f"{name}.jsonl")


def _begun(data: bytes) -> Begun | None:
    """Read a journal; one that is damaged is none."""
    try:
        first, *rest = [json.loads(line) for line in data.splitlines()]
        done = {str(one["name"]): str(one["sha256"]) for one in rest}
        return Begun(str(first["folder"]), dict(first["plan"]), done)
    except (ValueError, TypeError, KeyError):
        return None
