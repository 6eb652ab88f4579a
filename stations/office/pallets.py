"""Closing a pallet by hand, wherever it stands."""

from dataclasses import dataclass, replace

from stations.gather import loaded_on
from stations.office.deciding import decision
from stations.office.finding import pallet_numbered
from stations.office.outcome import Desk, Outcome, done, refused
from stations.rules.pallets import why_not_closed
from storage.records import Pallet, PalletStatus, Role
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePallet:
    """Close a pallet with what is on it."""

    number: str


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
