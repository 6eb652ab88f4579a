"""What a run says while it runs: one JSON object a line, each with `event` and `at_s` (seconds since the start)."""

import json
from collections.abc import Callable
from typing import TextIO

Clock = Callable[[], float]


class Progress:
    """Writes events to a stream, flushed line by line."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._started_s = clock()

    def since_start(self, moment_s: float) -> float:
        """Return a moment of the clock as seconds since the start."""
        return round(moment_s - self._started_s, 6)

    def emit(self, event: str, **facts: object) -> None:
        """Write one event."""
        line = {"event": event, "at_s": self.since_start(self._clock()), **facts}
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._stream.flush()
