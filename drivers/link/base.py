"""What every byte link promises, whatever carries the bytes."""

from typing import Protocol

from drivers.protocol import Chunk


class ByteLink(Protocol):
    """A two-way stream of bytes to one device, opened and closed by its owner.

    Opened again after a loss or a close it starts afresh. A loss is sticky: until then every call repeats its
    first cause. Used from one event loop.
    """

    @property
    def port(self) -> str | None:
        """The device file or address, for people; None before it is known."""
        ...

    async def open(self) -> None:
        """Connect. Failed or cancelled it leaves nothing behind, not even a descriptor that comes late.

        Raises PortAbsent, PortBusy, PortForbidden, NeedsPerson (the settings cannot work), LinkLost, and
        LinkClosed when closed or aborted meanwhile. Opening an open link is a RuntimeError.
        """
        ...

    async def receive(self, timeout_s: float | None = None) -> Chunk | None:
        """Return the next bytes; None when nothing came for `timeout_s`. Cancelled it loses nothing.

        Raises LinkLost once every chunk received before the loss was returned, LinkClosed after close or abort.
        A second receive at the same time is a RuntimeError.
        """
        ...

    async def write(self, data: bytes) -> None:
        """Return when the system has taken all of `data`; messages written at the same time stay whole.

        Cancelled, any part of it may still go out. Raises LinkLost when the link is broken or the device takes
        nothing for the link's `stall_s` (which breaks it), LinkClosed when it is not open.
        """
        ...

    async def close(self) -> None:
        """Send what was written, for a bounded time, then release the port. Never raises.

        Cancelled, or called again meanwhile, it aborts.
        """
        ...

    def abort(self) -> None:
        """Discard output and release the port within this loop's next rounds, without waiting. Never raises."""
        ...
