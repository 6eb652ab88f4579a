"""What people see of an export: a bar on a terminal, a line a file anywhere else; what came of it."""

import base64
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from daemon.cli.showing import when
from daemon.export.write import Exported
from drivers.shown import shown
from storage.export.durable import Written
from storage.export.job import Progress, Unwatched, Watch
from storage.export.layout import MANIFEST, is_sheet
from storage.export.manifest import Manifest
from storage.export.room import size_words
from storage.export.signing import fingerprint
from storage.export.verify import Report

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_EVERY_S: Final = 0.1
_NAME_WIDTH: Final = 20
_SHEETS: Final = "pallet sheets"
_SIGN_IT: Final = "To sign an export of the central server, give a key: --sign-key FILE."


@contextmanager
def watching(*, as_json: bool) -> Iterator[Watch]:
    """Give who is told how far an export is, as stdout wants it."""
    if as_json:
        yield Unwatched()
    elif sys.stdout.isatty():
        with _bar() as bar:
            yield _OnTerminal(bar)
    else:
        yield _Lines()


class _Lines:
    """A line for every file; the pallet sheets, which may be thousands, are one line at their end."""

    def progress(self, so_far: Progress) -> None:
        if so_far.doing == MANIFEST and so_far.sheets:
            print(f"  {_SHEETS}: {so_far.sheets}", flush=True)

    def finished(self, file: Written, *, kept: bool) -> None:
        if not is_sheet(file.name):
            print(f"  {file.name}: {size_words(file.bytes)}{', kept' if kept else ''}", flush=True)


class _OnTerminal:
    """One bar for everything; the rate is that of what is written now, rows or sheets."""

    def __init__(self, bar: "Bar") -> None:
        self._bar = bar
        self._task: TaskID | None = None
        self._shown_at = 0.0
        self._began: tuple[str, float, int] = ("", 0.0, 0)

    def progress(self, so_far: Progress) -> None:
        now = time.monotonic()
        if now - self._shown_at < _EVERY_S and so_far.work < so_far.work_all:
            return
        self._shown_at = now
        if self._task is None:
            self._task = self._bar.add_task("", completed=so_far.work, rate="")
        doing = _SHEETS if is_sheet(so_far.doing) else so_far.doing
        name, rate = f"{doing:<{_NAME_WIDTH}.{_NAME_WIDTH}}", self._rate(now, so_far)
        self._bar.update(self._task, total=so_far.work_all, completed=so_far.work, description=name, rate=rate)

    def finished(self, file: Written, *, kept: bool) -> None:
        del file, kept

    def _rate(self, now: float, so_far: Progress) -> str:
        unit, count = ("sheets", so_far.sheets) if is_sheet(so_far.doing) else ("rows", so_far.rows)
        if self._began[0] != unit:
            self._began = unit, now, count
        _, since, before = self._began
        return f"{(count - before) / (now - since):,.0f} {unit}/s" if now > since and count > before else ""


def _bar() -> "Bar":
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from daemon.cli.showing import console  # noqa: PLC0415 -- rich is loaded only where people look

    rate, left = TextColumn("{task.fields[rate]}", style="dim"), TimeRemainingColumn(compact=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), rate, left, TextColumn("left"))
    return Progress(*columns, console=console(), transient=True)


Json = Mapping[str, Any]


def outcome(done: Exported) -> tuple[Json, list[str]]:
    """Tell what was written: for programs, and for people."""
    manifest = done.manifest
    size = sum(file.bytes for file in manifest.files)
    body = {
        "folder": str(done.path), "files": len(manifest.files), "bytes": size, "resumed": done.resumed,
        "public_key": manifest.public_key, **manifest.about,
    }  # fmt: skip
    signed = f", signed with the key {_short(manifest)}" if manifest.public_key else ", not signed"
    return body, [
        f"Exported {done.job.dates}: {len(manifest.files)} files, {size_words(size)}{signed}.",
        *(["It went on where it was interrupted; the files that were finished are unchanged."] if done.resumed else ()),
        *([_SIGN_IT] if manifest.public_key is None else ()),
        f"The folder: {done.path}",
        f"Check it anywhere: sunline export verify {done.path}",
    ]


def checked(report: Report, *, sure: bool) -> tuple[Json, list[str]]:
    """Tell what a check found: for programs, and for people. `sure`: the key was given, not taken from the export."""
    manifest = report.manifest
    body = {
        "good": report.good,
        "faults": [{"kind": one.kind.value, "name": one.name, "message": one.message} for one in report.faults],
        "export": manifest and {**manifest.about, "public_key": manifest.public_key},
        "signed_by_given_key": report.good and sure,
    }
    faults = [f"{one.kind.value.replace('_', ' ')}: {one.name}: {one.message}" for one in report.faults]
    if manifest is None or faults:
        return body, [*faults, f"This export cannot be relied on: {_count(len(faults), 'fault')}. Export again."]
    size = sum(file.bytes for file in manifest.files)
    good = f"Complete and unchanged: {_count(len(manifest.files), 'file')}, {size_words(size)}."
    return body, [good, _about(manifest.about), _signature(manifest, sure=sure)]


def _about(about: Json) -> str:
    """Say what a manifest says; it may be anybody's, and hold anything."""
    names = ("site", "line_number", "first_day", "last_day", "as_of", "exported_by")
    said = {key: shown(str(about.get(key))) or "nothing" for key in names}
    line = f"line {said['line_number']}" if about.get("line_number") is not None else "all lines"
    days = f"{said['first_day']} to {said['last_day']}"
    return f"It says: {said['site']}, {line}, {days}, made {when(said['as_of'])} for {said['exported_by']}."


def _signature(manifest: Manifest, *, sure: bool) -> str:
    if manifest.public_key is None:
        return "It is not signed: who made it is not known."
    if sure:
        return f"Signed with the key that you gave, {_short(manifest)}."
    return (
        f"Signed with the key {_short(manifest)}, which the export itself names. "
        "To be sure who made it, compare with `sunline export key` on the line, or give --public-key."
    )


def _short(manifest: Manifest) -> str:
    return fingerprint(base64.b64decode(manifest.public_key or ""))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
