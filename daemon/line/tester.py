"""The tester of station 4 as the line sees it: where values come from now, and what it is to expect."""

import asyncio
import logging

from daemon.line.board import Board
from drivers.instrument import Instrument
from stations.rules.routing import LAST_STATION
from stations.workflow.turn import TesterMode

log = logging.getLogger(__name__)

_NOTHING = object()


class TesterDesk:
    """Keeps the tester's mode and hands over armed serials, newest first; a slow tester delays nobody."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._instrument: Instrument | None = None
        self._late = False
        self._wanted: object = _NOTHING
        self._wake = asyncio.Event()

    def use(self, instrument: Instrument | None, *, late: bool) -> None:
        """Take over a tester; None: there is none. `late`: it is a folder of result files."""
        self._instrument = instrument
        self._late = late

    @property
    def mode(self) -> TesterMode:
        """Where the five values come from right now."""
        if self._instrument is None:
            return TesterMode.NONE
        if self._late:
            return TesterMode.LATE
        return TesterMode.LIVE if self._board.is_online(self._instrument.name) else TesterMode.DEAD

    def speaks_as(self, device: str) -> bool:
        """Tell whether readings of this device are the tester's."""
        return self._instrument is not None and self._instrument.name == device

    def arm(self, serial: str | None) -> None:
        """Ask for the flash of a panel; only the newest wish counts."""
        self._wanted = serial
        self._wake.set()

    async def run(self) -> None:
        """Hand over wishes until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            wanted, self._wanted = self._wanted, _NOTHING
            if self._instrument is not None and (wanted is None or isinstance(wanted, str)):
                taken = await self._instrument.arm(wanted)
                if not taken:
                    name = self._instrument.name
                    fields = {"station": LAST_STATION, "device": name, "panel": wanted, "action": "arm"}
                    log.warning("The tester %s did not take %s.", name, wanted or "the disarming", extra=fields)
