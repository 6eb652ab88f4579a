"""What a line, or the central server, says of an export before it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from storage.export.job import ExportJob
from storage.export.layout import Format
from storage.export.lists import ExportList
from storage.export.scope import PlantDates, Scope

_LAST_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person who exports decided. `as_of` None: now."""

    formats: frozenset[Format]
    recipient: str | None = None
    as_of: datetime | None = None


class PlanUnfit(Exception):
    """An answer is none, or of another version."""

    todo = "Update sunline here and on the line, then try again."


def job_of(body: Mapping[str, Any], wishes: Wishes) -> ExportJob:
    """Read the answer to `export.begin` as a job. Raises PlanUnfit for any other."""
    try:
        return _job(body, wishes)
    except (KeyError, ValueError, TypeError) as error:
        raise PlanUnfit(f"What answers is not understood here ({type(error).__name__}: {error}).") from error


def _job(body: Mapping[str, Any], wishes: Wishes) -> ExportJob:
    zone = ZoneInfo(body["zone"])
    since, until = _moment(body["since"]), _moment(body["until"])
    upto_seq = body.get("upto_seq")
    return ExportJob(
        site=str(body["site"]),
        line_number=body["line_number"],
        dates=PlantDates(since.astimezone(zone).date(), (until - _LAST_MOMENT).astimezone(zone).date()),
        zone=zone.key,
        scope=Scope(since=since, until=until, upto_seq=None if upto_seq is None else int(upto_seq)),
        as_of=wishes.as_of or _moment(body["as_of"]),
        exported_by=str(body["exported_by"]),
        store_id=str(body["store_id"]),
        epoch=body.get("epoch"),
        counts={of: int(body["counts"].get(of.value, 0)) for of in ExportList},
        formats=wishes.formats,
        recipient=wishes.recipient,
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
