"""One open link: bytes become readings, replies go back, silence is noticed."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from drivers.errors import LinkLost
from drivers.instrument import Emit
from drivers.link.base import ByteLink
from drivers.protocol import Chunk, DeviceProtocol, Output
from drivers.readings import Garbled

_log = logging.getLogger(__name__)

_LOOK_S = 1.0  # how soon a patience is noticed that began while waiting for the device

Told = Callable[[bool, str], Awaitable[None]]
"""Hears that the device fell silent (True and a plain sentence) or speaks again (False)."""


class Session:
    """Listens to an open link until it breaks.

    `silent_after_s` None: silence is normal. `heard` tells whether anything ever came.
    """

    def __init__(
        self,
        device: str,
        link: ByteLink,
        protocol: DeviceProtocol,
        *,
        emit: Emit,
        told: Told,
        silent_after_s: float | None,
    ) -> None:
        self._device = device
        self._link = link
        self._protocol = protocol
        self._emit = emit
        self._told = told
        self._silent_after_s = silent_after_s
        self._silent = False
        self._heard_at = self._asked_at = asyncio.get_running_loop().time()
        self._pause_from_ns = time.monotonic_ns()
        self.heard = False

    async def run(self) -> None:
        """Listen for ever. Raises the link's error once everything before it was emitted."""
        await self._send(self._protocol.opened())
        while True:
            try:
                chunk = await self._link.receive(self._patience_s())
            except LinkLost as lost:
                await self._catch_up(lost.at_ns)
                raise
            if chunk is None:
                await self._quiet()
            else:
                await self._take(chunk)

    async def reply(self, data: bytes) -> None:
        """Send an answer. Raises the link's error."""
        await self._link.write(data)

    async def order(self, data: bytes) -> None:
        """Send what the device is to react to: the protocol's patience begins anew. Raises the link's error."""
        self._asked_at, self._pause_from_ns = asyncio.get_running_loop().time(), time.monotonic_ns()
        await self._link.write(data)

    async def _take(self, chunk: Chunk) -> None:
        self.heard = True
        self._heard_at = self._asked_at = asyncio.get_running_loop().time()
        if self._silent:
            self._silent = False
            await self._told(False, "")
        await self._catch_up(chunk.monotonic_ns)
        self._pause_from_ns = chunk.monotonic_ns
        await self._pass_on(self._made(partial(self._protocol.feed, chunk), chunk.data, chunk.wall, chunk.monotonic_ns))

    async def _catch_up(self, until_ns: int | None) -> None:
        """Let the pause before a chunk or the loss count also when it passed while the line was busy."""
        idle_after_s = self._protocol.idle_after_s
        if until_ns is None or idle_after_s is None:
            return
        pause_ns = until_ns - self._pause_from_ns
        if pause_ns >= idle_after_s * 1e9:
            wall = datetime.now(UTC) - timedelta(microseconds=(time.monotonic_ns() - until_ns) // 1000)
            await self._pass_on(self._idled(wall, until_ns))

    async def _quiet(self) -> None:
        now = asyncio.get_running_loop().time()
        idle_after_s = self._protocol.idle_after_s
        if idle_after_s is not None and now >= self._asked_at + idle_after_s:
            self._asked_at, self._pause_from_ns = now, time.monotonic_ns()
            await self._pass_on(self._idled(datetime.now(UTC), self._pause_from_ns))
        if self._watched_s is not None and now >= self._heard_at + self._watched_s:
            await self._fall_silent(self._watched_s)

    async def _fall_silent(self, after_s: float) -> None:
        self._silent = True
        reason = f"Nothing heard for {after_s:g} s."
        await self._told(True, reason)
        if self._protocol.speaks_unasked:
            raise LinkLost(reason, todo="Check the device's power; its port is opened anew by itself.")

    async def _pass_on(self, output: Output) -> None:
        for reading in output.readings:
            await self._emit(reading)
        if output.replies:
            await self._send(output.replies)
            self._pause_from_ns = time.monotonic_ns()

    async def _send(self, data: bytes) -> None:
        """Write. A loss found here is left to `receive`, which tells it behind everything that came before."""
        with contextlib.suppress(LinkLost):
            await self._link.write(data)

    def _idled(self, wall: datetime, monotonic_ns: int) -> Output:
        return self._made(partial(self._protocol.idle, wall, monotonic_ns), b"", wall, monotonic_ns)

    def _made(self, make: Callable[[], Output], raw: bytes, wall: datetime, monotonic_ns: int) -> Output:
        try:
            return make()
        except Exception:  # noqa: BLE001 - a fault in one wire syntax must not stop the line
            _log.exception("%s: its protocol failed and starts afresh", self._device, extra={"device": self._device})
            reason = "The driver failed on these bytes; please report them."
            garbled = Garbled(device=self._device, raw=raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)
            return Output((garbled,), self._protocol.opened())

    @property
    def _watched_s(self) -> float | None:
        """How long a silence may last; None once it was noticed."""
        return None if self._silent else self._silent_after_s

    def _patience_s(self) -> float:
        idle_after_s = self._protocol.idle_after_s
        due = [self._asked_at + idle_after_s] if idle_after_s is not None else []
        if self._watched_s is not None:
            due.append(self._heard_at + self._watched_s)
        return min(_LOOK_S, max(0.0, min(due) - asyncio.get_running_loop().time())) if due else _LOOK_S
