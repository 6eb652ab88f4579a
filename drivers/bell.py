"""A signal for everybody who waits: something about the ports has changed."""

import asyncio


class Bell:
    """Wakes all its waiters at each ring. A ring between looking and waiting is not missed."""

    def __init__(self) -> None:
        self._rings = 0
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def rings(self) -> int:
        """How often it rang: look it up before the work that a ring would make worth repeating."""
        return self._rings

    def ring(self) -> None:
        """Wake everybody who waits. Call from the event loop's thread."""
        self._rings += 1
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, heard: int, timeout_s: float) -> bool:
        """Return True as soon as it has rung more than `heard` times, False after `timeout_s`."""
        if self._rings != heard:
            return True
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait({waiter}, timeout=timeout_s)
        finally:
            self._waiters.discard(waiter)
            waiter.cancel()
        return self._rings != heard
