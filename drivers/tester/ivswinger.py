"""IV Swinger 2, an open-hardware I-V curve tracer, over USB serial at 57600 8N1.

Source: the firmware's serial protocol. Lines end in CR LF from the device and in LF from the host. After a reset the
device says `Ready` about once a second and takes one message after each, until the message is `Ready`; then it waits
for `Go`. Every host line is echoed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from drivers.framing import Cutter, Ending, Frame, Framing, Noise
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Garbled, Reading, TesterFault
from drivers.tester.sweep import BrokenSweep, Calibration, Sweep

BAUD = 57600
_BANNER = "IV Swinger2 sketch version"
_READY = "Ready"
_ECHO_OF_READY = "Received host message: Ready"
_AT_PROMPT = "Waiting for go message or config message"
_COMPLETE = "Output complete"
_SET = "Config processed"
_ERROR = "ERROR:"
_DATA = ("Temperature at sensor", "CH1 ADC noise floor", "Isc CH0:", "Voc CH0:")
_LONGEST_MESSAGE = 34


class Phase(StrEnum):
    """Where the conversation is."""

    UNKNOWN = "unknown"  # just opened: the device may be starting, or be waiting for `Go` since long ago
    STARTING = "starting"
    WAITING = "waiting"
    SWEEPING = "sweeping"


_PATIENCE_S = {Phase.UNKNOWN: 3.0, Phase.STARTING: 5.0, Phase.WAITING: None, Phase.SWEEPING: 30.0}


@dataclass(frozen=True, slots=True)
class IvSwingerSettings:
    """How to read an IV Swinger 2. `config` are firmware settings to send at start, such as `MAX_IV_POINTS 275`."""

    calibration: Calibration = field(default_factory=Calibration)
    config: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in self.config:
            if not line.isascii() or not line.isprintable() or len(f"Config: {line}") > _LONGEST_MESSAGE:
                raise ValueError(f"the firmware cannot take the setting {line!r}")


class IvSwinger:
    """Brings the device to its prompt, starts a sweep when armed, returns one flash a sweep.

    A sweep that nobody armed is returned all the same.
    """

    def __init__(self, settings: IvSwingerSettings, device: str) -> None:
        self._settings = settings
        self._device = device
        self._cutter = Cutter(Framing(ending=Ending.LINE, stale_s=1.0))
        self._phase = Phase.UNKNOWN
        self._echoed = False
        self._sweep: Sweep | None = None
        self._unset: list[str] = []
        self._forget()

    @property
    def phase(self) -> Phase:
        """Where the conversation is."""
        return self._phase

    @property
    def idle_after_s(self) -> float | None:
        """The patience with half a line or with the present phase; None at the prompt."""
        return self._cutter.idle_after_s or _PATIENCE_S[self._phase]

    @property
    def speaks_unasked(self) -> bool:
        """True until the device is at its prompt: it repeats itself while starting."""
        return self._phase in {Phase.UNKNOWN, Phase.STARTING}

    @property
    def noise(self) -> Noise:
        """Bytes outside any line."""
        return self._cutter.noise

    def opened(self) -> bytes:
        """Begin anew. Nothing is sent: opening the port usually resets the device, which then speaks first."""
        self._cutter.reset()
        self._forget()
        return b""

    def feed(self, chunk: Chunk) -> Output:
        """Return the sweeps that `chunk` completes and the messages the start-up needs."""
        return self._take(self._cutter.feed(chunk.data), chunk.wall, chunk.monotonic_ns)

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """Give up half a line; give up a sweep; or ask a silent device whether it is there."""
        if self._cutter.idle_after_s is not None:
            return self._take(self._cutter.idle(), wall, monotonic_ns)
        if self._phase is Phase.UNKNOWN and self._echoed:
            self._phase = Phase.WAITING
            return Output(replies=self._next_setting())
        broken = self._broken("it did not end", wall, monotonic_ns)
        self._forget()
        return Output(broken, b"Ready\n")

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return nothing: the device does not wait for a verdict."""
        return b""

    def arm(self, serial: str | None) -> bytes | None:
        """Return `Go` when the device is at its prompt, else None. The sweep starts at once and cannot be disarmed."""
        if serial is None:
            return b""
        if self._phase is not Phase.WAITING:
            return None
        self._phase = Phase.SWEEPING
        return b"Go\n"

    def _forget(self) -> None:
        self._phase = Phase.UNKNOWN
        self._echoed = False
        self._sweep = None
        self._unset = list(self._settings.config)

    def _take(self, frames: list[Frame], wall: datetime, monotonic_ns: int) -> Output:
        readings: list[Reading] = []
        replies = b""
        for frame in frames:
            output = self._frame(frame, wall, monotonic_ns)
            readings.extend(output.readings)
            replies += output.replies
        return Output(tuple(readings), replies)

    def _frame(self, frame: Frame, wall: datetime, monotonic_ns: int) -> Output:
        line = frame.raw.decode("ascii", errors="replace")
        if frame.fault or not line.isascii() or not line.isprintable():
            return self._damaged(frame, wall, monotonic_ns)
        if line.startswith(_BANNER) or line in {_READY, _AT_PROMPT}:
            return self._conversation(line, wall, monotonic_ns)
        if line.startswith(_ERROR):
            return Output((self._fault(frame.raw, f"The tester reports: {line}", wall, monotonic_ns),))
        if line == _COMPLETE:
            return self._complete(frame.raw, wall, monotonic_ns)
        if line == _SET and self._phase is Phase.WAITING:
            return Output(replies=self._next_setting())
        self._echoed = self._echoed or line == _ECHO_OF_READY
        if line.startswith(_DATA):
            self._phase = Phase.SWEEPING
        if self._phase is Phase.SWEEPING:
            self._sweep = self._sweep or Sweep()
            self._sweep.add(frame.raw, line)
        return Output()

    def _conversation(self, line: str, wall: datetime, monotonic_ns: int) -> Output:
        """Follow the device through its start; each of these lines also ends a sweep that was under way."""
        broken = self._broken("the tester started anew", wall, monotonic_ns)
        self._sweep = None
        if line == _AT_PROMPT:
            self._phase = Phase.WAITING
            return Output(broken)
        if line.startswith(_BANNER):
            self._forget()
        self._phase = Phase.STARTING
        if line != _READY:
            return Output(broken)
        return Output(broken, self._next_setting() or b"Ready\n")

    def _next_setting(self) -> bytes:
        return f"Config: {self._unset.pop(0)}\n".encode("ascii") if self._unset else b""

    def _complete(self, raw: bytes, wall: datetime, monotonic_ns: int) -> Output:
        sweep, self._sweep = self._sweep or Sweep(), None
        sweep.add(raw, _COMPLETE)
        self._phase = Phase.WAITING
        try:
            return Output((sweep.reading(self._settings.calibration, self._device, wall, monotonic_ns),))
        except BrokenSweep as error:
            reason = f"The sweep cannot be read: {error}. Flash again."
            return Output((self._garbled(b"\n".join(sweep.raw), reason, wall, monotonic_ns),))

    def _damaged(self, frame: Frame, wall: datetime, monotonic_ns: int) -> Output:
        """Spoil the sweep under way with a damaged line; outside a sweep the line is reported by itself."""
        if self._sweep is None:
            why = frame.fault or "it is no printable text"
            reason = f"A line of the tester cannot be read: {why}."
            return Output((self._garbled(frame.raw, reason, wall, monotonic_ns),))
        self._sweep.raw.append(frame.raw)
        self._sweep.damage = self._sweep.damage or "one of its lines is damaged"
        return Output()

    def _broken(self, why: str, wall: datetime, monotonic_ns: int) -> tuple[Reading, ...]:
        """Return the fault of a sweep that was started and will not be completed, if there is one."""
        if self._sweep is None and self._phase is not Phase.SWEEPING:
            return ()
        raw = b"\n".join(self._sweep.raw) if self._sweep else b""
        return (self._fault(raw, f"The sweep broke off: {why}. Flash again.", wall, monotonic_ns),)

    def _fault(self, raw: bytes, reason: str, wall: datetime, monotonic_ns: int) -> TesterFault:
        return TesterFault(device=self._device, raw=raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)

    def _garbled(self, raw: bytes, reason: str, wall: datetime, monotonic_ns: int) -> Garbled:
        return Garbled(device=self._device, raw=raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)
