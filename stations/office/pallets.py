"""Closing a pallet by hand, wherever it stands, and opening one again."""

from dataclasses import dataclass, replace

from stations.gather import loaded_on
from stations.office.deciding import decision
from stations.office.finding import pallet_numbered
from stations.office.orders import noted
from stations.office.outcome import Desk, Outcome, done, refused
from stations.office.wording import reason_of
from stations.rules.pallets import why_not_closed
from storage.records import Alarm, Order, Pallet, PalletStatus, Role
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePallet:
    """Close a pallet with what is on it."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenPallet:
    """Open a closed pallet again, so that panels may leave it and come onto it."""

    number: str
    reason: str


@decision(Role.SUPERVISOR)
def close_pallet(view: View, desk: Desk, request: ClosePallet) -> Outcome[Pallet]:
    """Close a pallet; refused when empty, on hold, or with held, failed, foreign or doubled panels."""
    pallet = pallet_numbered(view, request.number)
    held = bool(view.open_holds(pallet.uuid))
    why = why_not_closed(pallet, held, loaded_on(view, pallet))
    if why:
        raise refused(why, "See what is on it: sunline pallet show.")
    closed = replace(pallet, status=PalletStatus.COMPLETED, completed_at=desk.at)
    return done(closed, closed)


@decision(Role.SUPERVISOR)
def reopen_pallet(view: View, desk: Desk, request: ReopenPallet) -> Outcome[Pallet]:
    """Open a closed pallet again; refused beside another open one of its order. Nobody here knows whether it left.

    The reason stands in the order's notes; an alarm says that the printed sheet is no longer true.
    """
    pallet, reason = pallet_numbered(view, request.number), reason_of(request.reason)
    number = pallet.pallet_number
    if pallet.status is not PalletStatus.COMPLETED:
        raise refused(f"Pallet {number} is open already.", "See what is on it: sunline pallet show.")
    order = _order_of(view, pallet)
    rival = next((one for one in view.open_pallets() if one.order_uuid == order.uuid), None)
    if rival is not None:
        message = f"Order {order.mo_number} has an open pallet already, {rival.pallet_number}."
        raise refused(message, f"Close that one first: sunline pallet close {rival.pallet_number}.")
    reopened = replace(pallet, status=PalletStatus.IN_PROGRESS, completed_at=None)
    explained = replace(order, notes=noted(desk, order, f"pallet {number} opened again", reason))
    why = f"{desk.who.username}: {reason.rstrip('.')}"
    message = f"Pallet {number} was opened again ({why}). Its printed sheet no longer counts."
    alarm = Alarm(uuid=desk.ids(), code="pallet_reopened", message=message, created_at=desk.at)
    return done(reopened, reopened, explained, alarm)


def _order_of(view: View, pallet: Pallet) -> Order:
    found = view.order(pallet.order_uuid)
    if found is None:
        raise refused(f"Pallet {pallet.pallet_number} belongs to no order of this line.")
    return found
