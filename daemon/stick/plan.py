"""What a line wants on a stick, as it said over its control socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from storage.export.job import ExportJob, formats_of
from storage.export.layout import Format
from storage.export.lists import ExportList
from storage.export.scope import PlantDates, Scope
from storage.records import Takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One line's export to one stick. `done` names files of an earlier, interrupted visit with their digests.

    Their names begin with the folder they lie in (`folder` splits it off). `resumed`: the plan is that of an
    earlier visit which was not completed; `interrupted`: which may have been cut off while it wrote.
    """

    export_uuid: str
    stick_uuid: str
    job: ExportJob
    resumed: bool = False
    interrupted: bool = False
    done: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, stick_uuid: str, body: Mapping[str, Any]) -> Self:
        """Read the answer to `usb.plan`. Raises KeyError, ValueError or TypeError for any other."""
        return cls(
            export_uuid=str(body["export_uuid"]),
            stick_uuid=stick_uuid,
            job=_job(body),
            resumed=bool(body["resumed"]),
            interrupted=bool(body["interrupted"]),
            done={str(name): str(digest) for name, digest in dict(body["done"]).items()},
        )

    @property
    def rows(self) -> int:
        """How many rows, or pallet sheets, are to be written; 0: nothing is new for this stick."""
        if self.job.formats == {Format.SHEETS}:
            return self.job.counts[ExportList.PALLETS]
        return sum(self.job.counts.values())

    @property
    def folder(self) -> str:
        """Name the folder an interrupted visit wrote into last; empty: it finished no file."""
        return next(reversed(tuple(self.done)), "").partition("/")[0]

    @property
    def done_within(self) -> Mapping[str, str]:
        """Give `done` with names as they are within the folder."""
        return {name.partition("/")[2]: digest for name, digest in self.done.items()}


def _job(body: Mapping[str, Any]) -> ExportJob:
    scope = Scope(
        since=datetime.fromisoformat(body["since"]),
        until=datetime.fromisoformat(body["until"]),
        after_seq=int(body["after_seq"]),
        upto_seq=int(body["upto_seq"]),
    )
    return ExportJob(
        site=str(body["site"]),
        line_number=int(body["line_number"]),
        dates=PlantDates(date.fromisoformat(body["first_day"]), date.fromisoformat(body["last_day"])),
        zone=str(body["zone"]),
        scope=scope,
        as_of=datetime.fromisoformat(body["as_of"]),
        exported_by=str(body["exported_by"]),
        store_id=str(body["store_id"]),
        counts={one: int(body["counts"].get(one.value, 0)) for one in ExportList},
        formats=formats_of(Takes(body["takes"])),
        recipient=body.get("recipient"),
    )
