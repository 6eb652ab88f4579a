"""One line's export in its own folder on the stick: found or made, written, and later read back from the medium."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from daemon.stick.leftovers import cleared
from daemon.stick.plan import Plan
from storage.export.durable import Folder, Written
from storage.export.job import Progress, Source
from storage.export.layout import MANIFEST, SIGNATURE
from storage.export.run import run_export
from storage.export.signing import SIGNATURE_BYTES, fits
from storage.export.target import TargetBroken, TargetError, TargetForeign, TargetGone

_MOST_FOLDERS: Final = 1000


def export_folder(top: Folder, plan: Plan, spoiled: str = "") -> Folder:
    """Open the folder of an export on the stick: that of its interrupted visit, a left-over one, or a new one.

    Never the `spoiled` one. Its `name` is relative to `top`. The caller closes it. Raises TargetError.
    """
    if plan.folder and plan.folder != spoiled:
        try:
            return top.open(plan.folder)
        except TargetGone:
            return top.make(plan.folder)
        except (TargetForeign, ValueError):
            pass  # somebody put something else there
    for number in range(1, _MOST_FOLDERS + 1):
        name = plan.job.folder_name(number)
        try:
            return top.make(name)
        except TargetForeign:
            left = None if name == spoiled else _left_over(top, name, plan.job.folder_name(number + 1))
            if left is not None:
                return left
    raise TargetForeign(f"The stick has {_MOST_FOLDERS} exports of these days already.", todo="Remove some of them.")


def _left_over(top: Folder, name: str, after: str) -> Folder | None:
    """Open what an interrupted visit left, emptied; None for what is none or cannot be emptied.

    One with another behind it was given up: its files may share their room with what was written since.
    """
    try:
        top.open(after).close()
    except TargetGone:
        pass
    except TargetError:
        return None
    else:
        return None
    try:
        return cleared(top, name)
    except TargetBroken:
        return None


def disown(top: Folder, name: str) -> None:
    """Take from an export that cannot be used what says that it is complete, where that can be done."""
    with suppress(TargetError), top.open(name) as folder:
        for last in (MANIFEST, SIGNATURE):
            folder.remove(last)


class Keeper:
    """Watches an export: passes on how far it is, and which files are whole (and whether they were before)."""

    def __init__(self, told: Callable[[Progress], None], finished: Callable[[Written, bool], None]) -> None:
        self._told, self._finished = told, finished

    def progress(self, so_far: Progress) -> None:
        """As Watch.progress."""
        self._told(so_far)

    def finished(self, file: Written, *, kept: bool) -> None:
        """As Watch.finished."""
        self._finished(file, kept)


def write_export(plan: Plan, source: Source, folder: Folder, keeper: Keeper) -> tuple[Written, ...]:
    """Write everything, the manifest last; give every file that must be on the stick. Raises as `run_export`."""
    manifest = run_export(plan.job, source, folder, plan.done_within, keeper)
    data = manifest.to_bytes()
    return (*manifest.files, Written(MANIFEST, len(data), hashlib.sha256(data).hexdigest()))


def read_back(folder: Folder, files: Sequence[Written], public_key: bytes | None, beat: Callable[[int], None]) -> None:
    """Compare every file with what was written, and the signature with the manifest, which is the last of the files.

    `beat` is told how many bytes were read. Raises TargetBroken where anything differs, and whatever reading raises.
    """
    for file in files:
        try:
            found = folder.measure(file.name)
        except TargetGone as error:
            raise TargetBroken(f"{file.name} was written and is not there.") from error
        if found != file:
            raise TargetBroken(f"{file.name} reads back differently from what was written.")
        beat(file.bytes)
    if public_key is not None:
        manifest = folder.read(MANIFEST, files[-1].bytes)
        if not fits(folder.read(SIGNATURE, SIGNATURE_BYTES), manifest, public_key):
            raise TargetBroken("The signature reads back differently from what was written.")


def under(folder: str, file: Written) -> Written:
    """Give a file with its name as seen from the top of the stick."""
    return replace(file, name=f"{folder}/{file.name}")
