"""What passes over a scanner's wire gathered into one burst: raw bytes, or texts where the wire has its own borders."""

from dataclasses import dataclass, field

from daemon.scantest.bursts import Burst, presses_of
from daemon.scantest.findings import Expected
from daemon.scantest.traces import trace
from drivers.readings import Garbled, Scan
from drivers.tap import Passed

_ENDS = b"\r\n\x03"
_MOST_BYTES = 4096
_LONGEST_NS = 3_000_000_000


@dataclass(slots=True)
class Listening:
    """Takes moments until a code is whole; a silence ends it in any case."""

    expected: Expected
    _heard: bytearray = field(default_factory=bytearray)
    _texts: list[str] = field(default_factory=list)
    _garbled: bool = False
    _began_ns: int | None = None
    _ended_ns: int = 0

    def take(self, passed: Passed) -> None:
        """Take what passed; what is sent to the scanner means nothing."""
        if not (passed.heard or passed.readings):
            return
        self._began_ns = self._began_ns if self._began_ns is not None else passed.monotonic_ns
        self._ended_ns = passed.monotonic_ns
        self._heard += passed.heard[: _MOST_BYTES - len(self._heard)]
        self._garbled = self._garbled or any(isinstance(one, Garbled) for one in passed.readings)
        if self.expected.framed:
            self._texts += [one.text for one in passed.readings if isinstance(one, Scan)]

    @property
    def is_whole(self) -> bool:
        """Tell whether a test code came with its end, or more than any code: nobody has to wait for a silence."""
        if len(self._heard) >= _MOST_BYTES or self._ended_ns - (self._began_ns or 0) > _LONGEST_NS:
            return self._began_ns is not None
        if self.expected.framed:
            return bool(self._texts)
        data = bytes(self._heard)
        burst = Burst(data=data, began_ns=0, ended_ns=0)
        return data.endswith((b"\r", b"\n", b"\x03")) and all(trace(press.text) for press in presses_of([burst]))

    @property
    def burst(self) -> Burst | None:
        """What came; None: nothing."""
        if self._began_ns is None or not (self._heard or self._texts):
            return None
        data = "".join(self._texts).encode() if self._texts else bytes(self._heard)
        return Burst(
            data=data, began_ns=self._began_ns, ended_ns=self._ended_ns, framed=bool(self._texts),
            asked_again=self._garbled and self.expected.kind == "honeywell-ack-nak",
        )  # fmt: skip
