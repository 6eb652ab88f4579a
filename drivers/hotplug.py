"""Notices that devices come and go. A hint, never an authority: who waits for one still looks by itself."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Protocol

import pyudev

from drivers.bell import Bell
from drivers.sysfs import Roots

_log = logging.getLogger(__name__)

_OF_PORTS = ("tty", "input")
_REMAKE_S = 0.1  # a monitor that breaks at once must not keep the loop busy


class Monitor(Protocol):
    """The part of pyudev's monitor that is used."""

    def fileno(self) -> int:
        """Return the descriptor that becomes readable with an event."""
        ...

    def poll(self, timeout: float) -> object | None:
        """Return the next event, None when there is none. Raises OSError when events were lost."""
        ...


class Hotplug:
    """Rings `changed` whenever the devices have changed: serial ports and keyboards, unless `look` sees others.

    Told by udev where udevd runs; looks by itself every `poll_s` in any case. `monitor` makes a started monitor,
    or returns None where there is none to be had. `look` must not wait for any device.
    """

    def __init__(
        self,
        roots: Roots | None = None,
        *,
        poll_s: float = 2.0,
        monitor: Callable[[Roots], Monitor | None] | None = None,
        look: Callable[[Roots], frozenset[str]] | None = None,
    ) -> None:
        self.changed = Bell()
        self._roots = roots or Roots()
        self._poll_s = poll_s
        self._make_monitor = monitor or udev_monitor
        self._see = look or _ports
        self._broken = asyncio.Event()

    async def run(self) -> None:
        """Watch until cancelled. Never raises for anything udev does."""
        while True:
            with self._listening():  # before the first look: what comes in between is not missed
                self.changed.ring()
                self._broken.clear()
                await self._look()
            await asyncio.sleep(_REMAKE_S)

    async def _look(self) -> None:
        """Compare what is plugged from time to time. Returns when the monitor has to be made anew."""
        before = self._see(self._roots)
        while not self._broken.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._broken.wait()
            now = self._see(self._roots)
            if now != before:
                self.changed.ring()
            before = now

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        monitor = self._make_monitor(self._roots)
        if monitor is None:
            yield
            return
        loop, descriptor = asyncio.get_running_loop(), monitor.fileno()
        loop.add_reader(descriptor, self._drain, monitor)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)

    def _drain(self, monitor: Monitor) -> None:
        """Take every waiting event, or the descriptor stays readable and the loop spins."""
        try:
            while monitor.poll(timeout=0) is not None:
                pass
        except OSError as error:
            _log.info("hot-plug events were lost, the monitor is made anew: %s", error)
            asyncio.get_running_loop().remove_reader(monitor.fileno())
            self._broken.set()
        self.changed.ring()


def udev_monitor(roots: Roots, *subsystems: str) -> Monitor | None:
    """Return a started monitor of subsystems' devices, else of ports; None without a running udevd or libudev."""
    if not (roots.run_udev / "control").exists():
        return None  # udevd's events would never come, in silence
    try:
        monitor: pyudev.Monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="udev")
        for subsystem in subsystems or _OF_PORTS:
            monitor.filter_by(subsystem)
        monitor.start()
    except (OSError, ImportError) as error:
        _log.info("no hot-plug events, devices are looked for from time to time: %s", error)
        return None
    return monitor  # type: ignore[no-any-return]


def _ports(roots: Roots) -> frozenset[str]:
    """Every terminal and every input device with the place it sits at."""
    found = set()
    for subsystem in _OF_PORTS:
        with contextlib.suppress(OSError):
            for entry in (roots.sys / "class" / subsystem).iterdir():
                with contextlib.suppress(OSError):
                    found.add(f"{entry.name} {entry.readlink()}")
    return frozenset(found)
