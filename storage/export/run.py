"""Run an export: every file whole, those that are there already kept, the manifest last."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Final

from storage.errors import StorageError
from storage.export import layout
from storage.export.document import Document, Table
from storage.export.durable import Folder, Written
from storage.export.job import ExportJob, Paper, Progress, Source, Unwatched, Watch
from storage.export.keeping import keep
from storage.export.layout import Format
from storage.export.lists import ExportList
from storage.export.manifest import Manifest
from storage.export.pieces import Piece
from storage.export.readme import readme
from storage.export.room import assert_room
from storage.export.sealing import sealed
from storage.export.splitting import MOST_BYTES, Sink, Split

NOTHING: Final[Mapping[str, str]] = {}


class RowsBroken(StorageError):
    """A list ended before its end."""

    todo = "Export again: finished files are kept."


def run_export(
    job: ExportJob,
    source: Source,
    folder: Folder,
    done: Mapping[str, str] = NOTHING,
    watch: Watch | None = None,
    most_bytes: int = MOST_BYTES,
) -> Manifest:
    """Write an export into its own folder and give its manifest.

    `done` names the files an interrupted run of the same job finished, with their SHA-256 in hex digits: those that
    read back the same are kept. A list that would grow beyond `most_bytes` goes on in another file. Raises
    TargetError, and whatever the source raises; then nothing stands under a final name that is not whole, there is no
    manifest, and the job can be run again.
    """
    run = _Run(job, source, folder, watch or Unwatched(), most_bytes)
    run.begin(done)
    run.lists()
    run.papers()
    return run.end(done)


class _Run:
    def __init__(self, job: ExportJob, source: Source, folder: Folder, watch: Watch, most_bytes: int) -> None:
        self._job, self._source, self._folder, self._watch = job, source, folder, watch
        self._most_bytes = most_bytes
        self._sealed = layout.SEALED if job.recipient else ""
        self._files: dict[str, Written] = {}
        self._kept: dict[str, Written] = {}
        rows_all = sum(job.counts.values()) if self._of_rows else 0
        sheets_all = job.counts[ExportList.PALLETS] if Format.SHEETS in job.formats else 0
        self._so_far = Progress("", 0, rows_all, 0, sheets_all, 0, 0)

    def begin(self, done: Mapping[str, str]) -> None:
        """Take away what says that the export is complete, and see what of it is there already."""
        for name in (layout.MANIFEST, layout.SIGNATURE):
            self._folder.remove(name)
        self._folder.sweep(layout.CSV_FOLDER, layout.SHEET_FOLDER)
        self._kept = keep(self._folder, done, self._doing)
        for file in self._kept.values():
            self._watch.finished(file, kept=True)
        self._tell(replace(self._so_far, kept=len(self._kept)))
        if not self._kept:
            assert_room(self._job, self._folder)

    def lists(self) -> None:
        """Write every list, in all forms at once, then what a person reads first."""
        if layout.README in self._kept:
            self._files |= {name: file for name, file in self._kept.items() if not layout.is_sheet(name)}
            self._tell(replace(self._so_far, rows=self._so_far.rows_all))
            return
        counts: dict[ExportList, int] = {}
        with ExitStack() as stack:
            document = self._document(stack) if Format.JSON in self._job.formats else None
            for of in ExportList if self._of_rows else ():
                counts[of] = self._list(of, document)
        signed, in_parts = self._source.signer is not None, any(map(layout.is_part, self._files))
        with self._creating(layout.README) as file:
            file.write(readme(self._job, counts, signed=signed, in_parts=in_parts))

    def papers(self) -> None:
        """Write the sheet of every pallet."""
        for paper in self._source.papers if Format.SHEETS in self._job.formats else ():
            self._paper(paper)

    def end(self, done: Mapping[str, str]) -> Manifest:
        """Take away what an earlier run left and this one has no more; then the signature, and the manifest last."""
        for name in done:
            if name not in self._files and layout.is_ours(name):
                self._folder.remove(name)
        signer = self._source.signer
        key = signer.public_key if signer is not None else None
        manifest = Manifest.of(self._job, tuple(self._files.values()), key)
        data = manifest.to_bytes()
        self._doing(layout.MANIFEST)
        if signer is not None:
            self._folder.write(layout.SIGNATURE, [signer.sign(data)])
        self._folder.write(layout.MANIFEST, [data])
        return manifest

    def _list(self, of: ExportList, document: Document | None) -> int:
        with ExitStack() as stack:
            has_table = Format.CSV in self._job.formats
            table = Table(stack.enter_context(self._split(layout.csv_name(of))), of) if has_table else None
            if document is not None:
                document.begin(of)
            count = self._rows(of, document, table)
            if document is not None:
                document.end(of)
        return count

    def _rows(self, of: ExportList, document: Document | None, table: Table | None) -> int:
        count, last = 0, Piece("", "", 0, None)
        self._doing(of.value)
        for last in self._source.rows.pieces(of, self._job.scope):
            if document is not None:
                document.add(of, last)
            if table is not None:
                table.add(last)
            count += last.count
            self._tell(replace(self._so_far, rows=self._so_far.rows + last.count))
        if last.after is not None:
            raise RowsBroken(f"The list {of.value} broke off after {count} rows.")
        return count

    def _paper(self, paper: Paper) -> None:
        name = layout.sheet_name(paper.pallet_number)
        self._doing(name)
        with self._creating(name + self._sealed) as file:
            if not isinstance(file, _Kept):
                file.write(paper.pdf())
        self._tell(replace(self._so_far, sheets=self._so_far.sheets + 1))

    def _document(self, stack: ExitStack) -> Document:
        return Document(stack.enter_context(self._split(layout.DOCUMENT)), self._job)

    def _split(self, name: str) -> Split:
        return Split(self._creating, name + self._sealed, self._most_bytes)

    @contextmanager
    def _creating(self, name: str) -> Iterator[Sink]:
        """Begin a file; nothing is done for one that was kept."""
        if name in self._kept:
            self._files[name] = self._kept[name]
            yield _Kept(name)
            return
        with ExitStack() as stack:
            file = stack.enter_context(self._folder.creating(name))
            recipient = self._job.recipient if name.endswith(layout.SEALED) else None
            yield stack.enter_context(sealed(file, recipient)) if recipient is not None else file
        self._files[file.name] = file.written
        self._watch.finished(file.written, kept=False)
        self._tell(replace(self._so_far, bytes=self._so_far.bytes + file.written.bytes))

    def _doing(self, name: str) -> None:
        self._tell(replace(self._so_far, doing=name))

    def _tell(self, so_far: Progress) -> None:
        self._so_far = so_far
        self._watch.progress(so_far)

    @property
    def _of_rows(self) -> bool:
        return bool(self._job.formats & {Format.JSON, Format.CSV})


class _Kept:
    """Stands for a file that is there already: takes everything, writes nothing, never becomes too large."""

    def __init__(self, name: str) -> None:
        self.name, self.size_bytes = name, 0

    def write(self, data: bytes) -> None:
        """Nothing is to be done."""
