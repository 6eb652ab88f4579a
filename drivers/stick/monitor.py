"""Notices that sticks come and go. A hint: who wants to know which ones looks by itself."""

import contextlib
from collections.abc import Callable

from drivers.hotplug import Hotplug, Monitor, udev_monitor
from drivers.sysfs import Roots, read_text


class StickMonitor:
    """Rings `changed` whenever a USB disk or its partitions have come, gone or changed.

    Told by udev where udevd runs; looks by itself every `poll_s` in any case. Reads only attributes the kernel gives
    without asking the device: a dying stick cannot hold it up.
    """

    def __init__(
        self,
        roots: Roots | None = None,
        *,
        poll_s: float = 2.0,
        monitor: Callable[[Roots], Monitor | None] | None = None,
    ) -> None:
        events = monitor or (lambda roots: udev_monitor(roots, "block"))
        self._hotplug = Hotplug(roots, poll_s=poll_s, monitor=events, look=_disks)
        self.changed = self._hotplug.changed

    async def run(self) -> None:
        """Watch until cancelled. Never raises for anything udev does."""
        await self._hotplug.run()


def _disks(roots: Roots) -> frozenset[str]:
    """Every USB disk and partition with its place, its size (a card changes it) and the count of its coming."""
    found = set()
    with contextlib.suppress(OSError):
        for entry in (roots.sys / "class/block").iterdir():
            with contextlib.suppress(OSError):
                target = str(entry.readlink())
                if "/usb" in target:
                    found.add(f"{target} {read_text(entry / 'size')} {read_text(entry / 'diskseq')}")
    return frozenset(found)
