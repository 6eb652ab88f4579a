"""When it is worth asking Redis at all: pure, time is passed in."""

from dataclasses import dataclass
from enum import StrEnum


class Circuit(StrEnum):
    """The states of a breaker."""

    CLOSED = "closed"  # everybody may ask
    OPEN = "open"  # nobody asks
    PROBING = "probing"  # one asks, for all


class Admission(StrEnum):
    """What a caller is told before asking; it hands it back with how it went."""

    CALL = "call"
    PROBE = "probe"
    REFUSED = "refused"


@dataclass(slots=True)
class Breaker:
    """Opens after `failures_to_open` failures in a row; then one probe at a time, each `first_s` doubled up to `cap_s`.

    Times are seconds of any clock that only grows.
    """

    failures_to_open: int = 3
    first_s: float = 0.5
    cap_s: float = 15.0
    circuit: Circuit = Circuit.CLOSED
    _failures: int = 0
    _delay_s: float = 0.0
    _probe_at_s: float = 0.0

    def admit(self, now_s: float) -> Admission:
        """Say whether to ask now. A PROBE blocks all others until it is answered, failed or abandoned."""
        if self.circuit is Circuit.CLOSED:
            return Admission.CALL
        if self.circuit is Circuit.OPEN and now_s >= self._probe_at_s:
            self.circuit = Circuit.PROBING
            return Admission.PROBE
        return Admission.REFUSED

    def answered(self) -> None:
        """Redis answered: everybody may ask."""
        self.circuit = Circuit.CLOSED
        self._failures = 0
        self._delay_s = 0.0

    def failed(self, admission: Admission, now_s: float) -> None:
        """Redis did not answer. A call begun before the circuit opened changes nothing any more."""
        self._failures += 1
        opens = self.circuit is Circuit.CLOSED and self._failures >= self.failures_to_open
        if opens or admission is Admission.PROBE:
            self._delay_s = min(self._delay_s * 2 or self.first_s, self.cap_s)
            self._probe_at_s = now_s + self._delay_s
            self.circuit = Circuit.OPEN

    def abandoned(self, admission: Admission) -> None:
        """The caller went away before there was an answer: where it was the probe, the next one may probe."""
        if admission is Admission.PROBE and self.circuit is Circuit.PROBING:
            self.circuit = Circuit.OPEN
