"""Serve sticks as they are plugged in where no service manager does: a process for each, as the unit would be."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from daemon.stick.ports import DevicePort
from drivers.stick import StickMonitor, list_sticks

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
_GRACE_S: Final = 20.0

Plugged: TypeAlias = Mapping[str, Sequence[str]]
"""The arguments that serve each stick, by what tells it from the next one in its place."""


@dataclass(slots=True)
class StickWatch:
    """Starts `sunline-usb serve` with `options` once for every stick. `plugged` tells which there are; it may hang."""

    options: Sequence[str]
    plugged: Callable[[], Plugged]
    monitor: StickMonitor = field(default_factory=StickMonitor)
    _seen: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Watch until cancelled; whoever is served then is left in order."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.monitor.run(), name="stick events")
            while True:
                rings = self.monitor.changed.rings
                found = await asyncio.to_thread(self.plugged)
                for key in found.keys() - self._seen:
                    group.create_task(self._serve(found[key]), name=f"stick {key}")
                self._seen = frozenset(found)
                await self.monitor.changed.wait(rings, _LOOK_S)

    async def _serve(self, arguments: Sequence[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daemon.stick", "serve", *arguments, *self.options
        )
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end, and end it where it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_GRACE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def plugged_sticks() -> Plugged:
    """Give every stick of this computer."""
    found = {}
    for stick in list_sticks():
        if stick.size_bytes:
            port = DevicePort.of(stick.name, Path())
            found[f"{port.disk} {port.mark}"] = (stick.name,)
    return found


def folder_as_stick(folder: Path) -> Callable[[], Plugged]:
    """Give a folder that stands for a stick: plugged in while it is there."""

    def plugged() -> Plugged:
        try:
            return {f"{folder} {folder.stat().st_ino}": ("--folder", str(folder))}
        except OSError:
            return {}

    return plugged
