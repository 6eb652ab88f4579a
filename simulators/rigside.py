"""The rig of a station as its operator uses it: flash, and let the PC write a result file now and then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulators.chance import seeded
from simulators.devices import Device
from simulators.exports import TimeForm, content, file_name, rows
from simulators.faults import Frame, Injector, On, PlannedFault, value_effects
from simulators.plan import ExportPlan
from simulators.progress import Clock, Progress
from simulators.rig import Flash, Laid, Rig, scaled
from simulators.swinger import Swinger
from simulators.tester import AsciiTester

_SWEEP_S = 10.0
_POINTS = 120


@dataclass(frozen=True, slots=True)
class Wire:
    """How a rig speaks live: its model and the device that carries it."""

    model: AsciiTester | Swinger
    device: Device


class RigSide:
    """One rig with its faults. Without a wire it speaks through result files alone."""

    def __init__(
        self, name: str, rig: Rig, injector: Injector, progress: Progress, clock: Clock, flash_s: float
    ) -> None:
        self.name = name
        self.rig = rig
        self.flash_s = flash_s
        self.flashed_s = clock()
        self.wire: Wire | None = None
        self.exports: Exports | None = None
        self._injector = injector
        self._progress = progress
        self._clock = clock
        self._swept = asyncio.Event()

    @property
    def live(self) -> bool:
        """Whether a host can hear the flash while the panel lies there."""
        return self.wire is not None

    async def flash(self) -> None:
        """Flash what lies there, or wait until the host has it swept; then export if it is time."""
        if self.wire is not None and isinstance(self.wire.model, Swinger):
            await self._wait_for_sweep()
        else:
            self._report(*self._expose())
        if self.exports is not None:
            await self.exports.flashed()

    async def _wait_for_sweep(self) -> None:
        try:
            async with asyncio.timeout(_SWEEP_S):
                await self._swept.wait()
        except TimeoutError:
            self._progress.emit("no_sweep", device=self.name)
        self._swept.clear()

    def sweep(self) -> list[tuple[float, float]]:
        """Measure what lies there point by point; a panel without contact shows nothing."""
        behaviour = self.rig.behaviour()
        flash, struck = self._expose()
        if self.wire is not None:
            self.wire.device.strike(struck)
        self._swept.set()
        if behaviour is None:
            return [(0.0, 0.0)] * _POINTS
        return scaled(behaviour.curve(_POINTS), flash.values)

    def _expose(self) -> tuple[Flash, list[PlannedFault]]:
        self.flashed_s = self._clock()
        struck = self._injector.next_event(self.flashed_s)
        flash = self.rig.flash(datetime.now(UTC), value_effects(struck))
        read = flash.values
        self._progress.emit(
            "flash",
            device=self.name,
            serial=flash.serial,
            pmax_w=round(read.pmax_w, 3),
            voc_v=round(read.voc_v, 3),
            isc_a=round(read.isc_a, 3),
            faults=[one.name for one in struck],
        )
        return flash, struck

    def _report(self, flash: Flash, struck: list[PlannedFault]) -> None:
        if self.wire is None or not isinstance(self.wire.model, AsciiTester):
            return
        self.wire.model.report(flash)
        self.wire.device.strike(struck)


class Exports:
    """Writes the rig's memory into a folder."""

    def __init__(
        self, name: str, plan: ExportPlan, rig: Rig, injector: Injector, progress: Progress, clock: Clock
    ) -> None:
        self.name = name
        self._plan = plan
        self._rig = rig
        self._injector = injector
        self._progress = progress
        self._clock = clock
        self._since = 0

    def begin_day(self, golden: Laid) -> None:
        """Do what every day begins with: a calibration, and a flash without a panel."""
        self._rig.calibrate(datetime.now(UTC), golden)
        self._rig.set_up(datetime.now(UTC))

    async def flashed(self) -> None:
        """Count a flash; export when it is time."""
        self._since += 1
        if self._since >= self._plan.every:
            await self.write()

    async def write(self) -> None:
        """Write an export of everything flashed so far; nothing when nothing is new."""
        if self._since == 0:
            return
        self._since = 0
        path = _free_name(Path(self._plan.folder), self._plan.suffix)
        form = TimeForm(self._plan.time_form)
        table = rows(self._rig.flashes, layout_b=self._plan.layout == "B", time_form=form)
        await self._put(path, content(path, table, self._plan.encoding))
        self._progress.emit("export", device=self.name, file=str(path), rows=len(table) - 1)

    async def _put(self, path: Path, data: bytes) -> None:
        started_s = self._clock()
        for planned in self._injector.next_event(started_s):
            if planned.fault.on is On.FILE and planned.fault.bytes_effect is not None:
                half, *_ = planned.fault.bytes_effect(Frame(data, b"", seeded(path.name)))
                await asyncio.to_thread(path.write_bytes, half.data)
                await asyncio.sleep(planned.for_s)
        await asyncio.to_thread(path.write_bytes, data)
        self._injector.log.worked(self.name, self._clock(), self._clock())


def _free_name(folder: Path, suffix: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Path:
    """Return the name of an export made now; a second later for each one already there."""
    folder.mkdir(parents=True, exist_ok=True)
    moment = now()
    while (path := folder / file_name(moment, suffix)).exists():
        moment += timedelta(seconds=1)
    return path
