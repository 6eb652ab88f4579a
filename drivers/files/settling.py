"""When a file is worth reading: once it rests, and once more, patiently, if it turned out to be unfinished.

Pure: listings and times come in, names to read go out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from drivers.files.listing import Seen


class Stage(StrEnum):
    """How far one version of a file is."""

    FRESH = "fresh"  # not read yet
    HELD = "held"  # read, but unfinished: to be read again when it has rested long enough to be all there will be
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Due:
    """A file to read now. `complete`: it has rested so long that nobody is still writing it."""

    seen: Seen
    complete: bool


@dataclass(slots=True)
class _Track:
    seen: Seen
    since_s: float
    stage: Stage = Stage.FRESH


class Settling:
    """Remembers each file's version and since when it has rested. Times are seconds of any steady clock.

    A version is due when it has rested for `settle_s`; a held one when it has rested for `patience_s`.
    """

    def __init__(self, settle_s: float, patience_s: float) -> None:
        self._settle_s = settle_s
        self._patience_s = patience_s
        self._tracks: dict[str, _Track] = {}

    def update(self, listing: Iterable[Seen], now_s: float) -> list[Due]:
        """Take in a new listing and return what is due, in the listing's order. Files that left are forgotten."""
        self._tracks = {seen.name: self._track(seen, now_s) for seen in listing}
        return [due for track in self._tracks.values() if (due := self._due(track, now_s))]

    def settle(self, seen: Seen, stage: Stage) -> None:
        """Record how far a version got; without effect when the file has changed or left since."""
        track = self._tracks.get(seen.name)
        if track and track.seen == seen:
            track.stage = stage

    @property
    def fresh(self) -> bool:
        """Whether a version has not been read yet."""
        return any(track.stage is Stage.FRESH for track in self._tracks.values())

    def _track(self, seen: Seen, now_s: float) -> _Track:
        known = self._tracks.get(seen.name)
        return known if known and known.seen == seen else _Track(seen, now_s)

    def _due(self, track: _Track, now_s: float) -> Due | None:
        rested_s = now_s - track.since_s
        needed_s = {Stage.FRESH: self._settle_s, Stage.HELD: self._patience_s}.get(track.stage)
        if needed_s is None or rested_s < needed_s:
            return None
        return Due(track.seen, complete=rested_s >= self._patience_s)
