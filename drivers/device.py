"""The life of a device above its link: found, opened, heard, lost, found again. The one place that reconnects.

state      when                                        next
STOPPED    run                                         SEARCHING
SEARCHING  port found                                  OPENING
           port found, but not usable                  WAITING
           port absent                                 SEARCHING, looked for again
OPENING    opened                                      ONLINE
           port gone meanwhile                         SEARCHING
           failed                                      WAITING
ONLINE     nothing heard for `silent_after_s`          SILENT
           lost                                        WAITING
SILENT     a byte heard                                ONLINE
           lost, or the device should speak unasked    WAITING
WAITING    port found / absent / not usable            OPENING / SEARCHING / WAITING
any        cancelled                                   STOPPED
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from drivers.backoff import Backoff
from drivers.bell import Bell
from drivers.errors import DriverError, LinkLost, PortAbsent
from drivers.instrument import Answer, Emit
from drivers.link.apart import apart
from drivers.link.base import ByteLink
from drivers.protocol import Audible, DeviceProtocol
from drivers.readings import DeviceState, DeviceStatus, Reading
from drivers.session import Session

_log = logging.getLogger(__name__)

_SETTLE_S = 0.02  # between a loss and the next attempt, even when ports change all the time

NEXT: dict[DeviceState, frozenset[DeviceState]] = {
    DeviceState.STOPPED: frozenset({DeviceState.SEARCHING}),
    DeviceState.SEARCHING: frozenset({DeviceState.SEARCHING, DeviceState.OPENING, DeviceState.WAITING}),
    DeviceState.OPENING: frozenset({DeviceState.ONLINE, DeviceState.SEARCHING, DeviceState.WAITING}),
    DeviceState.ONLINE: frozenset({DeviceState.SILENT, DeviceState.WAITING}),
    DeviceState.SILENT: frozenset({DeviceState.ONLINE, DeviceState.WAITING}),
    DeviceState.WAITING: frozenset({DeviceState.OPENING, DeviceState.SEARCHING, DeviceState.WAITING}),
}


class SupervisedDevice:
    """An `Instrument` over a link and a wire syntax.

    `make_link` is called in a thread at each attempt and resolves the port's identity anew: it returns a closed
    link, or raises a DriverError. `silent_after_s` None: silence is normal. `changed` rings when ports come or
    go, and cuts a wait short.
    """

    def __init__(
        self,
        name: str,
        make_link: Callable[[], ByteLink],
        protocol: DeviceProtocol,
        *,
        backoff: Backoff | None = None,
        silent_after_s: float | None = None,
        open_timeout_s: float = 30.0,
        changed: Bell | None = None,
    ) -> None:
        self._name = name
        self._make_link = make_link
        self._protocol = protocol
        self._backoff = backoff or Backoff()
        self._silent_after_s = silent_after_s
        self._open_timeout_s = open_timeout_s
        self._changed = changed or Bell()
        self._session: Session | None = None
        self._opened_ns = 0
        self._failing = False
        self._status = self._became(DeviceState.STOPPED)

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    @property
    def status(self) -> DeviceStatus:
        """The last state change."""
        return self._status

    async def run(self, emit: Emit) -> None:
        """Live until cancelled; see `Instrument.run`. Statuses and readings are emitted in the order they happened."""
        try:
            await self._enter(emit, self._became(DeviceState.SEARCHING))
            while True:
                rings = self._changed.rings
                try:
                    await self._attempt(emit)
                except DriverError as error:
                    await self._failed(emit, error)
                await self._rest(rings)
        finally:
            self._status = self._became(DeviceState.STOPPED)

    async def answer(self, reading: Reading, answer: Answer) -> None:
        """Tell the device about a reading; see `Instrument.answer`."""
        if self._session is not None and reading.monotonic_ns >= self._opened_ns:  # else it would release another scan
            await self._sent(self._session.reply, self._protocol.answer(reading, answer))

    async def arm(self, serial: str | None) -> bool:
        """Prepare the flash of `serial`; see `Instrument.arm`."""
        order = self._protocol.arm(serial)
        if not order:
            return order is not None
        return self._session is not None and await self._sent(self._session.order, order)

    async def sound(self, *, good: bool) -> bool:
        """Make a sound; see `Instrument.sound`."""
        if self._session is None or not isinstance(self._protocol, Audible):
            return True
        sound = self._protocol.sound(good=good)
        if sound is None:
            return False
        await self._sent(self._session.reply, sound)
        return True

    async def _attempt(self, emit: Emit) -> None:
        """Find, open and listen until an error ends it."""
        link = await self._find()
        port, self._opened_ns = link.port, time.monotonic_ns()
        await self._enter(emit, self._became(DeviceState.OPENING, port))
        try:
            await self._open(link)
            await self._enter(emit, self._became(DeviceState.ONLINE, port))
            await self._listen(emit, link)
        finally:
            self._session = None
            await link.close()

    async def _find(self) -> ByteLink:
        try:
            return await apart(self._make_link, lambda _closed: None, name=f"find the port of {self._name}")
        except DriverError:
            raise
        except OSError as error:
            raise LinkLost(f"The ports cannot be listed: {error}.") from error
        except Exception as error:
            raise self._at_fault(error) from error

    async def _open(self, link: ByteLink) -> None:
        try:
            async with asyncio.timeout(self._open_timeout_s):
                await link.open()
        except DriverError:
            raise
        except TimeoutError as error:
            raise LinkLost(f"{link.port} did not open within {self._open_timeout_s:g} s.") from error
        except Exception as error:
            raise self._at_fault(error) from error

    def _at_fault(self, error: Exception) -> LinkLost:
        """A fault in one link must not stop the line."""
        _log.error("%s: its driver failed and tries again", self._name, exc_info=error, extra={"device": self._name})
        return LinkLost(f"The driver failed: {error!r}.", todo="Please report it; the device is tried again by itself.")

    async def _listen(self, emit: Emit, link: ByteLink) -> None:
        async def told(silent: bool, reason: str) -> None:
            state = DeviceState.SILENT if silent else DeviceState.ONLINE
            todo = "Check that the device is switched on." if silent else ""
            await self._enter(emit, self._became(state, link.port, reason, todo))

        session = Session(self._name, link, self._protocol, emit=emit, told=told, silent_after_s=self._silent_after_s)
        began_s = asyncio.get_running_loop().time()
        self._session = session
        try:
            await session.run()
        finally:
            if session.heard or asyncio.get_running_loop().time() - began_s > self._backoff.cap_s:
                self._backoff.reset()
                self._failing = False

    async def _failed(self, emit: Emit, error: DriverError) -> None:
        level, self._failing = logging.DEBUG if self._failing else logging.WARNING, True
        _log.log(level, "%s: %s", self._name, error, extra={"device": self._name})
        state = DeviceState.SEARCHING if isinstance(error, PortAbsent) else DeviceState.WAITING
        await self._enter(emit, self._became(state, self._status.port, str(error), error.todo))

    async def _rest(self, rings: int) -> None:
        """Wait out the backoff, or until ports change."""
        await asyncio.sleep(_SETTLE_S)
        if await self._changed.wait(rings, self._backoff.next_s()):
            self._backoff.reset()

    async def _sent(self, send: Callable[[bytes], Awaitable[None]], data: bytes) -> bool:
        try:
            await send(data)
        except DriverError as error:
            _log.debug("%s did not hear %r: %s", self._name, data, error)
            return False
        return True

    async def _enter(self, emit: Emit, status: DeviceStatus) -> None:
        before = self._status
        if status.state not in NEXT[before.state]:
            raise RuntimeError(f"{self._name}: {before.state} cannot become {status.state}")
        if (status.state, status.port, status.reason) != (before.state, before.port, before.reason):
            self._status = status
            await emit(status)

    def _became(self, state: DeviceState, port: str | None = None, reason: str = "", todo: str = "") -> DeviceStatus:
        return DeviceStatus(
            device=self._name,
            state=state,
            wall=datetime.now(UTC),
            monotonic_ns=time.monotonic_ns(),
            port=port,
            reason=reason,
            todo=todo,
        )
