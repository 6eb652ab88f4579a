"""An export to try everything on: a job, rows made of anything, sheets, a key."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.export import ExportList, Piece, PlantDates, Scope
from storage.export.columns import COLUMNS, FORMULA_STARTS
from storage.export.durable import Written
from storage.export.job import ExportJob, Paper, Progress, Source
from storage.export.layout import Format
from storage.export.signing import KeySigner

Row = Mapping[str, Any]

SIGNER = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_SIGNER = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
DATES = PlantDates(date(2026, 3, 1), date(2026, 3, 31))
ZONE = "Europe/Berlin"
SINCE, UNTIL = DATES.instants(ZoneInfo(ZONE))
JOB = ExportJob(
    site="P1", line_number=1, dates=DATES, zone=ZONE, scope=Scope(since=SINCE, until=UNTIL, upto_seq=900),
    as_of=datetime(2026, 4, 1, 6, 30, 15, 123456, tzinfo=UTC), exported_by="maria",
    store_id="5b0c1ad1-8a3c-4c4b-9a57-2f1e6f1c0001", counts=dict.fromkeys(ExportList, 7),
)  # fmt: skip


def row(of: ExportList, number: int, text: str = "text") -> Row:
    """Give a row of a list with every key it has."""
    return {key: f"{key} {number} {text}" for key in COLUMNS[of].keys}


def rows(count: int = 7) -> dict[ExportList, list[Row]]:
    """Give some rows for every list."""
    return {of: [row(of, number) for number in range(count)] for of in ExportList}


def csv_field(value: object) -> str:
    """Write a value as a source does."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value)
    guarded = f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return '"' + guarded.replace('"', '""') + '"'


@dataclass
class FakeRows:
    """A store: rows in pieces of `size`; `breaks_after` rows it fails with `error`."""

    lists: Mapping[ExportList, Sequence[Row]]
    size: int = 3
    error: Exception | None = None
    breaks_after: int = 0
    read: int = 0

    def pieces(self, of: ExportList, scope: Scope, after: str = "") -> Iterator[Piece]:
        del scope
        found = self.lists.get(of, ())
        for at in range(int(after or 0), len(found) or 1, self.size):
            chunk = found[at : at + self.size]
            if self.error is not None and self.read >= self.breaks_after:
                raise self.error
            self.read += len(chunk)
            end = at + self.size
            yield Piece(
                ",\n".join(json.dumps(one, ensure_ascii=False) for one in chunk),
                "".join(",".join(csv_field(one.get(name)) for name in COLUMNS[of].header) + "\r\n" for one in chunk),
                len(chunk),
                str(end) if end < len(found) else None,
            )


def papers(count: int = 2) -> list[Paper]:
    """Give some pallet sheets."""
    return [Paper(f"P1-1-2026-{number:06}", partial(_drawn, number)) for number in range(count)]


def _drawn(number: int) -> bytes:
    return b"%PDF sheet " + bytes([number]) * 500


def source(lists: Mapping[ExportList, Sequence[Row]] | None = None, sheets: int = 2) -> Source:
    """Give a whole source."""
    return Source(FakeRows(rows() if lists is None else lists), papers(sheets), SIGNER)


def job(**changed: Any) -> ExportJob:  # noqa: ANN401
    return replace(JOB, **changed)


@dataclass
class Diary:
    """Keeps what it is told, and what could be gone on with after an interruption."""

    done: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    steps: list[Progress] = field(default_factory=list)

    def progress(self, so_far: Progress) -> None:
        self.steps.append(so_far)

    def finished(self, file: Written, *, kept: bool) -> None:
        self.done[file.name] = file.sha256
        if kept:
            self.kept.append(file.name)


def csv_rows(data: bytes) -> list[list[str]]:
    """Read a CSV file as any program does."""
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data[3:].decode(), newline=""), strict=True))


ALL = frozenset(Format)
