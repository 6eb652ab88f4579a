"""Devices opened by a tool of its own, while their line's daemon does not run: heard, and told as little as can be."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from daemon.config import ScannerPart, TesterPart
from daemon.wiring.devices import make_scanner, make_tester
from drivers.bell import Bell
from drivers.instrument import Emit, Instrument
from drivers.readings import Answer, DeviceStatus, Reading
from drivers.tap import Ear, Tap


@asynccontextmanager
async def listening_alone(
    parts: Sequence[ScannerPart | TesterPart], note: Callable[[str], None]
) -> AsyncGenerator[Ear, None]:
    """Run devices and listen in on all of them; `note` hears in words what becomes of their ports."""
    tap = Tap()
    with tap.listening() as ear:
        running = [asyncio.create_task(_run(part, tap, note), name=f"device {part.name}") for part in parts]
        try:
            yield ear
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _run(part: ScannerPart | TesterPart, tap: Tap, note: Callable[[str], None]) -> None:
    if isinstance(part, ScannerPart):
        scanner = make_scanner(part, Bell(), tap)
        await scanner.run(_emit(note, scanner))
    else:
        await make_tester(part, Bell(), _unknown, tap).run(_emit(note, None))


def _emit(note: Callable[[str], None], scanner: Instrument | None) -> Emit:
    """A scanner that waits is let go, without a sound; a tester's result is not acknowledged: nobody stores it."""

    async def emit(item: Reading | DeviceStatus) -> None:
        if isinstance(item, DeviceStatus):
            words = item.reason or f"{item.state.value} at {item.port}"
            note(f"{item.device}: {words} {item.todo}".rstrip())
        elif scanner is not None:
            await scanner.answer(item, Answer.SEEN)

    return emit


async def _unknown(_digest: str) -> bool:
    return False
