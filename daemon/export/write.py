"""Write an export into a folder a person named, going on with one that was interrupted."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from daemon.export.journal import Begun, Journal, journal_of
from daemon.export.plan import Wishes, job_of
from storage.export.durable import Folder, Written
from storage.export.job import ExportJob, Progress, Source, Watch
from storage.export.layout import is_sheet
from storage.export.manifest import Manifest
from storage.export.run import run_export
from storage.export.target import TargetForeign, TargetGone

_MOST_FOLDERS: Final = 1_000
_SAME: Final = ("site", "line_number", "store_id", "since", "until", "exported_by")


class Origin(Protocol):
    """Where rows come from: a line, or the central server."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells this export from others, before anybody was asked."""

    def begin(self) -> Mapping[str, Any]:
        """Ask for the plan of an export: what `job_of` reads."""

    def source(self, job: ExportJob) -> Source:
        """Give what is to be written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and where. `resumed`: an interrupted run was gone on with."""

    path: Path
    manifest: Manifest
    job: ExportJob
    resumed: bool


def write_export(out: Path, origin: Origin, wishes: Wishes, watch: Watch) -> Exported:
    """Export into a folder of its own below `out`. Safe to interrupt at any moment: doing it again goes on.

    Raises TargetError, AlreadyRunning, PlanUnfit, and whatever the origin raises.
    """
    words = (*sorted(wishes.formats), wishes.recipient, wishes.as_of)
    with Folder.at(str(out)) as top, journal_of(out.resolve(), *origin.identity, *words) as journal:
        folder, begun = _placed(top, journal, origin.begin(), wishes)
        job = job_of(begun.plan, wishes)
        with folder:
            manifest = run_export(job, origin.source(job), folder, begun.done, _Noting(journal, watch))
            journal.end()
        return Exported(out / folder.name, manifest, job, bool(begun.done))


def _placed(top: Folder, journal: Journal, plan: Mapping[str, Any], wishes: Wishes) -> tuple[Folder, Begun]:
    """Open the folder that was begun, as what it was, or make a new one."""
    begun = journal.begun
    if begun is not None and _fits(begun.plan, plan):
        with suppress(
            TargetGone, TargetForeign, ValueError
        ):  # removed, replaced, on another medium, or no name of ours
            return top.open(begun.folder), _kept(begun, plan)
    folder = _new(top, job_of(plan, wishes))
    journal.begin(folder.name, plan)
    return folder, Begun(folder.name, plan)


def _kept(begun: Begun, plan: Mapping[str, Any]) -> Begun:
    """Where rows have come since, and no place in a change log keeps them out, lists are written anew."""
    if plan.get("upto_seq") is not None or plan["counts"] == begun.plan["counts"]:
        return begun
    sheets = {name: digest for name, digest in begun.done.items() if is_sheet(name)}
    return Begun(begun.folder, {**begun.plan, "counts": plan["counts"]}, sheets)


def _new(top: Folder, job: ExportJob) -> Folder:
    for number in range(1, _MOST_FOLDERS):
        found = _made(top, job.folder_name(number))
        if found is not None:
            return found
    raise TargetForeign(f"There are {_MOST_FOLDERS} exports of these days already.", todo="Remove some of them.")


def _fits(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return all(earlier.get(key) == now.get(key) for key in _SAME)


def _made(top: Folder, name: str) -> Folder | None:
    """Make a folder; one that is there is taken if nothing at all is in it, and else None."""
    try:
        return top.make(name)
    except TargetForeign:
        with suppress(TargetForeign):
            folder = top.open(name)
            if next(folder.names(), None) is None:
                return folder
            folder.close()
        return None


@dataclass(frozen=True, slots=True)
class _Noting:
    """Notes every finished file before anybody is told of it."""

    journal: Journal
    watch: Watch

    def progress(self, so_far: Progress) -> None:
        self.watch.progress(so_far)

    def finished(self, file: Written, *, kept: bool) -> None:
        if not kept:
            self.journal.finished(file)
        self.watch.finished(file, kept=kept)
