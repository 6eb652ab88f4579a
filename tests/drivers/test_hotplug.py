"""Ports that come and go ring, with udevd and without."""

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from drivers.bell import Bell
from drivers.hotplug import Hotplug, udev_monitor
from tests.drivers.watching import watching

if TYPE_CHECKING:
    from tests.drivers.conftest import FakeMachine


class FakeMonitor:
    """Events are bytes through a socket; `!` is an overflow."""

    def __init__(self) -> None:
        self.hear, self.say = socket.socketpair()
        self.hear.setblocking(False)
        self.taken = 0

    def fileno(self) -> int:
        return self.hear.fileno()

    def poll(self, timeout: float) -> object | None:
        assert timeout == 0
        try:
            event = self.hear.recv(1)
        except BlockingIOError:
            return None
        if event == b"!":
            raise OSError(105, "No buffer space available")
        self.taken += 1
        return event

    def close(self) -> None:
        self.hear.close()
        self.say.close()


async def test_without_udevd_it_looks_from_time_to_time(machine: "FakeMachine") -> None:
    assert udev_monitor(machine.roots) is None
    hotplug = Hotplug(machine.roots, poll_s=0.005)
    async with watching(hotplug):
        heard = hotplug.changed.rings
        assert not await hotplug.changed.wait(heard, 0.03), "nothing has changed"
        machine.plug("ttyUSB0", "2")
        assert await hotplug.changed.wait(heard, 60)
        heard = hotplug.changed.rings
        machine.unplug("ttyUSB0")
        assert await hotplug.changed.wait(heard, 60)


async def test_a_burst_of_events_is_drained_and_rings(machine: "FakeMachine") -> None:
    monitor = FakeMonitor()
    hotplug = Hotplug(machine.roots, poll_s=1000, monitor=lambda roots: monitor)
    async with watching(hotplug):
        heard = hotplug.changed.rings
        monitor.say.send(b"aaaa")
        assert await hotplug.changed.wait(heard, 60)
        assert monitor.taken == 4
    monitor.close()


async def test_after_lost_events_it_listens_anew(machine: "FakeMachine") -> None:
    monitors = [FakeMonitor(), FakeMonitor()]
    left = list(monitors)
    hotplug = Hotplug(machine.roots, poll_s=1000, monitor=lambda roots: left.pop(0))
    async with watching(hotplug):
        monitors[0].say.send(b"!")
        async with asyncio.timeout(60):
            while True:
                await asyncio.sleep(0)
                if not left:
                    break
        heard = hotplug.changed.rings
        monitors[1].say.send(b"a")
        assert await hotplug.changed.wait(heard, 60)
        assert monitors[1].taken == 1
    for monitor in monitors:
        monitor.close()


async def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    bell = Bell()
    heard = bell.rings
    bell.ring()
    assert await bell.wait(heard, 1000)
    assert not await bell.wait(bell.rings, 0)


async def test_every_waiter_hears_one_ring() -> None:
    bell = Bell()
    waiters = [asyncio.create_task(bell.wait(0, 1000)) for _ in range(3)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    bell.ring()
    assert await asyncio.gather(*waiters[1:]) == [True, True]
    with pytest.raises(asyncio.CancelledError):
        await waiters[0]


async def test_with_udevd_it_listens_to_the_kernels_messages_and_lets_go_again(machine: "FakeMachine") -> None:
    pytest.importorskip("pyudev")
    machine.roots.run_udev.mkdir(parents=True)
    (machine.roots.run_udev / "control").touch()
    if udev_monitor(machine.roots) is None:
        pytest.skip("this machine has no libudev")
    async with watching(Hotplug(machine.roots)):
        pass
