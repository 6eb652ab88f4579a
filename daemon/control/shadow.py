"""The operations of a shadow run: paper in, differences out, what people explain."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.control.calls import Call, NoArguments, decided
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json
from daemon.control.views.shadow import plain_report, plain_sheet
from daemon.shadow.desk import DeskRefused, ShadowDesk, Told
from daemon.shadow.legacy import legacy_of
from daemon.shadow.report import Period, Right
from stations.office.carrying import carry_over
from stations.office.wording import NAME, one_line, reason_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BringPaper:
    """A file of paper: its name, its bytes as base64."""

    name: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPaper:
    """A sheet or a row that was copied wrongly."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainDifferences:
    """What some differences come from, and who was right."""

    differences: list[str]
    right: Right
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReport:
    """A period of plant days, both ends included (YYYY-MM-DD)."""

    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryPeople:
    """The store of the shadow run that came before."""

    store: str


async def carry(call: Call, args: CarryPeople) -> Json:
    """Take over people, rules and criteria of a shadow run."""
    with _refusing():
        found = await legacy_of(Path(args.store), call.line.place)
    taken = await decided(call, carry_over, found)
    return {
        "users": [user.username for user in taken.users], "rules": [rule.config_key for rule in taken.rules],
        "criteria": len(taken.criteria),
    }  # fmt: skip


async def bring(call: Call, args: BringPaper) -> Json:
    """Take in a file of paper and say what of it is new and what cannot be read."""
    try:
        raw = b64decode(args.raw, validate=True)
    except (NotBase64, ValueError) as error:
        raise ControlError(Code.INVALID, "The argument raw is no base64.", "Send the file's bytes.") from error
    name = one_line("The name of the file", args.name, 4 * NAME)
    with _refusing():
        taken = await _desk(call).take(name, raw, await _who(call), _zone(call))
    faults = [{"row": one.row, "why": one.why} for one in taken.faults]
    return {"id": taken.id, "name": name, "rows": taken.rows, "new": taken.new, "faults": faults}


async def withdraw(call: Call, args: WithdrawPaper) -> Json:
    """Let a sheet or a row no longer count."""
    reason = reason_of(args.reason)
    with _refusing():
        return {"withdrawn": await _desk(call).withdraw(args.what.strip(), reason, await _who(call), _zone(call))}


async def explain(call: Call, args: ExplainDifferences) -> Json:
    """Keep what differences come from."""
    reason = reason_of(args.reason)
    told = await _told(call, Period())
    with _refusing():
        explained = await _desk(call).explain(told.report, args.differences, args.right, reason, await _who(call))
    return {"explained": list(explained), "open": (await _told(call, Period())).report.open_differences}


async def show(call: Call, args: AskReport) -> Json:
    """Hold the paper against the line."""
    told = await _told(call, Period(_day("first", args.first), _day("last", args.last)))
    place = call.line.place
    return {"site": place.site, "line": place.line_number, **plain_report(told)}


async def sheets(call: Call, _: NoArguments) -> list[Json]:
    """List the paper that came in."""
    with _refusing():
        return [plain_sheet(one) for one in await _desk(call).sheets(_zone(call))]


async def _told(call: Call, period: Period) -> Told:
    with _refusing():
        return await _desk(call).report(call.runner, _zone(call), period)


def _desk(call: Call) -> ShadowDesk:
    desk = call.line.shadow
    if desk is None:
        raise ControlError(
            Code.REFUSED, "This line does not run beside paper.", "That takes a [shadow] section in its configuration."
        )
    return desk


def _zone(call: Call) -> ZoneInfo:
    return call.runner.surroundings.rules.plant_zone


async def _who(call: Call) -> str:
    user = await call.runner.read(lambda view: view.user_by_os_user(call.peer.os_user))
    return user.username if user is not None else call.peer.os_user


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise ControlError(Code.INVALID, f"The argument {name} is no day.", "Write it like 2026-11-23.") from error


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except DeskRefused as no:
        raise ControlError(Code.REFUSED, str(no), no.todo) from no
    except OSError as error:
        message = f"The paper cannot be kept or read: {error.strerror or error}."
        raise ControlError(Code.NOT_DURABLE, message, "Check the data disk, then try again.") from error
