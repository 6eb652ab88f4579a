"""The operations on USB sticks: who may take data away; what the program that serves a plugged stick asks and tells.

That program is one of our own and runs as such; what it says may come from a stick and is checked. `device` is always
the kernel's name of the stick's disk (`sdb`).
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from daemon.control.calls import Call, NoArguments, decided
from daemon.control.peers import assert_service
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json
from daemon.control.views.sticks import enrolled, plain_stick, plain_visit, stick_now
from stations.office.visits import (
    ReportVisit,
    checked_file,
    clean,
    report_visit,
)
from storage.records import Stick, StickOutcome, stick_key, thing_uuid
from storage.sqlite.view import View

_DEVICE: Final = re.compile(r"[a-z][a-z0-9]{0,30}")
_STATE, _MESSAGE, _TODO, _LONGEST = 60, 240, 160, 1000
_MOST_VISITS: Final = 1000
_GOOD: Final = frozenset({StickOutcome.EXPORTED, StickOutcome.NOTHING_NEW})

Line = Annotated[str, Field(max_length=_LONGEST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVisits:
    """The newest visits; of one stick, by its name."""

    stick: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Greet:
    """A stick was plugged in: does this line know it? With `device`, screens call it by its name from then on."""

    vendor_id: Line
    product_id: Line
    usb_serial: Line
    volume_id: Line
    device: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the work on a stick is; `share` from 0 to 1."""

    device: Line
    state: Line
    share: Annotated[float, Field(ge=0, le=1)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """A file of an export stands whole on the stick."""

    export_uuid: UUID
    name: Line
    bytes: int
    sha256: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFile:
    """A file as a report names it."""

    name: Line
    bytes: int
    sha256: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a visit. `described`: which stick it was, in words. `files`: those that stand whole on it.

    Without `files`, those count that were told with `usb.file`. `visit` names the visit, so that a report whose answer
    was lost can be sent again.
    """

    visit: UUID | None = None
    device: Line
    described: Line = ""
    outcome: StickOutcome
    message: Line
    todo: Line = ""
    stick_uuid: UUID | None = None
    export_uuid: UUID | None = None
    files: tuple[ToldFile, ...] | None = None


async def list_sticks(call: Call, _: NoArguments) -> Json:
    """Give the enrolled sticks, each with its last visit, and what is said of those that are plugged."""
    rows = await call.runner.read(enrolled)
    return {"sticks": rows, "now": [stick_now(one) for one in call.line.standing().sticks]}


def visits(view: View, args: ListVisits) -> list[Json]:
    """Give visits, newest first."""
    if not 1 <= args.limit <= _MOST_VISITS:
        raise ControlError(Code.INVALID, f"A limit of {args.limit} is not possible.", f"Give 1 to {_MOST_VISITS}.")
    names = {stick.uuid: stick.name for stick in view.sticks.all()}
    wanted = [uuid for uuid, name in names.items() if args.stick and name.casefold() == args.stick.casefold()]
    found = view.sticks.visits(_MOST_VISITS if args.stick else args.limit)
    chosen = [visit for visit in found if not args.stick or visit.stick_uuid in wanted][: args.limit]
    return [plain_visit(visit, names.get(visit.stick_uuid) if visit.stick_uuid else None) for visit in chosen]


async def greet(call: Call, args: Greet) -> Json:
    """Say whether a stick may take data away; if not, why not."""
    assert_service(call.peer)
    key = stick_key(args.vendor_id.lower(), args.product_id.lower(), args.usb_serial, args.volume_id)
    uuid = thing_uuid(call.line.place.site, Stick.KIND, key)
    stick = await call.runner.read(lambda view: view.sticks.one(uuid))
    if args.device:
        call.line.sticks.named(_device(args.device), stick.name if stick else "", stick.uuid if stick else None)
    if stick is None:
        return {"stick": None, "reason": "Nobody enrolled it."}
    if not stick.active:
        return {"stick": None, "reason": f"It is called {stick.name} and was revoked."}
    return {"stick": plain_stick(stick), "reason": ""}


async def progress(call: Call, args: Progress) -> Json:
    """Show how far the work on a stick is, on every screen of the line."""
    assert_service(call.peer)
    call.line.sticks.working(_device(args.device), clean(args.state, _STATE), args.share)
    return {}


async def wrote(call: Call, args: Wrote) -> Json:
    """Remember a file that is whole, for a visit that is broken off."""
    assert_service(call.peer)
    file = checked_file(args.name, args.bytes, args.sha256)
    export = await call.runner.read(lambda view: view.sticks.export(args.export_uuid))
    if export is None:
        raise ControlError(Code.NOT_FOUND, "There is no such export.", "Ask for a plan first.")
    call.line.sticks.wrote(export.uuid, file)
    return {}


async def report(call: Call, args: Report) -> Json:
    """Keep what became of a visit and tell everybody on the line."""
    assert_service(call.peer)
    device, told = _device(args.device), args.files
    files = tuple(checked_file(one.name, one.bytes, one.sha256) for one in told) if told is not None else ()
    if told is None and args.export_uuid is not None:
        files = call.line.sticks.files(args.export_uuid)
    request = ReportVisit(
        uuid=args.visit, stick_uuid=args.stick_uuid, export_uuid=args.export_uuid, device=args.described or device,
        outcome=args.outcome, message=args.message, files=files,
    )  # fmt: skip
    kept = await call.runner.read(lambda view: view.sticks.visit(args.visit) if args.visit else None)
    if kept is not None:  # everybody was told then
        return plain_visit(kept, await call.runner.read(lambda view: _name(view, kept.stick_uuid)) or None)
    text, name = f"{clean(args.message, _MESSAGE)} {clean(args.todo, _TODO)}".strip(), ""
    try:
        name = await call.runner.read(lambda view: _name(view, args.stick_uuid))
        visit = await decided(call, report_visit, request)
    finally:  # whether it can be kept or not: somebody stands there and waits
        call.line.sticks.ended(device, name, good=args.outcome in _GOOD, text=text)
    return plain_visit(visit, name or None)


def _name(view: View, uuid: UUID | None) -> str:
    stick = view.sticks.one(uuid) if uuid is not None else None
    return stick.name if stick is not None else ""


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise ControlError(Code.INVALID, "This is no name of a disk.", "Give the kernel's name, like sdb.")
    return text
