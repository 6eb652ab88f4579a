"""The course of a change from one version to another, with the way back while nothing new was recorded.

The new program reads every line's file first. Then the lines that run are stopped, their stores copied, the new
version put into use and the lines started. Where one does not come up, everything is put back as it was, unless a line
has recorded something meanwhile: that is never undone by itself.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from daemon.upgrade.machine import Lines, Machine, Unable

log = logging.getLogger(__name__)


class NotChanged(Exception):
    """The version that was wanted is not at work everywhere; `str()` says how things are, `todo` what to do."""

    def __init__(self, message: str, todo: str) -> None:
        super().__init__(message)
        self.todo = todo


def change(machine: Machine, to: str, again: str) -> None:
    """Put a version into use for every line; `again` says how to try once more. Raises NotChanged, Unable."""
    lines, old = machine.lines(), machine.current()
    _assert_files_are_good(machine, lines, old, to, again)
    running = tuple(line for line in lines if machine.is_running(line))
    well = tuple(line for line in running if machine.is_well(line))
    with _stopped(machine, running):
        kept = _handed_over(machine, running, well, old, to, again)
    down = tuple(line for line in well if not machine.came_up(line))
    if down:
        with _stopped(machine, running):
            why = f"With {to} {_named(down)} did not come up."
            moved = tuple(line for line in kept if not machine.is_as_kept(to, line))
            raise _stays(why, old, to, moved) if moved else _back(machine, kept, old, to, why, again)


def _assert_files_are_good(machine: Machine, lines: Lines, old: str | None, to: str, again: str) -> None:
    """Refuse a version that cannot read what is configured. Before the first version nothing is at stake."""
    if lines:
        log.info("%s reads the configuration of %s.", to, _named(lines))
    faults = [f"{line.config}: {fault}" for line in lines for fault in machine.faults(to, line)]
    for fault in faults:
        log.warning("%s", fault)
    if faults and old is not None:
        count = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        message = f"{to} cannot take over because of {count} (above). Nothing was changed: {old} stays at work."
        raise NotChanged(message, f"When that is mended: {again}")


@contextmanager
def _stopped(machine: Machine, lines: Lines) -> Iterator[None]:
    """Stop lines for as long as this lasts; they are started again in any case, of whatever version is in use then."""
    try:
        if lines:
            log.info("Stopping %s.", _named(lines))
        machine.stop(lines)
        yield
    finally:
        if lines:
            log.info("Starting %s with %s.", _named(lines), machine.current())
        machine.start(lines)


def _handed_over(machine: Machine, running: Lines, well: Lines, old: str | None, to: str, again: str) -> Lines:
    """Put the version into use and hand it the stores; give the lines whose store was copied."""
    kept: Lines = ()
    at: Lines = ()
    try:
        machine.switch(to)
        for line in running:
            at = (line,)
            try:
                machine.take_over(to, line)
                kept = (*kept, line)
            except Unable as error:
                if line in well:
                    raise
                log.warning("The store of %s, which was not at work: %s", line, error)  # it is no worse than before
    except Unable as error:
        raise _back(machine, (*kept, *at), old, to, str(error), again) from error
    return kept


def _back(machine: Machine, kept: Lines, old: str | None, to: str, why: str, again: str) -> NotChanged:
    """Put everything back as it was: nothing was recorded since. Say what came of it."""
    if old is None or old == to:
        return NotChanged(f"{why} There is no other version to go back to.", _LOOK)
    try:
        for line in kept:
            if not (machine.opens(old, line) or (machine.give_back(to, line) and machine.opens(old, line))):
                raise Unable(f"The store of {line} cannot be given back to {old}.")
        machine.switch(old)
    except Unable as error:
        return NotChanged(f"{why} {error} {to} stays in use.", _LOOK)
    return NotChanged(f"{why} Everything is as it was: {old} is in use.", f"When it is mended: {again}")


def _stays(why: str, old: str | None, to: str, moved: Lines) -> NotChanged:
    """Say why a version stays that does not work everywhere."""
    message = f"{why} {to} stays in use all the same: {_named(moved)} recorded something with it, and that is kept."
    return NotChanged(message, f"{_LOOK}. Or go back to {old}, which keeps it too: sunline-upgrade back")


def _named(lines: Lines) -> str:
    return " and ".join(map(str, lines))


_LOOK: Final = "See: journalctl -u 'sunline@*'"
