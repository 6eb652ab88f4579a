"""A recording played back on a pseudo-terminal, to whoever opens it."""

import asyncio
import contextlib
import os
import select
import tty
from collections.abc import AsyncIterator
from pathlib import Path

from drivers.recording import Moment, Way, read_recording

_LOOK_S = 0.01
_SETTLE_S = 0.1  # who opens a port first sets it up, which forgets what came before


class Replay:
    """What a recorded device said, on the pseudo-terminal `port`. `answers` collects what it is told now."""

    def __init__(self, moments: list[Moment], master: int, port: str) -> None:
        self._moments = moments
        self._master = master
        self.port = port
        self.answers = bytearray()

    async def play(self, speed: float = 1.0) -> None:
        """Wait until somebody opens the port, then say everything with the recorded gaps divided by `speed`.

        Returns after the last byte was taken; ends early when the port is closed at the other end.
        """
        if speed <= 0:
            raise ValueError("the speed must be positive")
        await self._opened()
        loop = asyncio.get_running_loop()
        said = [moment for moment in self._moments if moment.way is Way.IN]
        began_s = loop.time()
        loop.add_reader(self._master, self._hear)
        try:
            for moment in said:
                due_s = began_s + (moment.at_ns - said[0].at_ns) / 1e9 / speed
                await self._until(due_s)
                await self._say(moment.data)
        finally:
            loop.remove_reader(self._master)

    async def _opened(self) -> None:
        while True:
            if not self._hung_up():
                await asyncio.sleep(_SETTLE_S)
                return
            await asyncio.sleep(_LOOK_S)

    async def _until(self, due_s: float) -> None:
        """Wait; a port that is closed meanwhile ends it."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while (left_s := due_s - loop.time()) > 0 and not self._hung_up():  # noqa: ASYNC110 - a hang-up has no event
            await asyncio.sleep(min(left_s, _LOOK_S))

    async def _say(self, data: bytes) -> None:
        left = memoryview(data)
        while left and not self._hung_up():
            try:
                left = left[os.write(self._master, left) :]
            except BlockingIOError:
                await asyncio.sleep(_LOOK_S)

    def _hear(self) -> None:
        try:
            self.answers += os.read(self._master, 65536)
        except OSError:  # the other end is closed; the descriptor would stay readable
            asyncio.get_running_loop().remove_reader(self._master)

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._master, 0)
        return any(event & select.POLLHUP for _, event in poll.poll(0))


@contextlib.asynccontextmanager
async def replaying(file: Path) -> AsyncIterator[Replay]:
    """Offer a recording on a fresh pseudo-terminal, which goes away at the end. Raises Unreadable and OSError."""
    moments = await asyncio.to_thread(lambda: list(read_recording(file)))
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        os.set_blocking(master, False)
        port = os.ttyname(slave)
        os.close(slave)  # from now on the terminal hangs up whenever nobody has it open
        yield Replay(moments, master, port)
    finally:
        os.close(master)
