"""One process for each plugged stick."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class ServedAlready(Exception):
    """Another process serves this very stick, and tells what comes of it."""


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of one stick as long as the context lasts. Raises ServedAlready, and OSError without a folder.

    `name` must be another one for the next stick in the same port: a process may hang on one that was pulled.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink == 0:  # who held it is just done
            raise BlockingIOError
    except BlockingIOError as error:
        os.close(descriptor)
        raise ServedAlready(f"Another process serves {name}.") from error
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)
