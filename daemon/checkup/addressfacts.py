"""Gather what is to be known of the file with the address of a line's central server. Its words are not looked at."""

import getpass
import os
from pathlib import Path

from daemon.checkup.looking import look
from daemon.checkup.sync import AddressFacts
from daemon.config import LineConfig
from daemon.config.parts import CREDENTIALS
from daemon.wiring.looking import READ, SERVICE_USER, refused


def look_at_address(config: LineConfig, *, as_service: bool) -> AddressFacts | None:
    """Look at the file that a line's file names; None where it names none, or one that only the service sees.

    `as_service`: this PC runs lines as services, as a user of their own.
    """
    part = config.in_force().central
    file = part.dsn_file if part is not None else None
    if file is None or file.is_relative_to(CREDENTIALS):
        return None
    return AddressFacts(
        file=str(file), user=SERVICE_USER if as_service else getpass.getuser(),
        there=look(lambda: _there(file)), readable=look(lambda: _readable(file, as_service=as_service)),
    )  # fmt: skip


def _there(file: Path) -> bool:
    """Tell whether there is a file. Raises PermissionError where only others may know."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _readable(file: Path, *, as_service: bool) -> bool:
    return refused(str(file), READ)[1] is None if as_service else os.access(file, os.R_OK)
