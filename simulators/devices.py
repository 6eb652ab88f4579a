"""A model plugged into a port, with its faults: the only place where models meet time and descriptors."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from simulators.chance import seeded
from simulators.faults import Frame, Injector, On, PlannedFault, PortEffect, pieces
from simulators.ports import OnBytes, Port
from simulators.progress import Clock

_WRITE_S = 5.0


class Model(Protocol):
    """What every simulated device can do. All times are of one steady clock, in seconds."""

    def plug(self, now_s: float) -> None:
        """Get power."""
        ...

    def unplug(self) -> None:
        """Lose power, or the line."""
        ...

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host."""
        ...

    def take_frame(self) -> bytes | None:
        """Return the next frame to write, if any."""
        ...

    def written(self, now_s: float) -> None:
        """Note that the last taken frame is out."""
        ...

    @property
    def wake_at_s(self) -> float | None:
        """When `advance` has something to do."""
        ...

    def advance(self, now_s: float) -> None:
        """Let time pass."""
        ...


class Device:
    """One model at one port. With `counts_frames` every frame is an event for its faults, else `strike` says."""

    def __init__(
        self,
        name: str,
        model: Model,
        port: Callable[[OnBytes], Port],
        injector: Injector,
        clock: Clock,
        *,
        counts_frames: bool = True,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.injector = injector
        self.port = port(self._heard)
        self._model = model
        self._clock = clock
        self._counts_frames = counts_frames
        self._on_change = on_change
        self._kicked = asyncio.Event()
        self._outages: dict[PortEffect, float] = {}
        self._struck: list[PlannedFault] = []
        self._before = b""

    async def plug(self) -> None:
        """Appear at the port and give the model power."""
        await self.port.plug()
        self._model.plug(self._clock())

    async def run(self) -> None:
        """Move bytes and time until cancelled; unplugs at the end."""
        try:
            while True:
                await self._turn()
                self._on_change()
                await self._rest()
        finally:
            await self.port.unplug()

    def kick(self) -> None:
        """Say that the model has something to do."""
        self._kicked.set()

    def strike(self, struck: list[PlannedFault]) -> None:
        """Let faults act on the next frame and on the port."""
        self._struck = struck
        self.kick()

    @property
    def disturbed(self) -> bool:
        """Whether the device is dead, silent or gone right now."""
        return bool(self._outages)

    def _heard(self, data: bytes) -> None:
        if not self._outages:
            self._model.receive(data, self._clock())
        self.kick()
        self._on_change()

    async def _rest(self) -> None:
        """Sleep until kicked or until the model, a fault or the end of an outage is due."""
        due = [self._model.wake_at_s, self.injector.wake_at_s, *self._outages.values()]
        next_s = min((moment for moment in due if moment is not None), default=None)
        with suppress(TimeoutError):
            async with asyncio.timeout(None if next_s is None else max(0.0, next_s - self._clock())):
                await self._kicked.wait()
        self._kicked.clear()

    async def _turn(self) -> None:
        now_s = self._clock()
        await self._end_outages(now_s)
        await self._hit_port(self.injector.by_time(now_s))
        self._model.advance(now_s)
        while (frame := self._model.take_frame()) is not None:
            await self._write(frame)

    async def _write(self, frame: bytes) -> None:
        struck = self.injector.next_event(self._clock()) if self._counts_frames else self._struck
        self._struck = []
        await self._hit_port(struck)
        if not self.port.plugged or any(one.fault.port_effect is PortEffect.RENAMED for one in struck):
            self._model.unplug()
        elif self._outages:
            self._model.written(self._clock())
        else:
            await self._really_write(frame, struck)

    async def _really_write(self, frame: bytes, struck: list[PlannedFault]) -> None:
        whole = False
        with suppress(TimeoutError):
            async with asyncio.timeout(_WRITE_S):
                for piece in pieces(struck, Frame(frame, self._before, seeded(self.name, frame))):
                    await asyncio.sleep(piece.pause_s)
                    whole = await self.port.write(piece.data)
        self._before = frame
        if whole:
            self._model.written(self._clock())
        else:
            self._model.unplug()

    async def _hit_port(self, struck: list[PlannedFault]) -> None:
        for planned in struck:
            effect = planned.fault.port_effect
            if planned.fault.on is On.PORT and effect is not None and effect not in self._outages:
                await self._begin(effect, self._clock() + planned.for_s)

    async def _begin(self, effect: PortEffect, until_s: float) -> None:
        if effect is PortEffect.RENAMED:
            await self.port.rename()
            self._power_cycle()
            return
        self._outages[effect] = until_s
        if effect is PortEffect.HUNG:
            self.port.pause()
        if effect is PortEffect.UNPLUGGED:
            await self.port.unplug()
            self._model.unplug()

    async def _end_outages(self, now_s: float) -> None:
        for effect in [effect for effect, until_s in self._outages.items() if until_s <= now_s]:
            del self._outages[effect]
            if effect is PortEffect.HUNG:
                self.port.resume()
            if effect is PortEffect.UNPLUGGED:
                await self.port.plug()
                self._power_cycle()

    def _power_cycle(self) -> None:
        self._model.unplug()
        self._model.plug(self._clock())
