"""What the stations look at: criteria added and changed."""

import re
from dataclasses import dataclass, replace

from stations.office.changes import KEEP, Keep, changed
from stations.office.deciding import decision
from stations.office.finding import rules_in_force, station_numbered
from stations.office.outcome import Desk, Outcome, done, invalid, not_found, refused
from stations.office.wording import one_line
from storage.records import Criterion, Role, thing_uuid
from storage.sqlite.view import View

_CODE = re.compile(r"[a-z][a-z0-9_]{0,49}")
_LONGEST_NAME = 100
_LAST_NUMBER = 99  # printed "fail n" codes have two digits


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCriterion:
    """Add a criterion to a station; without a line it applies on all."""

    code: str
    station: int
    name: str
    order_index: int
    line_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCriterion:
    """Change what is given of a criterion, leave the rest; its code and station stay."""

    code: str
    name: str | Keep = KEEP
    order_index: int | Keep = KEEP
    active: bool | Keep = KEEP
    line_number: int | Keep | None = KEEP


@decision(Role.ADMIN)
def add_criterion(view: View, desk: Desk, request: AddCriterion) -> Outcome[Criterion]:
    """Add a criterion under a code and a number that are free."""
    code = request.code.strip().lower()
    if not _CODE.fullmatch(code):
        raise invalid(f"{code!r} is no code.", "Use small letters, digits and _, like glass_placement.")
    if any(one.code == code for one in view.criteria()):
        raise refused(f"There is a criterion {code} already.", "Change that one, or use another code.")
    criterion = Criterion(
        uuid=thing_uuid(desk.place.site, Criterion.KIND, f"{request.station}:{code}"), code=code,
        station_number=request.station, criterion_name=one_line("The name", request.name, _LONGEST_NAME),
        line_specific=request.line_number is not None, line_number=request.line_number,
        order_index=request.order_index,
    )  # fmt: skip
    _check(view, criterion)
    return done(criterion, criterion)


@decision(Role.ADMIN)
def set_criterion(view: View, desk: Desk, request: SetCriterion) -> Outcome[Criterion]:
    """Reword, renumber, switch on or off, or bind a criterion to a line."""
    before = next((one for one in view.criteria() if one.code == request.code.strip().lower()), None)
    if before is None:
        raise not_found(f"There is no criterion {request.code.strip()}.", "List them: sunline criterion list.")
    line = changed(request.line_number, before.line_number)
    after = replace(
        before, criterion_name=one_line("The name", changed(request.name, before.criterion_name), _LONGEST_NAME),
        order_index=changed(request.order_index, before.order_index), active=changed(request.active, before.active),
        line_specific=line is not None, line_number=line,
    )  # fmt: skip
    _check(view, after)
    return done(after, after)


def _check(view: View, criterion: Criterion) -> None:
    station_numbered(criterion.station_number)
    if not 1 <= criterion.order_index <= _LAST_NUMBER:
        raise invalid(f"A criterion cannot have number {criterion.order_index}.", f"Give 1 to {_LAST_NUMBER}.")
    lines = set(rules_in_force(view).line_types.values())
    if criterion.line_number is not None and criterion.line_number not in lines:
        raise invalid(f"There is no line {criterion.line_number}.", "Leave it out for all lines.")
    rival = next((one for one in view.criteria() if criterion.active and _same_place(one, criterion)), None)
    if rival is not None:
        raise refused(f"Number {criterion.order_index} is {rival.criterion_name} already.", "Give another number.")


def _same_place(one: Criterion, other: Criterion) -> bool:
    same = (one.station_number, one.order_index) == (other.station_number, other.order_index)
    lines = {one.line_number, other.line_number}
    return one.active and one.uuid != other.uuid and same and (None in lines or len(lines) == 1)
