"""The two forms of the lists: one JSON document in the seed's form, and a CSV file for each list."""

import json
from typing import Final

from storage.export.columns import COLUMNS
from storage.export.job import ExportJob
from storage.export.lists import ExportList
from storage.export.pieces import Piece
from storage.export.splitting import Split

_LISTS: Final = tuple(ExportList)
_MARGIN: Final = 1_000
"""Bytes for closing a document."""


class Document:
    """The JSON document, list by list in order. Where it goes on in another file, each of them is a whole document."""

    def __init__(self, file: Split, job: ExportJob) -> None:
        self._file, self._metadata = file, json.dumps(metadata(job), indent=1, ensure_ascii=False)
        self._rows = 0

    def begin(self, of: ExportList) -> None:
        """Begin a list."""
        first = of is _LISTS[0]
        self._file.write((self._start() if first else ",\n").encode() + _opening(of))
        self._rows = 0

    def add(self, of: ExportList, piece: Piece) -> None:
        """Add rows to the list that was begun last."""
        data = piece.json.encode()
        if not self._file.takes(len(data) + _MARGIN):
            self._turn(of)
        if data:
            self._file.write((b",\n" if self._rows else b"\n") + data)
        self._rows += piece.count

    def end(self, of: ExportList) -> None:
        """End a list; with the last one, the document."""
        self._file.write(b"\n]" + (b"\n}\n" if of is _LISTS[-1] else b""))

    def _start(self) -> str:
        return f'{{\n"export_metadata": {self._metadata},\n'

    def _turn(self, of: ExportList) -> None:
        at = _LISTS.index(of)
        later = b"".join(b",\n" + _opening(one) + b"]" for one in _LISTS[at + 1 :])
        self._file.write(b"\n]" + later + b"\n}\n")
        self._file.turn()
        earlier = b"".join(_opening(one) + b"],\n" for one in _LISTS[:at])
        self._file.write(self._start().encode() + earlier + _opening(of))
        self._rows = 0


def metadata(job: ExportJob) -> dict[str, str]:
    """Give the seed's `export_metadata`."""
    return {
        "export_date": job.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exported_by": job.exported_by,
        "data_range": str(job.dates),
    }


def _opening(of: ExportList) -> bytes:
    return f'"{of.value}": ['.encode()


class Table:
    """The CSV file of one list: UTF-8 with a mark that spreadsheets know it by; each part has the header."""

    def __init__(self, file: Split, of: ExportList) -> None:
        self._file, self._header = file, csv_header(of)
        file.write(self._header)

    def add(self, piece: Piece) -> None:
        """Add rows."""
        data = piece.csv.encode()
        if not self._file.takes(len(data)):
            self._file.turn()
            self._file.write(self._header)
        if data:
            self._file.write(data)


def csv_header(of: ExportList) -> bytes:
    """Give the first bytes of a list's CSV file."""
    return ("\ufeff" + ",".join(f'"{name}"' for name in COLUMNS[of].header) + "\r\n").encode()
