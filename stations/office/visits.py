"""What a USB stick is to get at a visit, and what became of the visit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from stations.office.deciding import decision
from stations.office.outcome import Desk, Outcome, done, invalid, not_found, refused
from stations.rules.flashes import storable
from storage.records import Stick, StickExport, StickOutcome, StickVisit
from storage.sqlite.view import View

MOST_FILES = 2000
"""Of so many files of an interrupted export it is known that they are whole; the others are written again."""

_DEVICE, _MESSAGE, _FILE_NAME = 200, 500, 255
_HEX = frozenset("0123456789abcdef")
_SHA256 = 64
_CUT_OFF = frozenset({StickOutcome.PULLED_EARLY, StickOutcome.INTERNAL})


@dataclass(frozen=True, slots=True)
class Given:
    """An export of one stick, and whether a visit completed it: exported, or found nothing new."""

    export: StickExport
    complete: bool


@dataclass(frozen=True, slots=True)
class Next:
    """What a stick is to get: an export to go on with, or a new one of what was recorded behind `after_seq`."""

    after_seq: int
    resumed: StickExport | None = None


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that stands whole on the stick; `sha256` in small hexadecimal digits."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What there is of a line: its change log up to now, and the days it covers."""

    log_store: UUID
    upto_seq: int
    since: datetime
    until: datetime
    first_day: str
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginExport:
    """Begin an export of a stretch of the change log."""

    stick_uuid: UUID
    after_seq: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVisit:
    """Keep what became of a visit; `device` are the words for which stick it was.

    `uuid` is the visit's, where whoever reports it chose one, so that it can be reported again.
    """

    uuid: UUID | None = None
    stick_uuid: UUID | None
    export_uuid: UUID | None
    device: str
    outcome: StickOutcome
    message: str
    files: tuple[WrittenFile, ...] = ()


def next_export(given: Sequence[Given], stick: Stick, *, full: bool) -> Next:
    """Choose what a stick gets, from what it was given of this line's store before, the newest first.

    The newest export is gone on with while no visit completed it, unless everything is wanted and it adds to an
    earlier one. Else a new one adds to the complete ones, or holds everything. Exports of another kind or for another
    recipient do not count: the stick does not have those rows in the form it is to have them.
    """
    mine = [one for one in given if (one.export.takes, one.export.recipient) == (stick.takes, stick.recipient)]
    wants_all = full or stick.always_full
    newest = mine[0] if mine else None
    if newest is not None and not newest.complete and (newest.export.after_seq == 0 or not wants_all):
        return Next(newest.export.after_seq, newest.export)
    complete = (one.export.upto_seq for one in mine if one.complete)
    return Next(0 if wants_all else max(complete, default=0))


def may_have_written(ended: Collection[StickOutcome]) -> bool:
    """Tell, by what the visits of an export came to, whether one may have been cut off while it wrote.

    One of which nothing was ever heard may have been, one that was refused was not.
    """
    return not ended or not _CUT_OFF.isdisjoint(ended)


@decision(None)
def begin_export(view: View, desk: Desk, request: BeginExport) -> Outcome[StickExport]:
    """Begin an export; refused for a stick that may not take anything away (any more)."""
    stick, span = welcome_stick(view, request.stick_uuid), request.span
    export = StickExport(
        uuid=desk.ids(), stick_uuid=stick.uuid, log_store=span.log_store, after_seq=request.after_seq,
        upto_seq=span.upto_seq, since=span.since, until=span.until, first_day=span.first_day, last_day=span.last_day,
        takes=stick.takes, recipient=stick.recipient, exported_by=stick.enrolled_by, created_at=desk.at,
    )  # fmt: skip
    return done(export, export)


@decision(None)
def report_visit(view: View, desk: Desk, request: ReportVisit) -> Outcome[StickVisit]:
    """Keep a visit, once; refused where it names what is not here or says what cannot be."""
    kept = view.sticks.visit(request.uuid) if request.uuid is not None else None
    if kept is not None:
        return done(kept)
    _check_export(view, request)
    files = [{"name": one.name, "bytes": one.bytes, "sha256": one.sha256} for one in request.files[:MOST_FILES]]
    visit = StickVisit(
        uuid=request.uuid or desk.ids(), stick_uuid=request.stick_uuid, stick_export_uuid=request.export_uuid,
        device=clean(request.device, _DEVICE), outcome=request.outcome, message=clean(request.message, _MESSAGE),
        files=orjson.dumps(files).decode(), created_at=desk.at,
    )  # fmt: skip
    return done(visit, visit)


def welcome_stick(view: View, uuid: UUID) -> Stick:
    """Find a stick that may take data away."""
    stick = view.sticks.one(uuid)
    if stick is None:
        raise not_found("There is no such stick.", "An admin enrols it: sunline usb enrol.")
    if not stick.active:
        raise refused(f"The stick {stick.name} was revoked.", "An admin enrols it again: sunline usb enrol.")
    return stick


def checked_file(name: str, size: int, sha256: str) -> WrittenFile:
    """Take a file as it was told. Raises Refused (invalid) for what no file of an export is."""
    parts = name.split("/")
    plain = name.isprintable() and storable(name) == name and "\\" not in name
    if not plain or len(name) > _FILE_NAME or not all(part not in ("", ".", "..") for part in parts):
        raise invalid("This is no name of a file in an export.")
    if size < 0 or len(sha256) != _SHA256 or not _HEX.issuperset(sha256):
        raise invalid("A file has a size and a SHA-256 digest in small hexadecimal digits.")
    return WrittenFile(name, size, sha256)


def clean(text: str, longest: int) -> str:
    """Make one line of a text that may hold anything a stick says of itself: what does not print becomes blank."""
    shown = "".join(one if one.isprintable() else " " for one in storable(text))
    line = " ".join(shown.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _check_export(view: View, request: ReportVisit) -> None:
    if request.stick_uuid is not None and view.sticks.one(request.stick_uuid) is None:
        raise not_found("There is no such stick.")
    if request.export_uuid is not None:
        export = view.sticks.export(request.export_uuid)
        if export is None or export.stick_uuid != request.stick_uuid:
            raise not_found("This stick has no such export.")
    elif request.outcome is StickOutcome.EXPORTED:
        raise invalid("A visit that exported something names the export.")
