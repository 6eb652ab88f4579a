"""The central server as the origin of an export of every line."""

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from daemon.export.sheets import papers
from stations.rules.settings import read_rules
from storage.export.job import ExportJob, Source
from storage.export.manifest import moment
from storage.export.scope import PlantDates, Scope
from storage.export.signing import Signer
from storage.postgres.exporting import CentralRows
from storage.postgres.link import read_dsn, redacted


class DaysUnfit(Exception):
    """Days that nothing can lie in."""

    todo = "Give other days."


@dataclass(frozen=True, slots=True)
class CentralOrigin:
    """Asks PostgreSQL as a reader; None as a day: from the first row, or to the last one. Unsigned without a signer."""

    rows: CentralRows
    address: str
    first: date | None
    last: date | None
    signer: Signer | None = None

    @classmethod
    @contextmanager
    def open(cls, dsn_file: Path, first: date | None, last: date | None, signer: Signer | None) -> Iterator[Self]:
        """Connect. Raises CentralAway, or CentralUnfit."""
        dsn = read_dsn(dsn_file)
        with CentralRows.open(dsn) as rows:
            yield cls(rows, redacted(dsn), first, last, signer)

    @property
    def identity(self) -> tuple[str, ...]:
        """The server, the days, and whether it is signed."""
        return ("central", self.address, str(self.first), str(self.last), str(self.signer is not None))

    def begin(self) -> Mapping[str, Any]:
        """Ask what there is. Raises CentralAway, DaysUnfit."""
        standing, now = self.rows.standing(), datetime.now(UTC)
        zone = read_rules(standing.config)[0].plant_zone
        days = [one.astimezone(zone).date() for one in (now, *standing.ends)]
        since, until = _instants(PlantDates(self.first or min(days), self.last or max(days)), zone)
        counts = self.rows.counts(Scope(since=since, until=until))
        return {
            "site": standing.site, "line_number": None, "exported_by": _login(), "zone": zone.key,
            "since": moment(since), "until": moment(until), "upto_seq": None, "store_id": standing.central_id,
            "epoch": standing.epoch, "as_of": moment(now), "counts": {of.value: count for of, count in counts.items()},
        }  # fmt: skip

    def source(self, job: ExportJob) -> Source:
        """Give its rows and sheets."""
        return Source(self.rows, papers(self.rows.sheets(job.scope), job), self.signer)


def _instants(dates: PlantDates, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        since, until = dates.instants(zone)
    except OverflowError as error:
        raise DaysUnfit(f"From {dates} are no days of ours.") from error
    if since >= until:
        raise DaysUnfit(f"From {dates} is no stretch of days.")
    return since, until


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
