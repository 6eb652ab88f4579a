"""The full-screen view: draws what the feed says, keeps the clock going, leaves on q or Ctrl-C."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Generator
from contextlib import aclosing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live

from daemon.screen.feed import Lost, Patience, views
from daemon.screen.layout import render, render_lost
from daemon.screen.view import StationView

_CLOCK_S = 0.5


async def watch(path: Path, station: int, console: Console, patience: Patience | None = None) -> None:
    """Show a station until q is pressed or the task is cancelled; the terminal is as before afterwards.

    Raises NoSuchStation when the daemon refuses to show it.
    """
    face = _Face(station)
    with _keys(face.leave), Live(console=console, screen=True, auto_refresh=False) as live:
        follower = asyncio.create_task(_follow(path, face, patience), name=f"feed of station {station}")
        try:
            while not face.left and not follower.done():
                live.update(face.drawn(*console.size, datetime.now(UTC)), refresh=True)
                await face.changed(_CLOCK_S)
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)
    if not follower.cancelled() and (error := follower.exception()):
        raise error


class _Face:
    def __init__(self, station: int) -> None:
        self.station = station
        self.left = False
        self._shown: StationView | Lost = Lost()
        self._rung = asyncio.Event()

    def show(self, shown: StationView | Lost) -> None:
        self._shown = shown
        self._rung.set()

    def leave(self) -> None:
        self.left = True
        self._rung.set()

    async def changed(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        self._rung.clear()

    def drawn(self, width: int, height: int, now: datetime) -> Group:
        match self._shown:
            case StationView() as view:
                return render(view, width, height, now)
            case Lost(reason):
                return render_lost(self.station, reason, width, height, now)


async def _follow(path: Path, face: _Face, patience: Patience | None) -> None:
    async with aclosing(views(path, face.station, patience)) as feed:
        async for shown in feed:
            face.show(shown)


@contextmanager
def _keys(leave: Callable[[], None]) -> Generator[None, None, None]:
    if not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    loop = asyncio.get_running_loop()
    tty.setcbreak(terminal)
    loop.add_reader(terminal, _pressed, terminal, leave)
    try:
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _pressed(terminal: int, leave: Callable[[], None]) -> None:
    keys = os.read(terminal, 64)
    if not keys or b"q" in keys.lower():
        leave()
