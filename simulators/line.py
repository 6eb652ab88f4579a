"""One line of stand-ins as a process: builds everything a plan names, lets people work, says how it goes."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from simulators.chance import seeded
from simulators.devices import Device
from simulators.faults import FaultLog, Injection, Injector
from simulators.floor import End, Floor, Move, Panel
from simulators.hands import Hands, Pace, ScannerInHand
from simulators.operator import Habits, Operator
from simulators.physics import Setup
from simulators.plan import PanelPlan, Plan, ScannerPlan, Shares, StationPlan, TesterPlan
from simulators.ports import OnBytes, Port, PtyPort, TcpPort
from simulators.progress import Progress
from simulators.rig import Laid, Rig
from simulators.rigside import Exports, RigSide, Wire
from simulators.scanner import scanner
from simulators.screen import Screen
from simulators.swinger import Swinger
from simulators.tester import AsciiTester
from simulators.wire.testers import ascii_form

_SCREEN_S = 30.0
_GOLDEN = Laid("GoldenPanel380", "60")


class Line:
    """The stand-ins of one line. Build it inside a running loop."""

    def __init__(self, plan: Plan, stream: TextIO) -> None:
        self._plan = plan
        self._clock = time.monotonic
        self._progress = Progress(stream, self._clock)
        self._log = FaultLog(self._tell_fault)
        self._started_s = self._clock()
        panels = [_panel(one, plan.shares, plan.seed) for one in plan.panels]
        self._floor = Floor(panels, self._tell_move, plan.entry)
        self._devices: list[Device] = []
        self._screens: list[Screen] = []
        self._exports: list[Exports] = []
        self._hands = [self._station(number, station) for number, station in sorted(plan.stations.items())]

    async def run(self) -> None:
        """Plug everything in, work until every panel has come to an end, unplug. Cancelled, it unplugs at once."""
        self._plan.folder.mkdir(parents=True, exist_ok=True)
        try:
            for device in self._devices:
                await device.plug()
            self._progress.emit("ready", ports={one.name: one.port.address for one in self._devices})
            await self._work()
        finally:
            for device in self._devices:
                await device.port.unplug()

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(device.run(), name=device.name) for device in self._devices]
            background += [group.create_task(self._follow(screen)) for screen in self._screens]
            await self._screens_on()
            people = [group.create_task(hands.work()) for hands in self._hands]
            if people:
                await asyncio.wait(people)
            for exports in self._exports:
                await exports.write()
            self._tell_end()
            for task in background:
                task.cancel()

    async def _follow(self, screen: Screen) -> None:
        if self._plan.status_feed is not None:
            await screen.follow(Path(self._plan.status_feed))

    async def _screens_on(self) -> None:
        """Give the screens a while to come on; people start without them in the end."""
        try:
            async with asyncio.timeout(_SCREEN_S):
                for screen in self._screens:
                    await screen.on.wait()
        except TimeoutError:
            self._progress.emit("no_screen", status_feed=self._plan.status_feed)

    def _station(self, number: int, station: StationPlan) -> Hands:
        plan = self._plan
        screen = Screen(number) if plan.status_feed else None
        self._screens += [screen] if screen else []
        operator = Operator(number, self._floor, _habits(plan, number, station), plan.seed)
        rig = self._rig(number, station.tester, station) if station.tester else None
        held = self._scanner(number, station.scanner)
        pace = Pace(plan.speed, plan.bounce_s)
        return Hands(operator, held, rig, screen, pace, self._progress, self._clock)

    def _scanner(self, number: int, plan: ScannerPlan) -> tuple[ScannerInHand, Device]:
        model = scanner(plan.kind, terminator=plan.terminator, stx=plan.stx, aim=plan.aim, answer_s=plan.answer_s)
        held, name = ScannerInHand(model), f"scanner-{number}"
        port = self._port(name, plan.tcp_port)
        device = Device(name, model, port, self._injector(name), self._clock, on_change=held.wake)
        self._devices.append(device)
        return held, device

    def _rig(self, number: int, plan: TesterPlan, station: StationPlan) -> RigSide:
        name = f"tester-{number}"
        rig, injector = Rig(self._plan.seed, sensor=plan.sensor), self._injector(name)
        side = RigSide(name, rig, injector, self._progress, self._clock, plan.flash_s)
        if plan.form != "files":
            side.wire = self._wire(name, plan, side, injector)
        if station.exports is not None:
            side.exports = self._exporting(f"exports-{number}", station, rig)
        return side

    def _wire(self, name: str, plan: TesterPlan, side: RigSide, injector: Injector) -> Wire:
        model: AsciiTester | Swinger
        if plan.form == "ivswinger2":
            model = Swinger(side.sweep, **plan.knobs)
        else:
            model = AsciiTester(ascii_form(plan.form, serial_sent=plan.serial_sent, **plan.knobs))
        port = self._port(name, plan.tcp_port)
        device = Device(name, model, port, injector, self._clock, counts_frames=False)
        self._devices.append(device)
        return Wire(model, device)

    def _exporting(self, name: str, station: StationPlan, rig: Rig) -> Exports | None:
        """Prepare the export folder; a day begins with a calibration and a flash without a panel."""
        if station.exports is None:
            return None
        exports = Exports(name, station.exports, rig, self._injector(name), self._progress, self._clock)
        exports.begin_day(_GOLDEN)
        self._exports.append(exports)
        return exports

    def _port(self, name: str, tcp_port: int | None) -> Callable[[OnBytes], Port]:
        if tcp_port is not None:
            return lambda on_bytes: TcpPort(tcp_port, on_bytes)
        return lambda on_bytes: PtyPort(self._plan.folder / name, on_bytes)

    def _injector(self, device: str) -> Injector:
        return Injector(device, self._plan.faults, self._log, self._started_s)

    def _tell_fault(self, injection: Injection) -> None:
        recovered_s = injection.recovered_s
        self._progress.emit(
            "fault",
            name=injection.name,
            device=injection.device,
            state="injected" if recovered_s is None else "recovered",
            took_s=None if recovered_s is None else round(recovered_s - injection.at_s, 3),
        )

    def _tell_move(self, move: Move) -> None:
        panel = move.panel
        state = move.to.value if isinstance(move.to, End) else "moved"
        to = None if isinstance(move.to, End) else move.to
        self._progress.emit(
            "panel", serial=panel.serial, type=panel.panel_type, state=state, station=move.station, to=to, why=move.why
        )
        for hands in self._hands:
            hands.moved.set()

    def _tell_end(self) -> None:
        ends = {end.value: len(panels) for end, panels in self._floor.ended.items()}
        recovered = sum(one.recovered_s is not None for one in self._log.injections)
        self._progress.emit(
            "done",
            panels=len(self._plan.panels),
            **ends,
            faults_injected=len(self._log.injections),
            faults_recovered=recovered,
        )


def _habits(plan: Plan, number: int, station: StationPlan) -> Habits:
    return Habits(
        commands=plan.commands,
        badge=plan.badges.get(number),
        shares=plan.shares,
        defects=plan.defects,
        criteria=station.criteria,
        electrical=station.electrical,
        inspect_s=station.inspect_s,
        patience_s=plan.patience_s,
        retry_s=plan.retry_s,
        rework_limit=plan.rework_limit,
        close_pallet_at_end=plan.close_pallet_at_end and number == max(plan.stations),
    )


def _panel(plan: PanelPlan, shares: Shares, seed: int) -> Panel:
    """Make a panel; without a named set-up the shares decide."""
    if plan.setup is not None:
        return Panel(plan.serial, plan.type, plan.setup)
    drawn = seeded("setup", seed, plan.serial).random()
    for setup in (Setup.WEAK, Setup.CRACKED, Setup.OPEN_STRING, Setup.NO_CONTACT):
        share = float(getattr(shares, setup.value))
        if drawn < share:
            return Panel(plan.serial, plan.type, setup)
        drawn -= share
    return Panel(plan.serial, plan.type)
