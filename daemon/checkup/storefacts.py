"""Gather what is to be known of a store from outside."""

import os
import pwd
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from daemon.checkup.database import Head, StoreFacts
from daemon.checkup.finding import Unseen
from daemon.checkup.lines import LineHere, Running
from daemon.checkup.looking import begin, look
from daemon.config import LineConfig
from daemon.wiring.looking import SERVICE_USER
from drivers.holders import holders

T = TypeVar("T")

_MIB: Final = 1 << 20


def look_at_store(config: LineConfig, line: LineHere, *, as_service: bool) -> StoreFacts:
    """Look at a line's store. `as_service`: this PC runs lines as services, as a user of their own."""
    path = Path(os.path.abspath(config.store.path))  # noqa: PTH100 -- no look at a disk that may hang
    runs = line.running is Running.YES
    file, folder, log = begin(lambda: _stat(path)), begin(lambda: _beside(path)), begin(lambda: _log_mb(path))
    opened = begin(lambda: _open_to_all(path))
    at, names = file(), folder()
    holder = look(lambda: _holder(path)) if line.running is Running.NO else None
    unopened = line.running is Running.NO and holder is None
    return StoreFacts(
        path=str(path), runs=runs,
        size_mb=_of(at, lambda one: -(-one.st_size // _MIB)),
        owner=_of(at, lambda one: _user(one.st_uid)), open_to_all=opened(),
        wanted=look(_service_user) if as_service else None,
        log_mb=log(),
        damaged=_named(names, ".damaged-"), kept=_named(names, ".before-"),
        head=look(lambda: head_of(path)) if unopened else Head.UNASKED,
        holder=holder, opened_at=_moment(line.status.get("started_at")) if runs else None,
    )  # fmt: skip


def head_of(path: Path) -> Head:
    """Judge a store that nobody has open by its first bytes. Raises OSError."""
    from storage.sqlite.files import Kind, kind_of, schema_in  # noqa: PLC0415 -- no engine for a store that runs
    from storage.sqlite.migrate import steps  # noqa: PLC0415 -- as above

    match kind_of(path):
        case Kind.OURS:
            return Head.OURS if schema_in(path).opens_with(len(steps())) else Head.NEWER
        case Kind.FOREIGN:
            return Head.FOREIGN
        case Kind.UNREADABLE:
            return Head.UNREADABLE
        case _:
            return Head.OURS


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _of(at: os.stat_result | Unseen | None, give: Callable[[os.stat_result], T]) -> T | Unseen | None:
    return at if at is None or isinstance(at, Unseen) else give(at)


def _beside(path: Path) -> tuple[str, ...]:
    return tuple(sorted(os.listdir(path.parent))) if path.parent.exists() else ()  # noqa: PTH208 -- names


def _named(names: tuple[str, ...] | Unseen, part: str) -> tuple[str, ...] | Unseen:
    return names if isinstance(names, Unseen) else tuple(one for one in names if part in one)


def _open_to_all(path: Path) -> bool:
    """Tell whether the last folder and the file let anybody in."""
    at = _stat(path)
    return at is not None and bool(at.st_mode & stat.S_IROTH and path.parent.stat().st_mode & stat.S_IXOTH)


def _log_mb(path: Path) -> int:
    at = _stat(path.with_name(f"{path.name}-wal"))
    return at.st_size // _MIB if at else 0


def _holder(path: Path) -> str | None:
    """Find who holds the lock beside the store, without asking for it: a line that starts right now needs it."""
    lock = str(path.with_name(f"{path.name}.lock"))
    return next((str(one) for one in holders([lock])[lock]), None)


def _service_user() -> str | None:
    try:
        return pwd.getpwnam(SERVICE_USER).pw_name
    except KeyError:
        return None


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
