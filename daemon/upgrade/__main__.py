"""`sunline-upgrade`: which versions of the program are on this PC, and which of them the lines run with."""

import argparse
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from daemon.upgrade.course import NotChanged, change
from daemon.upgrade.linepc import USER, LinePc
from daemon.upgrade.machine import Unable
from daemon.upgrade.sites import ROOT, Sites


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Do what is asked and give the exit code."""
    parser = argparse.ArgumentParser(prog="sunline-upgrade", description=__doc__.partition(": ")[2])
    parser.set_defaults(version=None, again="sunline-upgrade back")
    does = parser.add_subparsers(dest="does", metavar="WHAT")
    does.add_parser("list", help="name the versions that are here (the default)")
    does.add_parser("back", help="run the lines with the version before; every record is kept")
    to = does.add_parser("to", help="run the lines with a version that is here")
    to.add_argument("version")
    to.add_argument("--again", default="the same again", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="sunline: %(message)s", stream=sys.stderr)
    sites = Sites(root)
    if given.does in (None, "list"):
        sys.stdout.write("".join(f"{line}\n" for line in _listed(sites)))
        return 0
    try:
        with _alone(sites), _undisturbed():
            _change(sites, given.version, given.again)
    except NotChanged as error:
        return _failed(str(error), error.todo)
    except Unable as error:
        return _failed(str(error), "See: sunline-upgrade list")
    except OSError as error:
        todo = "Try again with sudo." if os.geteuid() else "Check the disk."
        return _failed(f"{error.filename}: {error.strerror}.", todo)
    return 0


def _change(sites: Sites, version: str | None, again: str) -> None:
    """Go to a version, or back to the one before. The way back is noted first: a power cut must not lose it."""
    old, before, back = sites.current, sites.previous, version is None
    wanted = version or sites.previous
    if wanted is None:
        raise Unable("There is no version before this one here.")
    sites.python(wanted)
    if old not in (None, wanted) and not back:
        sites.remember(old)
    try:
        change(LinePc(sites, user=USER), wanted, again)
    finally:
        if sites.current != wanted:
            sites.remember(before)
        elif back:
            sites.remember(None)
    sites.keep_only((wanted, sites.previous, old if back else None))
    logging.getLogger(__name__).info("%s is in use.", wanted)


def _listed(sites: Sites) -> Iterator[str]:
    marks = {sites.previous: "before it: sunline-upgrade back", sites.current: "in use"}
    for version in sites.versions():
        mark = marks.get(version)
        yield f"{version}  ({mark})" if mark else f"{version}  (sunline-upgrade to {version})"


@contextmanager
def _alone(sites: Sites) -> Iterator[None]:
    with sites.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unable("Another change of version is under way.") from error
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Go on to the end when the terminal is closed or somebody is impatient: in the midst, no line runs."""
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


_ENDING: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def _failed(message: str, todo: str) -> int:
    sys.stderr.write(f"sunline: {message}\nsunline: {todo}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
