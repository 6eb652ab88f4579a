"""Notices that sticks come and go. A hint: who wants to know which ones looks by itself."""

from collections.abc import Callable

from drivers.bell import Bell
from drivers.hotplug import Monitor
from drivers.sysfs import Roots


class StickMonitor:
    """Rings `changed` whenever a USB disk or its partitions have come, gone or changed.

    Told by udev where udevd runs; looks by itself every `poll_s` in any case. Reads sysfs alone: a dying stick cannot
    hold it up.
    """

    def __init__(
        self,
        roots: Roots | None = None,
        *,
        poll_s: float = 2.0,
        monitor: Callable[[Roots], Monitor | None] | None = None,
    ) -> None:
        self.changed = Bell()

    async def run(self) -> None:
        """Watch until cancelled. Never raises for anything udev does."""
        raise NotImplementedError
