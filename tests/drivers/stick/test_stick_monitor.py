"""Sticks that come, go or get a card ring; other disks do not."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.hotplug import udev_monitor
from drivers.stick import StickMonitor
from drivers.sysfs import read_text
from drivers.usb import describe_adapter
from tests.drivers.watching import watching

if TYPE_CHECKING:
    from tests.drivers.stick.conftest import StickTree

MIB = 1 << 20


async def test_a_stick_that_comes_gets_a_card_and_goes_rings(tree: "StickTree") -> None:
    monitor = StickMonitor(tree.roots, poll_s=0.005)
    async with watching(monitor):
        heard = monitor.changed.rings
        assert not await monitor.changed.wait(heard, 0.03), "nothing has changed"
        tree.usb("2")
        disk = tree.disk("sdb", "2", size=0)
        assert await monitor.changed.wait(heard, 60)
        await asyncio.sleep(0.05)
        heard = monitor.changed.rings
        (disk / "size").write_text("131072\n")
        assert await monitor.changed.wait(heard, 60)
        await asyncio.sleep(0.05)
        heard = monitor.changed.rings
        tree.unplug("2")
        assert await monitor.changed.wait(heard, 60)


async def test_the_machines_own_disks_do_not_ring(tree: "StickTree") -> None:
    monitor = StickMonitor(tree.roots, poll_s=0.005)
    async with watching(monitor):
        heard = monitor.changed.rings
        (tree.roots.sys / "class/block/loop0").unlink()
        (tree.roots.sys / "class/block/sda/size").write_text("1\n")
        assert not await monitor.changed.wait(heard, 0.03)


async def test_it_asks_no_device_for_anything(tree: "StickTree", monkeypatch: pytest.MonkeyPatch) -> None:
    tree.usb("2")
    tree.disk("sdb", "2", 63 * MIB)
    read: list[str] = []

    def reading(file: Path) -> str | None:
        read.append(file.name)
        return read_text(file)

    monkeypatch.setattr("drivers.stick.monitor.read_text", reading)
    async with watching(StickMonitor(tree.roots, poll_s=0.005)):
        pass
    assert set(read) == {"size", "diskseq"}, "the kernel gives these without the device"


async def test_with_udevd_it_listens_to_block_devices(tree: "StickTree") -> None:
    tree.roots.run_udev.mkdir(parents=True)
    (tree.roots.run_udev / "control").touch()
    if udev_monitor(tree.roots, "block") is None:
        pytest.skip("this machine has no libudev")
    async with watching(StickMonitor(tree.roots)):
        pass


def test_a_stick_is_described_for_people(tree: "StickTree") -> None:
    told = describe_adapter(tree.usb("2", product="Ultra\x1b[31m"))
    assert (told.manufacturer, told.product, told.chip_serial) == ("SanDisk", "Ultra [31m", "4C530001230705117412")
    assert (told.vendor_id, told.product_id, told.release, told.max_power_ma) == ("0781", "5581", "0100", 224)
