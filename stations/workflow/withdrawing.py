"""Taking a finished panel back into work: off its open pallet, out of its order's completed count."""

from dataclasses import replace
from uuid import UUID

from stations.workflow.turn import Dossier, Step, Turn, refuse
from storage.records import Order, OrderStatus, Pallet, PalletRemoval, PalletStatus, Panel, PanelStatus, Record


def closed_pallet(dossier: Dossier) -> Pallet | None:
    """Give the closed pallet a panel lies on; a panel on one may not be taken back."""
    if dossier.on_pallet is None or dossier.on_pallet[0].status is not PalletStatus.COMPLETED:
        return None
    return dossier.on_pallet[0]


def on_hold(turn: Turn, dossier: Dossier) -> Step:
    """Refuse a panel that is on hold, with its reason."""
    serial, reason = dossier.panel.serial_number, dossier.holds[0].reason
    detail = reason if serial in reason else f"{serial}: {reason}"
    return refuse(turn, "on_hold", "On hold", detail, "Put it aside and call a supervisor.")


def stop_it(dossier: Dossier) -> str:
    """Say what to do about a panel on a closed pallet that turns out to be broken."""
    return f"Broken? A supervisor stops it: sunline hold raise {dossier.panel.serial_number}"


def withdraw(turn: Turn, dossier: Dossier, panel: Panel, reason: str, by: UUID) -> tuple[Record, ...]:
    """Write what follows from `panel` being the panel's new version: its pallet place ends, its order reopens."""
    return (panel, *_off_pallet(turn, dossier, reason, by), *_order_open_again(dossier))


def _off_pallet(turn: Turn, dossier: Dossier, reason: str, by: UUID) -> tuple[Record, ...]:
    if dossier.on_pallet is None:
        return ()
    place = dossier.on_pallet[1]
    removal = PalletRemoval(
        uuid=turn.ids(), pallet_panel_uuid=place.uuid, reason=reason, removed_by=by, created_at=turn.at
    )
    return (removal,)


def _order_open_again(dossier: Dossier) -> tuple[Order, ...]:
    was_completed = dossier.panel.status is PanelStatus.COMPLETED
    if not was_completed or dossier.order.status is not OrderStatus.COMPLETED:
        return ()
    return (replace(dossier.order, status=OrderStatus.ACTIVE, completed_at=None),)
