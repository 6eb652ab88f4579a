"""A line that only gives rows: the origin of an export without a daemon; as a program, to be killed at any moment."""

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon.export.plan import Wishes
from daemon.export.write import Exported, write_export
from storage.export import ExportList, Piece, Scope
from storage.export.job import ExportJob, Paper, Source, Unwatched, Watch
from storage.export.manifest import moment
from tests.storage.export import samples as s

EVERYTHING = Wishes(formats=s.ALL)

PLAN = {
    "site": "P1", "line_number": 1, "exported_by": "maria", "zone": s.ZONE, "since": moment(s.SINCE),
    "until": moment(s.UNTIL), "upto_seq": 900, "store_id": "a-store", "as_of": "2026-04-01T06:00:00.000000Z",
    "counts": {of.value: 7 for of in ExportList},
}  # fmt: skip


@dataclass
class FakeOrigin:
    """Gives seven rows of every list, a little time apart; `changed` is laid over the plan."""

    changed: Mapping[str, Any] = field(default_factory=dict)
    pause_s: float = 0.0
    dies_after: int | None = None
    begun: int = 0

    @property
    def identity(self) -> tuple[str, ...]:
        return ("fake",)

    def begin(self) -> Mapping[str, Any]:
        self.begun += 1
        return {**PLAN, "as_of": f"2026-04-01T06:00:{self.begun:02}.000000Z", **self.changed}

    def source(self, job: ExportJob) -> Source:
        del job
        error = None if self.dies_after is None else ConnectionError("gone")
        rows = s.FakeRows(s.rows(), 2, error, self.dies_after or 0)
        return Source(_Slow(rows, self.pause_s), self._papers(), s.SIGNER)

    def _papers(self) -> Iterator[Paper]:
        for paper in s.papers(9):
            time.sleep(self.pause_s)
            yield paper


@dataclass
class _Slow:
    rows: s.FakeRows
    pause_s: float

    def pieces(self, of: ExportList, scope: Scope, after: str = "") -> Iterator[Piece]:
        for piece in self.rows.pieces(of, scope, after):
            time.sleep(self.pause_s)
            yield piece


def export(out: Path, origin: FakeOrigin | None = None, watch: Watch | None = None) -> Exported:
    return write_export(out, origin or FakeOrigin(), EVERYTHING, watch or Unwatched())


if __name__ == "__main__":
    print("began", flush=True)
    export(Path(sys.argv[1]), FakeOrigin(pause_s=0.004))
