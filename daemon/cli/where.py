"""Which line a command talks to."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from daemon.cli.exits import Exit, Failed

RUN = Path("/run/sunline")

_GROUP = Group("Which line, and how to answer", sort_key=99)


@Parameter(name="*", group=_GROUP)
@dataclass(frozen=True)
class To:
    """Options of every command that talks to a line."""

    line: Annotated[int | None, Parameter(help="Number of the line, where several run here.")] = None
    socket: Annotated[Path | None, Parameter(help="Control socket of the line.")] = None
    json: Annotated[bool, Parameter(negative="", show_default=False, help="Answer in JSON on stdout.")] = False


HERE = To()
"""The only line there is, answered for people."""


def is_line_chosen(to: To) -> bool:
    """Tell whether a person said which line is meant."""
    return bool(to.socket or to.line or os.environ.get("SUNLINE_SOCKET"))


def socket_of(to: To) -> Path:
    """Find the control socket: as given, by SUNLINE_SOCKET, or the only one under /run/sunline.

    Raises Failed when there is none, or several and nothing says which.
    """
    given = to.socket or (None if to.line else os.environ.get("SUNLINE_SOCKET"))
    if given:
        return Path(given)
    if RUN.exists() and not os.access(RUN, os.R_OK | os.X_OK):
        todo = "Ask an administrator to put you into its group (sunline), then sign in again."
        raise Failed(Exit.FORBIDDEN, f"You may not look into {RUN}.", todo)
    found = sorted(RUN.glob("*.sock"))
    number = to.line or number_in(os.environ.get("SUNLINE_LINE", ""))
    chosen = [path for path in found if number is None or number_in(path.stem) == number]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        which = f"Line {number} is" if number else "No line is"
        running = "not running here." if number else "running here."
        raise Failed(Exit.NOT_RUNNING, f"{which} {running}", "Start it (systemctl start sunline@N), or give --socket.")
    names = ", ".join(path.stem for path in found)
    raise Failed(Exit.USAGE, f"Several lines run here ({names}).", "Say which: --line N.")


def number_in(text: str) -> int | None:
    """Give the last number in a text, as in the name of a line's socket or file."""
    digits = re.findall(r"[0-9]+", text)
    return int(digits[-1]) if digits else None
