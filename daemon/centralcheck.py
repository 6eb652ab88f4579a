"""What is wrong or unwise about the files and addresses of the central server. No server is asked."""

import stat
from collections.abc import Iterator
from pathlib import Path

from daemon.central import dsn_of
from daemon.parts import CentralPart
from storage.errors import CentralUnfit

_TODO_FILE = "Check that the file is there and that the user of the daemon may read it."
_TODO_SUDO = "Only your user may not: try again with sudo. The user of the daemon has to."


def central_faults(part: CentralPart | None) -> tuple[str, ...]:
    """Say what keeps the line from ever connecting: a file that is missing or cannot be read, no proper address."""
    return tuple(_faults(part)) if part is not None else ()


def central_notes(part: CentralPart | None) -> tuple[str, ...]:
    """Say what works and is still unwise: a secret that everybody on this PC can read."""
    files = (part.dsn_file, part.redis_password_file) if part is not None else ()
    return tuple(
        f"{path} can be read by everybody on this PC. Run: chmod o= {path}" for path in files if path and _open(path)
    )


def _faults(part: CentralPart) -> Iterator[str]:
    try:
        dsn_of(part)
    except CentralUnfit as unfit:
        todo = _TODO_SUDO if isinstance(unfit.__cause__, PermissionError) else unfit.todo
        yield f"central.{'dsn' if part.dsn is not None else 'dsn_file'}: {unfit} {todo}"
    if part.redis_password_file is not None and (why := _unreadable(part.redis_password_file)):
        yield f"central.redis_password_file: {part.redis_password_file} cannot be read ({why}). {_TODO_FILE}"


def _unreadable(path: Path) -> str:
    try:
        path.read_text(encoding="utf-8")
    except OSError as error:
        return str(error.strerror)
    except UnicodeDecodeError:
        return "no text in UTF-8"
    return ""


def _open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
