"""`keeper.py OWNER UID GID PROGRAM ...`: runs one server and outlives it, so that nothing of it outlives its owner.

The keeper is the reaper of all that the server starts, ends when the last of it has ended, and kills it all when the
owner is gone, frozen processes included. It runs as a plain script, apart from the package.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

_PDEATHSIG = 1
_CHILD_SUBREAPER = 36
_LOOK_S = 0.2
_NO_ACCOUNT = -1


def descendants(pid: int) -> list[int]:
    """Return the processes below one, parents before their children; those that ended are left out."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        above = parent(int(entry.name))
        if above is not None:
            children.setdefault(above, []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found[1:]


def parent(pid: int) -> int | None:
    """Return the process above one; None when it ended."""
    try:
        state, above = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else int(above)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _become(uid: int, gid: int, command: list[str]) -> None:
    """Turn into the server. The death signal is set last: a change of user clears it."""
    keeper = os.getppid()
    if uid != _NO_ACCOUNT:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    _prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == keeper:
        os.execv(command[0], command)  # noqa: S606 (no shell is meant)


def _kill_after(owner: int) -> None:
    while os.getppid() == owner:
        time.sleep(_LOOK_S)
    while True:
        for pid in descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_LOOK_S)


def main(owner: int, uid: int, gid: int, command: list[str]) -> None:
    """Start the command under the account, say its process number on standard output, wait for all of it to end."""
    _prctl(_CHILD_SUBREAPER, 1)
    answer = os.dup(1)
    os.dup2(2, 1)
    server = os.fork()
    if server == 0:
        try:
            _become(uid, gid, command)
        finally:
            os._exit(127)
    os.write(answer, f"{server}\n".encode())
    os.close(answer)
    threading.Thread(target=_kill_after, args=(owner,), daemon=True).start()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
