"""IV Swinger 2 as a model: says Ready until its host does, takes configuration, sweeps on Go."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from simulators.wire import swinger as wire

Sweep = Callable[[], list[tuple[float, float]]]
_READY_EVERY_S = 1.0


class Phase(StrEnum):
    """Where the sketch is."""

    GREETING = "greeting"
    WAITING = "waiting"


class Swinger:
    """The sketch. `sweep` gives the (V, A) points of what lies on the rig when Go arrives."""

    def __init__(self, sweep: Sweep, *, volts_per_count: float = 0.025635, amps_per_count: float = 0.003212) -> None:
        self._sweep = sweep
        self._scale = (volts_per_count, amps_per_count)
        self._out: deque[bytes] = deque()
        self._rest = b""
        self.phase = Phase.GREETING
        self.config: dict[str, str] = {}
        self.sweeps = 0
        self._ready_at_s: float | None = None

    def plug(self, now_s: float) -> None:
        """Get power and start the sketch: banner, then Ready once a second."""
        self._out.clear()
        self._rest = b""
        self.phase = Phase.GREETING
        self._say(wire.BANNER)
        self._say_ready(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        """Take host bytes; every whole line is echoed and acted on."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for raw in lines:
            self._obey(raw.decode("ascii", "replace").strip(), now_s)

    def _obey(self, message: str, now_s: float) -> None:
        """Act on what a message contains: the sketch looks for words, not for whole lines."""
        self._say(wire.echo(message))
        if "Config" in message:
            self._configure(message.split()[1:])
        if self.phase is Phase.WAITING:
            if "Go" in message:
                self._run()
        elif wire.READY in message:
            self._settle()
        else:
            self._say_ready(now_s)

    def _settle(self) -> None:
        self.phase = Phase.WAITING
        self._ready_at_s = None
        self._say(*wire.CAPABILITIES, wire.WAITING)

    def _configure(self, words: list[str]) -> None:
        if len(words) == 2:
            self.config[words[0]] = words[1]
        self._say(wire.CONFIG_PROCESSED)

    def _run(self) -> None:
        self.sweeps += 1
        self._say(*wire.sweep(self._sweep(), *self._scale), wire.WAITING)

    @property
    def wake_at_s(self) -> float | None:
        """When the next Ready is due."""
        return self._ready_at_s if self.phase is Phase.GREETING else None

    def advance(self, now_s: float) -> None:
        """Let time pass: Ready about once a second until the host says it too."""
        if self.wake_at_s is not None and now_s >= self.wake_at_s:
            self._say_ready(now_s)

    def take_frame(self) -> bytes | None:
        """Return the next line to write, if any."""
        return self._out.popleft() if self._out else None

    def written(self, now_s: float) -> None:
        """Nothing depends on when a line is out."""

    def unplug(self) -> None:
        """Lose the link: the board resets when it is opened again."""
        self._out.clear()

    def _say_ready(self, now_s: float) -> None:
        self._say(wire.READY)
        self._ready_at_s = now_s + _READY_EVERY_S

    def _say(self, *texts: str) -> None:
        self._out.extend(wire.line(text) for text in texts)
