"""The list of everything in an export, with digests: what is signed."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from storage.errors import StorageError
from storage.export.durable import Written
from storage.export.job import ExportJob
from storage.export.layout import is_ours

FORM: Final = "sunline export 1"


class ManifestUnreadable(StorageError):
    """A manifest is damaged, or none of ours."""

    todo = "Export again."


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of an export, by name, and what the export is. `public_key` is base64; None: unsigned."""

    about: Mapping[str, Any]
    files: tuple[Written, ...]
    public_key: str | None = None

    @classmethod
    def of(cls, job: ExportJob, files: tuple[Written, ...], public_key: bytes | None) -> Self:
        """Write down an export."""
        ordered = tuple(sorted(files, key=lambda file: file.name))
        return cls(_about(job), ordered, base64.b64encode(public_key).decode("ascii") if public_key else None)

    def to_bytes(self) -> bytes:
        """Give it as it stands in the folder: JSON with sorted keys."""
        files = [{"name": file.name, "bytes": file.bytes, "sha256": file.sha256} for file in self.files]
        body = {"form": FORM, **self.about, "files": files, "public_key": self.public_key}
        return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read one, trusting nothing. Raises ManifestUnreadable."""
        try:
            body = json.loads(data)
            if body.pop("form") != FORM:
                raise ManifestUnreadable("The manifest is of another kind, or of a newer sunline.", todo=_NEWER)
            files, key = tuple(_file(one) for one in body.pop("files")), body.pop("public_key")
            if key is not None:
                base64.b64decode(key, validate=True)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
            raise ManifestUnreadable("The manifest cannot be read.") from error
        if len({file.name for file in files}) != len(files):
            raise ManifestUnreadable("The manifest names a file twice.")
        return cls(body, files, key)


_NEWER: Final = "Check it with the sunline that wrote it."


def _file(body: Mapping[str, object]) -> Written:
    name, size, sha256 = body["name"], body["bytes"], body["sha256"]
    if not (isinstance(name, str) and isinstance(size, int) and isinstance(sha256, str) and is_ours(name)):
        raise ValueError(body)
    return Written(name, size, sha256)


def _about(job: ExportJob) -> dict[str, Any]:
    scope, adds = job.scope, job.scope.after_seq > 0
    return {
        "site": job.site,
        "line_number": job.line_number,
        "first_day": job.dates.first.isoformat(),
        "last_day": job.dates.last.isoformat(),
        "time_zone": job.zone,
        "since": moment(scope.since),
        "until": moment(scope.until),
        "after_seq": scope.after_seq if adds else None,
        "upto_seq": scope.upto_seq if adds else None,
        "formats": sorted(job.formats),
        "recipient": job.recipient,
        "as_of": moment(job.as_of),
        "exported_by": job.exported_by,
        "store_id": job.store_id,
        "epoch": job.epoch,
    }


def moment(at: datetime) -> str:
    """Write a moment as every file of an export does: UTC, microseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
