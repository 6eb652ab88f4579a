"""What a daemon does beside the scans: snapshots, searches, exports, over and over until it is told to stop."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import orjson

from daemon.line.line import Line
from storage.sqlite.connection import open_reading
from storage.sqlite.view import View

T = TypeVar("T")

_PAGE = 200
_PAUSE_S = 0.05


@dataclass(slots=True)
class Done:
    """How often each chore was done."""

    snapshots: int = 0
    searches: int = 0
    exported_rows: int = 0


async def keep_busy(line: Line, folder: Path, stop: asyncio.Event) -> str:
    """Do all chores at once until `stop`; says as JSON how often."""
    done = Done()
    chores = (_snapshots(folder, done, stop), _searches(line, done, stop), _exports(line, done, stop))
    await asyncio.gather(*chores)
    return orjson.dumps(asdict(done)).decode()


async def _snapshots(folder: Path, done: Done, stop: asyncio.Event) -> None:
    """Copy the whole store through a connection that cannot write, as a backup does."""
    while not stop.is_set():
        target = folder / f"snapshot-{done.snapshots}.db"
        await asyncio.to_thread(_snapshot, folder / "line.db", target)
        await asyncio.to_thread(target.unlink)
        done.snapshots += 1
        await asyncio.sleep(_PAUSE_S)


def _snapshot(source: Path, target: Path) -> None:
    connection = open_reading(source)
    try:
        connection.pragma("query_only", False)
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


async def _searches(line: Line, done: Done, stop: asyncio.Event) -> None:
    """Page through all panels, and read one panel's history from each page."""
    after = ""
    while not stop.is_set():
        panels = await _read(line, partial(View.panels, after_serial=after, limit=_PAGE))
        if panels:
            await _read(line, partial(View.history, panel_uuid=panels[0].uuid))
        after = panels[-1].serial_number if len(panels) == _PAGE else ""
        done.searches += 1
        await asyncio.sleep(_PAUSE_S)


async def _exports(line: Line, done: Done, stop: asyncio.Event) -> None:
    """Read the change log from end to end in short pages, as an export does."""
    seq = 0
    while not stop.is_set():
        changes = await _read(line, partial(View.changes_after, seq=seq, limit=_PAGE))
        seq = changes[-1].seq if len(changes) == _PAGE else 0
        done.exported_rows += len(changes)
        await asyncio.sleep(_PAUSE_S / 10)


async def _read(line: Line, read: Callable[[View], T]) -> T:
    assert line.runner is not None
    return await line.runner.read(read)
