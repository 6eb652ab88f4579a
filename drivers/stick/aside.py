"""Calls into the kernel that a dying stick can hold up, made by a child process that can be left behind."""

import contextlib
import errno
import itertools
import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Final, NoReturn

_DONE: Final = b"="
_FAILED: Final = b"!"
_PIECE_BYTES: Final = 65536

_left: list[int] = []  # children that hang in the kernel, collected when it lets go of them


def aside(work: Callable[[], bytes | None], *, deadline_s: float, keep: Iterable[int] = ()) -> bytes:
    """Return what `work()` returns, done by a forked child that has no other descriptors open than those in `keep`.

    Raises the OSError of `work`, and TimeoutError after `deadline_s`: the child then ends when the kernel lets go of
    it, and nobody waits for that. `work` takes no lock: one that another thread holds is held in the child for ever.
    """
    _collect()
    hear, say = os.pipe()
    child = _fork()
    if child == 0:
        _work_and_end(work, say, keep)
    os.close(say)
    try:
        answer = _answer(hear, time.monotonic() + deadline_s)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        _left.append(child)
        _collect()
        raise
    finally:
        os.close(hear)
    os.waitpid(child, 0)
    return _result(answer)


def _fork() -> int:
    """Fork, beside other threads too: Python warns of the locks they may hold, and the child takes none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _work_and_end(work: Callable[[], bytes | None], say: int, keep: Iterable[int]) -> NoReturn:
    """Answer through `say`. Whatever happens, the child goes no further than here."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _close_all_but({say, *keep})
        answer = _outcome(work)
        while answer:
            answer = answer[os.write(say, answer) :]
    finally:
        os._exit(0)


def _outcome(work: Callable[[], bytes | None]) -> bytes:
    try:
        return _DONE + (work() or b"")
    except OSError as error:
        return _FAILED + str(error.errno or errno.EIO).encode()


def _answer(hear: int, until: float) -> bytes:
    pieces: list[bytes] = []
    poller = select.poll()
    poller.register(hear, select.POLLIN)
    while True:
        left_s = until - time.monotonic()
        if left_s <= 0 or not poller.poll(left_s * 1000):
            raise TimeoutError("no answer in time")
        piece = os.read(hear, _PIECE_BYTES)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _result(answer: bytes) -> bytes:
    """Return what the child worked out; raises its error, and EIO when it ended without a word."""
    if answer[:1] == _DONE:
        return answer[1:]
    number = int(answer[1:] or errno.EIO)
    raise OSError(number, os.strerror(number))


def _close_all_but(kept: set[int]) -> None:
    edges = [-1, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for below, above in itertools.pairwise(edges):
        if below + 1 < above:  # Python takes the empty range (0, 0) for all there are
            os.closerange(below + 1, above)


def _collect() -> None:
    for child in list(_left):
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(child, os.WNOHANG)[0] == 0:
                continue
        with contextlib.suppress(ValueError):  # another thread was quicker
            _left.remove(child)
