"""Exit codes of the command line: promised to scripts, shown by `sunline --help`."""

from collections.abc import Mapping
from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    NOT_RUNNING = 3
    NOT_DURABLE = 4
    FORBIDDEN = 5
    INTERNAL = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANING: Mapping[Exit, str] = {
    Exit.OK: "done",
    Exit.REFUSED: "refused, or not found: the message says why and what to do",
    Exit.USAGE: "the command, a value or the configuration file is wrong",
    Exit.NOT_RUNNING: "the line daemon is not running, or does not answer",
    Exit.NOT_DURABLE: "nothing was saved: the disk is full, missing or broken",
    Exit.FORBIDDEN: "your user may not do this",
    Exit.INTERNAL: "a fault in this program",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
    Exit.PIPE_CLOSED: "whoever read the output went away first, as in `| head`",
}

OF_CODE: Mapping[str, Exit] = {
    "refused": Exit.REFUSED,
    "not_found": Exit.REFUSED,
    "invalid": Exit.USAGE,
    "forbidden": Exit.FORBIDDEN,
    "not_durable": Exit.NOT_DURABLE,
    "absent": Exit.NOT_RUNNING,
    "silent": Exit.NOT_RUNNING,
    "unknown_op": Exit.INTERNAL,
    "internal": Exit.INTERNAL,
}
"""Error code of the control API or its client → exit code."""


class Failed(Exception):
    """A command came to nothing: one plain sentence, what to do next, and the exit code."""

    def __init__(self, status: Exit, message: str, todo: str = "", code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.todo = todo
        self.code = code or status.name.lower()

    def __str__(self) -> str:
        return " ".join(part for part in (*self.args, self.todo) if part)
