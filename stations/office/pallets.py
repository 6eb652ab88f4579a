"""Closing a pallet by hand, wherever it stands."""

from dataclasses import dataclass, replace

from stations.office.deciding import decision
from stations.office.finding import pallet_numbered
from stations.office.outcome import Desk, Outcome, done, refused
from stations.rules.pallets import Loaded, why_not_closed
from storage.records import Pallet, PalletPanel, PalletStatus, Role
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


def loaded_on(view: View, pallet: Pallet) -> tuple[Loaded, ...]:
    """Give the panels on a pallet as they may be shipped or not."""
    return tuple(_loaded(view, place) for place in view.pallet_panels(pallet.uuid))


def _loaded(view: View, place: PalletPanel) -> Loaded:
    panel = view.panel_by_uuid(place.panel_uuid)
    if panel is None:
        raise LookupError(f"pallet place {place.uuid} names a panel that is not here")
    newest = view.pallet_of(panel.uuid)
    elsewhere = newest is not None and newest[0].uuid != place.pallet_uuid
    return Loaded(panel, bool(view.open_holds(panel.uuid)), newest[0].pallet_number if newest and elsewhere else "")
