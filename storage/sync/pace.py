"""How much goes up at once: less over a network, or to a server, that is too slow for more."""

from dataclasses import dataclass
from typing import Final

_LEAST: Final = 10
_SLOWEST: Final = 64


@dataclass(slots=True)
class Pace:
    """Learned from one connection for the next: a whole batch, or the n-th part of one."""

    part: int = 1

    def of(self, whole: int) -> int:
        """Give what may go at once of a whole batch."""
        return max(whole // self.part, min(whole, _LEAST))

    def slower(self) -> None:
        """What went did not arrive in time: send a quarter of it."""
        self.part = min(self.part * 4, _SLOWEST)

    def faster(self) -> None:
        """What went arrived: send twice as much."""
        self.part = max(self.part // 2, 1)
