"""Look at one thing: within a time, and without ever raising. What cannot be seen is Unseen, with the reason."""

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

from daemon.checkup.finding import Unseen

T = TypeVar("T")

LOOK_S: Final = 3.0
"""How long one thing is looked at; a disk that hangs keeps its thread, not the doctor."""

AS_ROOT: Final = "Run it as root: sudo sunline doctor"
_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def begin(what: Callable[[], T], within_s: float | None = None) -> Callable[[], T | Unseen]:
    """Begin to look; what is given back waits for the answer, until LOOK_S or another time from now is over."""
    patience_s = LOOK_S if within_s is None else within_s
    found: list[T | Unseen] = []
    thread = threading.Thread(target=lambda: found.append(_looked(what)), daemon=True)
    ends = monotonic() + patience_s
    thread.start()

    def told() -> T | Unseen:
        thread.join(max(0.0, ends - monotonic()))
        return found[0] if found else Unseen(f"it did not answer within {patience_s:g} s")

    return told


def look(what: Callable[[], T], within_s: float | None = None) -> T | Unseen:
    """Look at one thing."""
    return begin(what, within_s)()


def said_by(*command: str, within_s: float | None = None) -> str:
    """Give what a program of the system says. Raises OSError, subprocess.SubprocessError."""
    ended = subprocess.run(  # noqa: S603 -- a fixed command, found in the system's folders
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=within_s or LOOK_S, check=True, env=_ENVIRONMENT
    )
    return ended.stdout.decode(errors="replace")


def words_in(file: Path) -> str | None:
    """Give what stands in a small file, stripped; None where there is no such file. Raises OSError."""
    try:
        return file.read_text(errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def number_in(file: Path) -> int | None:
    """Give the number in a file, decimal or 0x...; None where there is none. Raises OSError."""
    try:
        return int(words_in(file) or "", 0)
    except ValueError:
        return None


def _looked(what: Callable[[], T]) -> T | Unseen:
    try:
        return what()
    except PermissionError:
        return Unseen("only root may", AS_ROOT) if os.geteuid() else Unseen("the system does not allow it")
    except FileNotFoundError as error:
        return Unseen(f"there is no {error.filename}")
    except OSError as error:
        return Unseen(error.strerror or str(error))
    except subprocess.TimeoutExpired as error:
        return Unseen(f"{error.cmd[0]} does not answer")
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip() if error.stderr else ""
        return Unseen(f"{error.cmd[0]} says: {said.splitlines()[0] if said else 'nothing'}".rstrip("."))
    except Exception as error:  # noqa: BLE001 -- whatever stands in the system's files, the other facts are looked at
        return Unseen(f"{type(error).__name__}: {error}".rstrip("."))
