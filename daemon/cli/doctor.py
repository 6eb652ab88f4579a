"""The doctor of the whole PC: disk, clock, store, exchange, sticks, services, devices."""

import os
import socket
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli import lookaround, where
from daemon.cli.exits import Exit
from daemon.cli.lookaround import ConfigFile
from daemon.cli.showing import answer
from daemon.cli.where import HERE, To, socket_of

if TYPE_CHECKING:
    from daemon.checkup.examine import Named
    from daemon.checkup.finding import Finding

ROOT = Path("/")


def doctor(*, config: ConfigFile = None, to: To = HERE) -> int:
    """Look at this PC and its lines: what is wrong, and the one thing to do. 1: something is bad.

    Without --line, --config or --socket: all lines of this PC. Says more as root, and while the lines run.
    """
    from daemon.checkup.finding import Severity  # noqa: PLC0415 -- only here
    from daemon.cli.checkshow import draw, plain_finding  # noqa: PLC0415 -- only here

    found = _processor() or _examined(to, config)
    heading = f"{socket.gethostname()}, {datetime.now().astimezone():%Y-%m-%d %H:%M}"
    answer(to, [plain_finding(one) for one in found], lambda: draw(found, heading))
    return Exit.REFUSED if any(one.severity is Severity.BAD for one in found) else Exit.OK


def _processor() -> "tuple[Finding, ...]":
    """Say that the processor is too old, before anything is loaded that it would fall over."""
    from daemon.checkup.pc import PROCESSOR, lacking_flags, look_at_pc  # noqa: PLC0415 -- light, unlike the rest

    facts = look_at_pc(ROOT)
    return (PROCESSOR.answer(facts),) if lacking_flags(facts) else ()


def _examined(to: To, config: Path | None) -> "tuple[Finding, ...]":
    from daemon.checkup.examine import examine  # noqa: PLC0415 -- a second, with the configuration

    return examine(_named(to, config), ROOT)


def _named(to: To, config: Path | None) -> "tuple[Named, ...]":
    """Give the lines that are meant: the one of a file or socket, of a number, or all of this PC."""
    from daemon.checkup.examine import Named  # noqa: PLC0415 -- as above
    from daemon.checkup.lines import names_here  # noqa: PLC0415 -- as above

    run, etc = where.RUN, lookaround.ETC
    by_socket = to.socket or (None if to.line else os.environ.get("SUNLINE_SOCKET"))
    if config is not None:
        return (Named(config.stem, config, socket_of(to) if by_socket else None),)
    if by_socket:
        path = socket_of(to)
        return (Named(path.stem, etc / f"{path.stem}.toml", path),)
    number = to.line or where.number_in(os.environ.get("SUNLINE_LINE", ""))
    names = (f"line{number}",) if number else names_here(run, etc)
    return tuple(Named(name, file := etc / f"{name}.toml", _socket(run / f"{name}.sock", file)) for name in names)


def _socket(usual: Path, file: Path) -> Path | None:
    """Give the usual control socket, but where there is none and the line's file may name another."""
    return usual if _is_there(usual) or not _is_there(file) else None


def _is_there(path: Path) -> bool:
    """Take for there what nobody may look at."""
    try:
        return path.exists()
    except OSError:
        return True
