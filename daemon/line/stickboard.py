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

_MOST_EXPORTS: Final = 16
"""Of so many the whole files are remembered at once."""

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
    """`pulled_at`: when it was seen to be gone. `heard_at`: when whoever works on it spoke last.

    `stick_uuid`: which enrolled stick it is, as far as that was told.
    """

    standing: StickStanding
    heard_at: datetime
    stick_uuid: UUID | None = None
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

    def named(self, device: str, name: str, stick_uuid: UUID | None, at: datetime) -> None:
        """Take who a stick is."""
        entry = self._entry(device, at)
        standing = replace(entry.standing, name=name or entry.standing.name)
        self._entries[device] = replace(entry, standing=standing, stick_uuid=stick_uuid, heard_at=at)

    def working(self, device: str, state: str, share: float | None, at: datetime) -> None:
        """Take how far the work on a stick is."""
        entry = self._entry(device, at)
        percent = f" {share * 100:.0f} %" if share is not None else ""
        since = entry.standing.since if entry.standing.state == "working" else at
        said = replace(entry.standing, state="working", text=f"{state}{percent}", share=share, since=since)
        self._entries[device] = replace(entry, standing=said, heard_at=at)

    def began(self, work: Work) -> None:
        """Take which export goes to a stick."""
        for device, entry in self._entries.items():
            if entry.stick_uuid == work.stick_uuid:
                self._entries[device] = replace(entry, work=work)

    def wrote(self, export_uuid: UUID, file: WrittenFile) -> None:
        """Take a file that stands whole on the stick."""
        files = self._files.setdefault(export_uuid, {})
        if len(self._files) > _MOST_EXPORTS:
            del self._files[next(iter(self._files))]
        if len(files) < MOST_FILES:
            files[file.name] = file

    def files(self, export_uuid: UUID) -> tuple[WrittenFile, ...]:
        """Give the files of an export that were told and not yet kept with a visit."""
        return tuple(self._files.get(export_uuid, {}).values())

    def ended(self, device: str, name: str, *, good: bool, text: str, at: datetime) -> str:
        """Take what became of a stick; give what it is called."""
        entry = self._entry(device, at)
        said = StickStanding(
            device=device, name=name or entry.standing.name, state="good" if good else "bad", text=text, since=at
        )
        if entry.work is not None:
            self._files.pop(entry.work.export_uuid, None)
        self._entries[device] = _Entry(said, at, pulled_at=entry.pulled_at)
        return said.name

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

    def _entry(self, device: str, at: datetime) -> _Entry:
        """Give what is known of a stick; who works on it may be faster than the look that finds it."""
        return self._entries.get(device) or _plugged(device, "", at)


def _plugged(device: str, name: str, at: datetime) -> _Entry:
    return _Entry(StickStanding(device=device, name=name, state="plugged", text="plugged in.", since=at), at)


def _greeted(device: str, name: str, known: _Entry | None, at: datetime) -> _Entry:
    """Say that a stick was plugged in, unless more was said of it already: whoever works on it may be faster."""
    if known is not None and (known.pulled_at is None or known.standing.since >= known.pulled_at):
        said = known.standing
        return replace(known, standing=replace(said, name=said.name or name), pulled_at=None)
    return _plugged(device, name, at)


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
