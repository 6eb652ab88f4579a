"""How far a test is: which codes were heard, which is wanted next, and when it makes no sense to go on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.scantest.bursts import Burst, presses_of
from daemon.scantest.traces import trace
from stations.rules.commands import TEST_CODES

_IN_VAIN: Final = 3
"""So many in a row that nobody recognises: more of them would say no more."""


@dataclass(slots=True)
class Progress:
    """Takes bursts, in the order they came."""

    _bursts: list[Burst] = field(default_factory=list)
    _done: set[int] = field(default_factory=set)
    _in_vain: int = 0

    @property
    def bursts(self) -> Sequence[Burst]:
        """Everything heard."""
        return self._bursts

    @property
    def wanted(self) -> int:
        """The number of the code to scan next, from 0."""
        return min(set(range(len(TEST_CODES))) - self._done, default=0)

    @property
    def is_over(self) -> bool:
        """Tell whether every code was heard, or too much that was none."""
        return len(self._done) == len(TEST_CODES) or self._in_vain >= _IN_VAIN

    def take(self, burst: Burst) -> int | None:
        """Take a burst and give the number of its first code; None: there is none in it, or nobody can tell."""
        self._bursts.append(burst)
        found = [one.number for press in presses_of([burst]) if (one := trace(press.text)) is not None]
        if found:
            self._done.update(found)
            self._in_vain = 0
        elif burst.data.strip(b"\r\n"):
            self._in_vain += 1
        return found[0] if found else None
