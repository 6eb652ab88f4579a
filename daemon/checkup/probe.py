"""How long the disk takes to say that a small write is safe: measured, in the store's own folder."""

import os
import statistics
from pathlib import Path
from time import perf_counter
from typing import Final

_BLOCK: Final = 4096
_ROUNDS: Final = 15
_WARM_UP: Final = 3
_LONGEST_S: Final = 1.0


def flush_ms(folder: Path) -> float:
    """Write one block over itself and flush it, a few times; give the median in milliseconds. Raises OSError.

    Written over itself, a block costs the drive one write and one flush and the file system nothing: a disk that
    turns cannot be faster than its turn.
    """
    file = folder / f".doctor-{os.getpid()}"
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        return statistics.median(_rounds(descriptor))
    finally:
        os.close(descriptor)
        file.unlink(missing_ok=True)


def _rounds(descriptor: int) -> list[float]:
    taken: list[float] = []
    began = perf_counter()
    while len(taken) < _WARM_UP + _ROUNDS and (len(taken) <= _WARM_UP or perf_counter() - began < _LONGEST_S):
        taken.append(_once(descriptor))
    return taken[_WARM_UP:]


def _once(descriptor: int) -> float:
    os.pwrite(descriptor, os.urandom(_BLOCK), 0)
    began = perf_counter()
    os.fdatasync(descriptor)
    return (perf_counter() - began) * 1000
