"""A line's tie to the central server: the exchange, and who this daemon is there."""

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from daemon.config import CentralPart, LineConfig
from stations.runner import LineRunner
from storage.errors import CentralUnfit, StorageError
from storage.postgres.lease import Holder, give_up_lease, take_lease
from storage.postgres.link import read_dsn
from storage.postgres.listening import connected
from storage.sync.carrier import Carrier
from storage.sync.visit import Books

log = logging.getLogger(__name__)

_MACHINE_ID: Final = Path("/etc/machine-id")
_GATHER_S: Final = 0.2
_ASK_WITHIN_S: Final = 4.0


class LineTaken(Exception):
    """Another daemon holds this line on the central server."""

    def __init__(self, line_number: int, host: str) -> None:
        super().__init__(f"Line {line_number} is already run by the daemon on {host}.")
        self.todo = f"Stop the daemon on {host} first; if that PC is gone, wait a minute and start again."


def dsn_of(part: CentralPart) -> str:
    """Give the connection string. Raises CentralUnfit where its file cannot be read."""
    return part.dsn if part.dsn is not None else read_dsn(part.dsn_file or Path())


def holder_of(config: LineConfig) -> Holder:
    """Say who this daemon is: its machine and its store file; a restart is the same one."""
    machine = socket.gethostname()
    with suppress(OSError):
        machine = _MACHINE_ID.read_text(encoding="ascii").strip() or machine
    name = uuid5(NAMESPACE_URL, f"sunline:{machine}:{config.store.path.absolute()}")
    return Holder(config.line, name, socket.gethostname())


async def refuse_second_daemon(config: LineConfig) -> None:
    """Take the line on the central server before anything starts; a server that is away refuses nobody.

    Raises LineTaken while the daemon of another machine holds the line.
    """
    if config.central is None:
        return
    try:
        async with asyncio.timeout(_ASK_WITHIN_S), connected(dsn_of(config.central)) as connection:
            host = await take_lease(connection, holder_of(config))
    except (StorageError, TimeoutError) as error:
        log.warning(
            "The central server could not be asked whether this line runs elsewhere: %s", str(error) or "no answer"
        )
        return
    if host is not None:
        raise LineTaken(config.line, host)


class Central:
    """Owns the exchange of one line. Without a `[central]` section there is none."""

    def __init__(self, config: LineConfig, on_status: Callable[[], None]) -> None:
        self.carrier: Carrier | None = None
        self._config = config
        self._on_status = on_status

    async def run(self, runner: LineRunner, books: Books) -> None:
        """Exchange until cancelled; then let the line go on the server, if that takes no time."""
        part = self._config.central
        if part is None:
            return
        mine = holder_of(self._config)
        dsn = await self._address(part)
        self.carrier = Carrier(
            dsn, self._config.site, mine, books, on_received=runner.reload, on_status=self._on_status
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.carrier.run(), name="central exchange")
                group.create_task(self._ring(runner, self.carrier), name="central bell")
        finally:
            await _let_go(dsn, mine)

    async def _address(self, part: CentralPart) -> str:
        while True:
            try:
                return dsn_of(part)
            except CentralUnfit as unfit:
                log.error("%s %s", unfit, unfit.todo)
                await asyncio.sleep(_ASK_WITHIN_S)

    @staticmethod
    async def _ring(runner: LineRunner, carrier: Carrier) -> None:
        """Have carried what was committed, a little later: one scan writes more than once."""
        with runner.watching() as changed:
            while True:
                await changed.wait()
                await asyncio.sleep(_GATHER_S)
                changed.clear()
                carrier.ring()


async def _let_go(dsn: str, mine: Holder) -> None:
    with suppress(StorageError, TimeoutError):
        async with asyncio.timeout(1.0), connected(dsn) as connection:
            await give_up_lease(connection, mine)
