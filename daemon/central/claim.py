"""A line's claim on the central server: who this daemon is there, and that no other daemon runs the line."""

import asyncio
import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from daemon.central.address import dsn_of
from daemon.config import LineConfig
from daemon.version import program_version
from storage.errors import StorageError
from storage.postgres.handshake import handshake
from storage.postgres.lease import Holder, give_up_lease, take_lease
from storage.postgres.listening import connected

log = logging.getLogger(__name__)

_MACHINE_ID: Final = Path("/etc/machine-id")
_ASK_WITHIN_S: Final = 4.0


class LineTaken(Exception):
    """Another daemon holds this line on the central server."""

    def __init__(self, line_number: int, host: str) -> None:
        super().__init__(f"Line {line_number} is already run by the daemon on {host}.")
        self.todo = f"Stop the daemon on {host} first; if that PC is gone, wait a minute and start again."


def holder_of(config: LineConfig) -> Holder:
    """Say who this daemon is: its machine and its store file; a restart is the same one."""
    machine = socket.gethostname()
    with suppress(OSError):
        machine = _MACHINE_ID.read_text(encoding="ascii").strip() or machine
    name = uuid5(NAMESPACE_URL, f"sunline:{machine}:{config.store.path.absolute()}")
    return Holder(config.line, name, socket.gethostname(), program_version())


async def refuse_second_daemon(config: LineConfig) -> None:
    """Take the line on the central server before anything starts; a server that is away refuses nobody.

    Raises LineTaken while the daemon of another machine holds the line.
    """
    if config.central is None:
        return
    try:
        async with asyncio.timeout(_ASK_WITHIN_S), connected(dsn_of(config.central)) as connection:
            await handshake(connection, config.site)
            host = await take_lease(connection, holder_of(config))
    except (StorageError, TimeoutError) as error:
        log.warning(
            "The central server could not be asked whether this line runs elsewhere: %s", str(error) or "no answer"
        )
        return
    if host is not None:
        raise LineTaken(config.line, host)


async def let_go(dsn: str, mine: Holder) -> None:
    """Give the line back on the server, if that takes no time."""
    with suppress(StorageError, TimeoutError):
        async with asyncio.timeout(1.0), connected(dsn) as connection:
            await give_up_lease(connection, mine)
