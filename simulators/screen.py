"""The station's screen as an operator sees it: the product's status feed, JSON lines over a unix socket."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulators.acts import View, view_from

_RETRY_S = 0.2


class Screen:
    """The latest view of one station, and a way to wait for the next."""

    def __init__(self, station: int) -> None:
        self.station = station
        self.on = asyncio.Event()
        self.version = 0
        self._view: View | None = None
        self._changed = asyncio.Event()

    def show(self, view: View) -> None:
        """Take a new view."""
        self._view = view
        self.version += 1
        self._changed.set()

    async def look(self, since: int, colour: str | None, timeout_s: float) -> View | None:
        """Return a view newer than `since`, of a certain colour if one comes in time; None when nothing is new."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self._shows(since, colour):
                    self._changed.clear()
                    await self._changed.wait()
        return self._view if self.version > since else None

    def _shows(self, since: int, colour: str | None) -> bool:
        seen = self._view is not None and self.version > since
        return seen and (colour is None or (self._view is not None and self._view.colour == colour))

    async def follow(self, socket: Path) -> None:
        """Watch a station over the control socket until cancelled; connects again for ever."""
        while True:
            with suppress(OSError, ValueError):
                await self._connected(socket)
            self.on.clear()
            await asyncio.sleep(_RETRY_S)

    async def _connected(self, socket: Path) -> None:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        try:
            asked = {"id": 1, "op": "station.watch", "args": {"station": self.station}}
            writer.write(json.dumps(asked).encode() + b"\n")
            while line := await reader.readline():
                self._take(json.loads(line))
        finally:
            writer.close()

    def _take(self, message: object) -> None:
        if not isinstance(message, dict):
            return
        if message.get("ok"):
            self.on.set()
        for key in ("result", "event"):
            body = message.get(key)
            if isinstance(body, dict):
                self.show(view_from(_innermost(body)))


def _innermost(body: Mapping[str, Any]) -> Mapping[str, Any]:
    view = body.get("view")
    return view if isinstance(view, dict) else body
