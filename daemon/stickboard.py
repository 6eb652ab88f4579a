"""What every USB stick at this PC is doing right now, from memory: for screens and status, and for what was written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from daemon.control.face import StickStanding
from stations.office.visits import MOST_FILES, WrittenFile
from storage.records import StickOutcome

KEPT: Final = timedelta(seconds=60)
"""How long it is still said what became of a stick that was pulled out."""
FORGOTTEN: Final = timedelta(minutes=10)
"""How long it is said at the most."""
SWITCHED_OFF: Final = timedelta(seconds=10)
"""A stick that is gone so soon after its end was switched off: it still has to be taken out."""
HELLO: Final = timedelta(seconds=20)
"""How long it is said that a stick was plugged in, where nobody does anything with it."""
LATE: Final = timedelta(seconds=20)
"""How soon after a stick was pulled out whoever worked on it has to say what became of it."""
SILENT: Final = timedelta(minutes=3)
"""How long whoever works on a stick may say nothing."""

_PULLED: Final = "It was pulled out before it was finished. Plug it in again: it goes on where it stopped."
_BROKE_OFF: Final = "It stopped in the middle. Pull it out, plug it in again. If it stops again, call a technician."


@dataclass(frozen=True, slots=True)
class Work:
    """An export on its way to a stick."""

    stick_uuid: UUID
    export_uuid: UUID


@dataclass(frozen=True, slots=True)
class Lost:
    """A visit that nobody told the end of."""

    standing: StickStanding
    work: Work | None
    outcome: StickOutcome
    message: str
    files: tuple[WrittenFile, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """`pulled_at`: when it was seen to be gone. `heard_at`: when whoever works on it spoke last."""

    standing: StickStanding
    heard_at: datetime
    work: Work | None = None
    pulled_at: datetime | None = None


class StickBoard:
    """Remembers what was said of each stick, and forgets it in time."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._present: frozenset[str] | None = None
        self._files: dict[UUID, dict[str, WrittenFile]] = {}

    def seen(self, names: Mapping[str, str], at: datetime) -> tuple[str, ...]:
        """Take which disks of sticks are there, with what they are called; give those that are new.

        What is there at the first look was there before this program: nothing is said of it unasked.
        """
        before, self._present = self._present, frozenset(names)
        came = tuple(sorted(names.keys() - before)) if before is not None else ()
        for device in came:
            self._entries[device] = _greeted(device, names[device], self._entries.get(device), at)
        for device, entry in self._entries.items():
            if before is not None and device in before - names.keys() and entry.pulled_at is None:
                self._entries[device] = replace(entry, pulled_at=at)
        return came

    def working(self, device: str, name: str, state: str, share: float | None, at: datetime) -> None:
        """Take how far the work on a stick is."""
        percent = f" {share * 100:.0f} %" if share is not None else ""
        known = self._entries.get(device)
        since = known.standing.since if known and known.standing.state == "working" else at
        said = StickStanding(
            device=device, name=name or (known.standing.name if known else device), state="working",
            text=f"{state}{percent}", share=share, since=since,
        )  # fmt: skip
        self._entries[device] = _Entry(said, at, known.work if known else None, known.pulled_at if known else None)

    def began(self, device: str, work: Work) -> None:
        """Take which export goes to a stick."""
        if (entry := self._entries.get(device)) is not None:
            self._entries[device] = replace(entry, work=work)

    def wrote(self, export_uuid: UUID, file: WrittenFile) -> None:
        """Take a file that stands whole on the stick."""
        files = self._files.setdefault(export_uuid, {})
        if len(files) < MOST_FILES:
            files[file.name] = file

    def files(self, export_uuid: UUID) -> tuple[WrittenFile, ...]:
        """Give the files of an export that were told and not yet kept with a visit."""
        return tuple(self._files.get(export_uuid, {}).values())

    def ended(self, device: str, name: str, *, good: bool, text: str, at: datetime) -> None:
        """Take what became of a stick."""
        known = self._entries.get(device)
        said = StickStanding(
            device=device, name=name or (known.standing.name if known else device), state="good" if good else "bad",
            text=text, since=at,
        )  # fmt: skip
        if known is not None and known.work is not None:
            self._files.pop(known.work.export_uuid, None)
        self._entries[device] = _Entry(said, at, None, known.pulled_at if known else None)

    def lost(self, at: datetime) -> tuple[Lost, ...]:
        """Give the visits of which nobody told the end, each once."""
        found = [(entry, *why) for entry in self._entries.values() if (why := _why_lost(entry, at)) is not None]
        lost = tuple(
            Lost(entry.standing, entry.work, outcome, message, self.files(entry.work.export_uuid) if entry.work else ())
            for entry, outcome, message in found
        )
        for one in lost:
            self.ended(one.standing.device, one.standing.name, good=False, text=one.message, at=at)
        return lost

    def forget(self, at: datetime) -> bool:
        """Forget what was said long enough; tell whether anything was."""
        gone = [device for device, entry in self._entries.items() if _over(entry, at)]
        for device in gone:
            del self._entries[device]
        return bool(gone)

    def standing(self) -> tuple[StickStanding, ...]:
        """Give what is said of each stick now, the newest first."""
        return tuple(sorted((one.standing for one in self._entries.values()), key=lambda one: one.since, reverse=True))


def _greeted(device: str, name: str, known: _Entry | None, at: datetime) -> _Entry:
    """Say that a stick was plugged in, unless more was said of it already: whoever works on it may be faster."""
    if known is not None and (known.pulled_at is None or known.standing.since >= known.pulled_at):
        return replace(known, pulled_at=None)
    return _Entry(StickStanding(device=device, name=name, state="plugged", text="plugged in.", since=at), at)


def _why_lost(entry: _Entry, at: datetime) -> tuple[StickOutcome, str] | None:
    if entry.standing.state != "working":
        return None
    if entry.pulled_at is not None and at - max(entry.pulled_at, entry.heard_at) >= LATE:
        return StickOutcome.PULLED_EARLY, _PULLED
    return (StickOutcome.INTERNAL, _BROKE_OFF) if at - entry.heard_at >= SILENT else None


def _over(entry: _Entry, at: datetime) -> bool:
    said_for = at - entry.standing.since
    match entry.standing.state:
        case "working":
            return False
        case "plugged":
            return entry.pulled_at is not None or said_for >= HELLO
        case _:
            return said_for >= FORGOTTEN or _pulled_long_ago(entry, at)


def _pulled_long_ago(entry: _Entry, at: datetime) -> bool:
    gone, ended = entry.pulled_at, entry.standing.since
    if gone is None or at - max(gone, ended) < KEPT:
        return False
    return entry.standing.state == "bad" or not ended <= gone < ended + SWITCHED_OFF
