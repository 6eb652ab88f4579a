"""A result file as batches of readings, each small enough for one transaction."""

from collections.abc import Iterator

from drivers.files.resultfile import ResultFile, open_table
from drivers.files.rows import Provenance, RowReader
from drivers.files.table import Row, Table
from drivers.readings import FileRows

BATCH_ROWS = 500


def batches(file: ResultFile, device: str, *, size: int = BATCH_ROWS, complete: bool = True) -> Iterator[FileRows]:
    """Read a file's rows in order, at most `size` a batch; the last batch says so.

    `complete` is whether the file is known to be fully written. While it is not, an unfinished last row is left
    out, and no batch is the last. A file without rows is one empty last batch. Raises `Unreadable`, at once.
    """
    table = open_table(file)
    reader = RowReader(table.layout, Provenance(device, file.name, file.wall, file.monotonic_ns))
    return _batches(file, device, _chunks(table, size, complete=complete), reader)


def _batches(
    file: ResultFile, device: str, chunks: Iterator[tuple[list[Row], bool]], reader: RowReader
) -> Iterator[FileRows]:
    for rows, last in chunks:
        first_row = rows[0].number if rows else 0
        yield FileRows(
            device=device,
            raw=b"",
            wall=file.wall,
            monotonic_ns=file.monotonic_ns + first_row,
            file=file.name,
            digest=file.digest,
            first_row=first_row,
            rows=tuple(map(reader.read, rows)),
            last=last,
        )


def _chunks(table: Table, size: int, *, complete: bool) -> Iterator[tuple[list[Row], bool]]:
    """Group the rows; beside each group stands whether it ends the file."""
    chunk: list[Row] = []
    for row in table.rows:
        if row.unfinished and not complete:
            if chunk:
                yield chunk, False
            return
        if len(chunk) == size:
            yield chunk, False
            chunk = []
        chunk.append(row)
    yield chunk, True
