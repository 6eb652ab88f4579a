"""One visit's work in a thread of its own, watched: pulled, stuck or stopped, it ends within seconds in any case."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from daemon.stick.endings import Ending, ending
from daemon.stick.patience import USUAL, Patience
from storage.records import StickOutcome

log = logging.getLogger(__name__)

_DOUBTFUL: Final = frozenset({StickOutcome.UNREADABLE, StickOutcome.INTERNAL, StickOutcome.PULLED_EARLY})
"""What pulling a stick may look like."""
_STOPPED: Final = "The export was stopped before it was complete: the service or the computer is going down."
_STUCK: Final = "The stick does not answer any more: its export is not complete."


class VisitStopped(Exception):
    """The visit is over already: the work has nothing more to do."""


@dataclass(slots=True)
class Pulse:
    """What the work says of itself while it goes on, for the watch and for the screens.

    `closed` from the moment on at which nothing is mounted any more and nothing will be: pulling is fine then.
    """

    state: str = ""
    share: float = 0.0
    closed: bool = False
    beats: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def beat(self, state: str | None = None, share: float | None = None) -> None:
        """Say that the work goes on, and where it is. Raises VisitStopped when nobody waits for it any more."""
        if self.over.is_set():
            raise VisitStopped
        self.beats += 1
        self.state = self.state if state is None else state
        self.share = self.share if share is None else share


class Watched(Protocol):
    """The stick as the watch sees it; none of this waits for the device."""

    def present(self) -> bool:
        """Tell whether it is still plugged in, and still the same."""
        ...

    def activity(self) -> int:
        """Count what the device has completed; it changes while a slow stick still works."""
        ...


@dataclass(slots=True)
class Guard:
    """Runs the work of a visit and gives its one ending. `stopped` asks it to end early, from a signal's handler too.

    `meanwhile` is called from time to time while the work goes on; it must not take long.
    """

    stick: Watched
    meanwhile: Callable[[Pulse], None] = lambda _: None
    patience: Patience = USUAL
    clock: Callable[[], float] = time.monotonic
    stopped: threading.Event = field(default_factory=threading.Event)
    pulse: Pulse = field(default_factory=Pulse)
    _ended: "queue.Queue[Ending | None]" = field(default_factory=queue.Queue)

    def run(self, work: Callable[[Pulse], Ending]) -> Ending:
        """Do the work; its ending, or the one the watch saw. A work that is stuck is left behind in its thread."""
        threading.Thread(target=self._work, args=(work,), name="stick", daemon=True).start()
        try:
            return self._watch()
        finally:
            self.pulse.over.set()

    def _work(self, work: Callable[[Pulse], Ending]) -> None:
        """Put exactly one answer into the queue; None where the work was told to stop."""
        try:
            self._ended.put(work(self.pulse))
        except VisitStopped:
            self._ended.put(None)
        except Exception as error:
            log.exception("The visit of a stick failed.")
            self._ended.put(ending(StickOutcome.INTERNAL, f"A fault in this program ({error!r}): nothing is complete."))

    def _watch(self) -> Ending:
        sign, since = self._sign(), self.clock()
        while True:
            done = self._within(self.patience.look_s)
            if done is not None:
                return self._settled(done)
            seen = self._seen()
            if seen is not None:
                return self._left_with(seen)
            now = self._sign()
            if now != sign:
                sign, since = now, self.clock()
            elif self.clock() - since > self.patience.stuck_s:
                return ending(StickOutcome.UNREADABLE, _STUCK)
            self.meanwhile(self.pulse)

    def _sign(self) -> tuple[int, int]:
        return self.pulse.beats, self.stick.activity()

    def _seen(self) -> Ending | None:
        if self.pulse.closed:
            return None
        if not self.stick.present():
            return ending(StickOutcome.PULLED_EARLY)
        return ending(StickOutcome.PULLED_EARLY, _STOPPED) if self.stopped.is_set() else None

    def _left_with(self, seen: Ending) -> Ending:
        """Let the work notice what the watch saw, and close what it has open; what it knows for certain counts."""
        self.pulse.over.set()
        known = self._within(self.patience.settle_s)
        return seen if known is None or known.outcome in _DOUBTFUL else known

    def _settled(self, known: Ending) -> Ending:
        """Give the system time to say that a stick which failed is gone."""
        if known.outcome not in _DOUBTFUL or self.pulse.closed:
            return known
        deadline = self.clock() + self.patience.settle_s
        while self.stick.present():
            if self.clock() > deadline:
                return known
            time.sleep(self.patience.look_s / 4)
        return ending(StickOutcome.PULLED_EARLY)

    def _within(self, patience_s: float) -> Ending | None:
        try:
            return self._ended.get(timeout=patience_s)
        except queue.Empty:
            return None
