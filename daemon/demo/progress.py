"""What the stand-ins of one line have said so far."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from daemon.demo.setting import DemoLine

_LAST = 6


@dataclass
class Progress:
    """Counts and last words of one line; fed with the stand-ins' progress events."""

    line: DemoLine
    ends: Counter[str] = field(default_factory=Counter)
    at: dict[int, str] = field(default_factory=dict)
    verdicts: dict[int, Counter[str]] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    recovered: Counter[str] = field(default_factory=Counter)
    said: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST))
    finished: set[str] = field(default_factory=set)
    flashes: int = 0
    people_exit: int | None = None
    daemon_exit: int | None = None

    def take(self, event: dict[str, Any]) -> None:
        """Take one event of the stand-ins; unknown ones are nothing."""
        match event.get("event"):
            case "panel":
                self._panel(event)
            case "feedback":
                self._feedback(event)
            case "flash":
                self.flashes += 1
            case "fault":
                self._fault(event)

    def _panel(self, event: dict[str, Any]) -> None:
        if event["state"] == "moved":
            return
        self.ends[event["state"]] += 1
        if event["state"] == "finished":
            self.finished.add(event["serial"])
        else:
            self.said.append(f"{event['serial']} {event['state']} at station {event['station']}: {event['why']}")

    def _feedback(self, event: dict[str, Any]) -> None:
        station = int(event["station"])
        if event["what"] == "serial":
            self.at[station] = event["text"]
        self.verdicts.setdefault(station, Counter())[event["verdict"]] += 1
        if event["latency_ms"] is not None:
            self.latencies_ms.append(float(event["latency_ms"]))

    def _fault(self, event: dict[str, Any]) -> None:
        names = self.faults if event["state"] == "injected" else self.recovered
        names[event["name"]] += 1
        after = f" after {event['took_s']:.1f} s" if event["took_s"] is not None else ""
        self.said.append(f"{event['name']} on {event['device']}: {event['state']}{after}")

    def ended(self, code: int) -> None:
        """The stand-ins have left."""
        self.people_exit = code

    def stopped(self, code: int) -> None:
        """The daemon has stopped."""
        self.daemon_exit = code

    @property
    def done(self) -> int:
        """Panels that came to an end."""
        return sum(self.ends.values())
