"""A running line as the origin of an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from daemon.control.client import ControlClient
from daemon.export.source import line_source
from storage.export.job import ExportJob, Source


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """Asks the daemon of one line; None as a day: from the first row, or to the last one."""

    client: ControlClient
    first: date | None
    last: date | None

    @property
    def identity(self) -> tuple[str, ...]:
        """The line's socket and the days."""
        return ("local", str(self.client.path.resolve()), str(self.first), str(self.last))

    def begin(self) -> Mapping[str, Any]:
        """Ask the line. Raises ControlError."""
        days = {"first": self.first, "last": self.last}
        said: Mapping[str, Any] = self.client.call(
            "export.begin", **{name: day.isoformat() for name, day in days.items() if day is not None}
        )
        return said

    def source(self, job: ExportJob) -> Source:
        """Give its rows, sheets and signature."""
        return line_source(self.client, job)
