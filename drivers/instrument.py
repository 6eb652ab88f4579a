"""What every device looks like from outside: it runs, it emits readings, it can be answered and armed."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from drivers.readings import Answer, DeviceStatus, Reading

__all__ = ["Answer", "Emit", "Instrument"]

Emit = Callable[[Reading | DeviceStatus], Awaitable[None]]
"""Takes over one reading. Returns when it is queued, in order; never drops."""


class Instrument(Protocol):
    """A device with a life of its own."""

    @property
    def name(self) -> str:
        """The configured name, unique on the line."""
        ...

    @property
    def status(self) -> DeviceStatus:
        """The last state change."""
        ...

    async def run(self, emit: Emit) -> None:
        """Live until cancelled: find the port, open, read, reconnect for ever.

        Never ends by itself and never raises for anything the hardware does. Cancelled, it closes the port.
        """
        ...

    async def answer(self, reading: Reading, answer: Answer) -> None:
        """Tell the device about a reading it emitted; a device without feedback ignores it.

        Raises nothing when the device is gone: an answer to an absent device has nobody to hear it.
        """
        ...

    async def arm(self, serial: str | None) -> bool:
        """Prepare a tester for the flash of `serial` (None: disarm). True when the device took it or needs nothing.

        Devices that measure nothing answer True.
        """
        ...

    async def sound(self, *, good: bool) -> bool:
        """Make a sound for good or bad news that belongs to no reading. False: not now, ask again.

        True for a device without sounds and for one that is not there: nobody would hear it later either.
        """
        ...
