"""What a change of version is done to: the lines of a PC, as the course sees them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Unable(Exception):
    """Something needed for a change of version cannot be done; `str()` is plain sentences."""


@dataclass(frozen=True, slots=True)
class ConfiguredLine:
    """A line that has a configuration file on this PC."""

    number: int
    config: Path

    @property
    def unit(self) -> str:
        """The service that runs it."""
        return f"sunline@{self.number}.service"

    def __str__(self) -> str:
        """Name it."""
        return f"line {self.number}"


Lines = tuple[ConfiguredLine, ...]


class Machine(Protocol):
    """A PC with lines. What names a version is done by that version's own program. Every call may raise Unable."""

    def lines(self) -> Lines:
        """Give every line that is configured."""

    def current(self) -> str | None:
        """Name the version in use; None before the first."""

    def switch(self, version: str) -> None:
        """Put a version into use: whatever starts from now on is of it."""

    def faults(self, version: str, line: ConfiguredLine) -> tuple[str, ...]:
        """Say what a version finds wrong with a line's file, in sentences; nothing is touched."""

    def opens(self, version: str, line: ConfiguredLine) -> bool:
        """Tell whether a version may work with a line's store as it is."""

    def take_over(self, version: str, line: ConfiguredLine) -> None:
        """Keep a copy of a line's store, and bring the store to a version's schema."""

    def is_as_kept(self, version: str, line: ConfiguredLine) -> bool:
        """Tell whether nothing was recorded since that copy."""

    def give_back(self, version: str, line: ConfiguredLine) -> bool:
        """Put that copy in the store's place; False, and nothing done, where something was recorded since."""

    def is_running(self, line: ConfiguredLine) -> bool:
        """Tell whether a line is started, however it fares."""

    def is_well(self, line: ConfiguredLine) -> bool:
        """Tell whether a line is at work."""

    def stop(self, lines: Lines) -> None:
        """Stop lines and wait until they have ended."""

    def start(self, lines: Lines) -> None:
        """Start lines and wait until each is ready, or failed."""

    def came_up(self, line: ConfiguredLine) -> bool:
        """Tell whether a line that was started is at work and stays so for a while."""
