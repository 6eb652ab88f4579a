"""The desk of a shadow run: takes in paper, keeps what people explain, holds it all against the line."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from daemon.shadow.compare import compare
from daemon.shadow.gather import Reader, line_side
from daemon.shadow.keeping import Explanation, Folder, Kept, Sheet, Withdrawal
from daemon.shadow.paper import Fault
from daemon.shadow.reading import LARGEST_SHEET
from daemon.shadow.report import Period, Report, Right, report
from daemon.shadow.sides import Sides
from daemon.shadow.standing import Papers, ReadSheet, papers, place_of, understood

_LOST = Fault(1, "this file is not as it was written: bring that paper, or explain, again.")


class DeskRefused(Exception):
    """What was asked of the desk cannot be done; `todo` says what to do."""

    def __init__(self, message: str, todo: str) -> None:
        super().__init__(message)
        self.todo = todo


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file: how many rows it has, how many of them are new, which cannot be read."""

    id: str
    rows: int
    new: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A report with what its reader needs beside it: where each row stands, and the rows nobody could read."""

    report: Report
    places: dict[str, str]
    unread: tuple[tuple[str, Fault], ...]


class ShadowDesk:
    """Keeps its facts in `<store>.paper/`. Every method raises OSError where the disk fails; nothing is kept then."""

    def __init__(self, store: Path, now: Callable[[], datetime]) -> None:
        self._folder = Folder(store.with_name(f"{store.name}.paper"))
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def take(self, name: str, raw: bytes, by: str, zone: ZoneInfo) -> Taken:
        """Keep a file as it is, then read it; one that stands here already changes nothing.

        Raises DeskRefused for a file that is too large, which is not kept, and for one that is no paper, which is.
        """
        if len(raw) > LARGEST_SHEET:
            raise DeskRefused(f"{name} has {len(raw)} bytes.", "Split it: a file for each day or week.")
        sheet = Sheet(uuid=uuid7(), name=name, raw=raw, by=by, at=self._now())
        async with self._one_at_a_time:
            before = await self._papers(zone)
            if not any(one.sheet.raw == raw for one in before.sheets):
                await self._keep(sheet)
        found = await asyncio.to_thread(understood, sheet, zone)
        if found.unfit:
            raise DeskRefused(f"{name}: {found.unfit}", "It was kept as it is; correct it, then bring it again.")
        keys = {row.key for row in found.reading.verdicts}
        return Taken(found.id, len(found.reading.verdicts), len(keys - before.rows), found.reading.faults)

    async def withdraw(self, what: str, reason: str, by: str, zone: ZoneInfo) -> str:
        """Let a sheet, or a row, no longer count; say which it was. Raises DeskRefused where it is not one."""
        async with self._one_at_a_time:
            name, key = _named(await self._papers(zone), what)
            await self._keep(Withdrawal(uuid=uuid7(), what=key, reason=reason, by=by, at=self._now()))
        return name

    async def explain(self, found: Report, ids: Sequence[str], right: Right, reason: str, by: str) -> tuple[str, ...]:
        """Keep what differences come from; give their ids. Raises DeskRefused for an id that is none."""
        whole = tuple(dict.fromkeys(_difference(found, one) for one in ids))
        facts = [
            Explanation(uuid=uuid7(), difference=one, right=right, reason=reason, by=by, at=self._now())
            for one in whole
        ]
        async with self._one_at_a_time:
            await self._keep(*facts)
        return whole

    async def sheets(self, zone: ZoneInfo) -> tuple[ReadSheet, ...]:
        """Give the sheets that count, oldest first."""
        return (await self._papers(zone)).sheets

    async def report(self, reader: Reader, zone: ZoneInfo, period: Period) -> Told:
        """Hold all the paper against the line, beside the loop: scans go first. Raises StorageError too."""
        line, kept = await line_side(reader), await self._papers(zone)
        sides = Sides(line, kept.sides, zone)
        unread = (*kept.unread, *((name, _LOST) for name in self._folder.damaged()))

        def work() -> Report:
            return report(sides, compare(sides), kept.explained, period, len(unread))

        return Told(await asyncio.to_thread(work), kept.places(), unread)

    async def _papers(self, zone: ZoneInfo) -> Papers:
        return await asyncio.to_thread(lambda: papers(self._folder.all(), zone))

    async def _keep(self, *facts: Kept) -> None:
        await asyncio.to_thread(self._folder.keep, *facts)


def _named(kept: Papers, what: str) -> tuple[str, str]:
    """Find a sheet by id or name, or a row by key or place."""
    sheets = {one.id: one.sheet.name for one in kept.sheets if what in (one.id, one.sheet.name)}
    rows = {
        row.key: place_of(one.sheet.name, row)
        for one in kept.sheets
        for row in one.reading.verdicts
        if what in (row.key, place_of(one.sheet.name, row))
    }
    found = sheets or rows
    if not found:
        raise DeskRefused(f"There is no paper {what}.", "sunline shadow papers lists what came in.")
    if len(found) > 1:
        raise DeskRefused(f"{what} are {len(found)}: {', '.join(found)}.", "Name one by its id.")
    ((key, name),) = found.items()
    return name, key


def _difference(found: Report, digits: str) -> str:
    folded = digits.strip().lower()
    near = [one.id for one, _ in found.differences if folded and one.id.startswith(folded)]
    if len(near) != 1:
        what = "is no difference" if not near else f"may be any of {len(near)} differences"
        raise DeskRefused(f"{digits} {what}.", "sunline shadow report shows each with its id.")
    return near[0]
