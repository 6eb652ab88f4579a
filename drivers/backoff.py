"""How long to wait before the next attempt."""

import random
from collections.abc import Callable
from dataclasses import dataclass

DOUBLING = 2.0


@dataclass(slots=True)
class Backoff:
    """Doubles from `first_s` up to `cap_s`, each time varied by `jitter` (0.2: between 80 and 120 percent).

    The jitter keeps devices that were lost together from coming back together. `uniform` is
    `random.uniform` or a stand-in.
    """

    first_s: float = 0.25
    cap_s: float = 10.0
    jitter: float = 0.2
    uniform: Callable[[float, float], float] = random.uniform
    _next_s: float | None = None

    def next_s(self) -> float:
        """Return the wait before the next attempt, and make the one after it longer."""
        base = self.first_s if self._next_s is None else self._next_s
        self._next_s = min(base * DOUBLING, self.cap_s)
        return min(base, self.cap_s) * self.uniform(1 - self.jitter, 1 + self.jitter)

    def reset(self) -> None:
        """Begin again at `first_s`: the device is well, or the world has changed."""
        self._next_s = None
