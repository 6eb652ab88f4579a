"""Holds: a panel or pallet is not to move on until a supervisor says so."""

from dataclasses import dataclass
from uuid import UUID

from stations.office.deciding import decision
from stations.office.finding import panel_named
from stations.office.naming import digits_of, fits, only_one
from stations.office.outcome import Desk, Outcome, Refused, done, not_found, refused
from stations.office.wording import one_line, reason_of
from stations.rules.serials import normalise
from storage.records import Hold, HoldRelease, Role, Subject
from storage.sqlite.view import View

_WHOLE = 32  # hex digits


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseHold:
    """Hold a panel (its serial) or a pallet (its number)."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """End one hold (its id or a part of it) or all holds on a panel or pallet."""

    hold: str
    reason: str


@decision(Role.SUPERVISOR)
def raise_hold(view: View, desk: Desk, request: RaiseHold) -> Outcome[Hold]:
    """Put a panel or pallet on hold."""
    subject, uuid = subject_named(view, request.subject)
    hold = Hold(
        uuid=desk.ids(), subject=subject, subject_uuid=uuid, code="person", reason=reason_of(request.reason),
        raised_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    return done(hold, hold)


@decision(Role.SUPERVISOR)
def release_hold(view: View, desk: Desk, request: ReleaseHold) -> Outcome[tuple[HoldRelease, ...]]:
    """End holds; refused where there is none to end."""
    reason = reason_of(request.reason)
    releases = tuple(
        HoldRelease(
            uuid=desk.ids(), hold_uuid=hold.uuid, reason=reason, released_by=desk.who.uuid, created_at=desk.at
        )
        for hold in _open_holds(view, request.hold)
    )  # fmt: skip
    return done(releases, *releases)


def subject_named(view: View, text: str) -> tuple[Subject, UUID]:
    """Find the panel or pallet a text names."""
    given = one_line("The serial or pallet number", text, 100)
    pallet = view.pallet(given) or view.pallet(normalise(given))
    if pallet is not None:
        return Subject.PALLET, pallet.uuid
    try:
        return Subject.PANEL, panel_named(view, given).uuid
    except Refused as no:
        raise not_found(f"There is no panel and no pallet {given}.", "Check what you typed.") from no


def _open_holds(view: View, text: str) -> tuple[Hold, ...]:
    try:
        subject = subject_named(view, text)[1]
    except Refused as nothing:
        return (_hold_of(view, text, nothing),)
    found = view.open_holds(subject)
    if not found:
        raise refused(f"{text.strip()} is not on hold.")
    return found


def _hold_of(view: View, text: str, nothing: Refused) -> Hold:
    """Find an open hold by its id or a part of it. Raises `nothing` for a text that is no id at all."""
    try:
        digits = digits_of("hold", text)
    except Refused:
        raise nothing from None
    found = [hold for hold in view.all_open_holds() if fits(hold.uuid, digits)]
    hold = only_one("hold", digits, found)
    if hold is not None:
        return hold
    if len(digits) == _WHOLE and view.hold(UUID(digits)) is not None:
        raise refused("This hold was released already.")
    raise not_found(f"There is no open hold {text.strip()}.", "List them: sunline hold list.")
