"""What is wrong or unwise about the files and addresses of the central server. No server is asked."""

import stat
from collections.abc import Iterator
from pathlib import Path

from daemon.central.address import dsn_of
from daemon.config.parts import CREDENTIALS, CentralPart
from storage.errors import CentralUnfit

_TODO_FILE = "Check that the file is there and that the user of the daemon may read it."
_TODO_SUDO = "Only your user may not: try again with sudo. The user of the daemon has to."


def central_faults(part: CentralPart | None) -> tuple[str, ...]:
    """Say what keeps the line from ever connecting: a file that is missing or cannot be read, no proper address."""
    return tuple(_faults(part)) if part is not None else ()


def central_notes(part: CentralPart | None) -> tuple[str, ...]:
    """Say what works and is still unwise, a secret that everybody on this PC can read, and what could not be seen."""
    given = (part.dsn_file, part.redis_password_file) if part is not None else ()
    files = [path for path in given if path is not None]
    return (
        *(f"{path} can be read by everybody on this PC. Run: chmod o= {path}" for path in files if _open(path)),
        *(f"{path} can only be seen by the service: it was not looked at." for path in files if _hidden(path)),
    )


def _hidden(path: Path | None) -> bool:
    """Tell whether a file is a credential of the service, and this is another process."""
    return path is not None and path.is_relative_to(CREDENTIALS)


def _faults(part: CentralPart) -> Iterator[str]:
    try:
        if not _hidden(part.dsn_file):
            dsn_of(part)
    except CentralUnfit as unfit:
        todo = _TODO_SUDO if isinstance(unfit.__cause__, PermissionError) else unfit.todo
        yield f"central.{'dsn' if part.dsn is not None else 'dsn_file'}: {unfit} {todo}"
    password = part.redis_password_file
    if password is not None and not _hidden(password) and (why := _unreadable(password)):
        yield f"central.redis_password_file: {password} cannot be read ({why}). {_TODO_FILE}"


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
