"""What a completed panel sets off: its place on a pallet, the order's alert, the order's end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from stations.rules.orders import COMPLETED, completed_text, due_alert, low_text
from stations.rules.pallets import Loaded, next_number, number_prefix, why_not_closed
from stations.workflow.turn import Action, Dossier, OpenPallet, TellLine, Turn
from storage.records import Order, OrderAlert, OrderStatus, Pallet, PalletPanel, PalletStatus, Record, thing_uuid


@dataclass(frozen=True, slots=True)
class Completion:
    """Records and actions of a completed panel, and the sentence for its operator."""

    records: tuple[Record, ...]
    actions: tuple[Action, ...]
    detail: str


def complete(turn: Turn, dossier: Dossier, finished: Loaded) -> Completion:
    """Put the finished panel on its order's open pallet and count it for the order."""
    pallet, place, detail = _palletised(turn, dossier, finished)
    order_records, actions = _counted(turn, dossier)
    return Completion((pallet, place, *order_records), actions, detail)


def first_free(places: Sequence[int]) -> int:
    """Give the lowest position from 1 that nobody has."""
    return next(position for position in count(1) if position not in places)


def _palletised(turn: Turn, dossier: Dossier, finished: Loaded) -> tuple[Pallet, PalletPanel, str]:
    size = turn.facts.rules.pallet_size
    open_ = dossier.pallet or OpenPallet(_new_pallet(turn, dossier.order))
    pallet, position = open_.pallet, first_free(open_.places)
    place = PalletPanel(
        uuid=turn.ids(), pallet_uuid=pallet.uuid, panel_uuid=finished.panel.uuid,
        position_in_pallet=position, added_at=turn.at,
    )  # fmt: skip
    loaded = len(open_.places) + 1
    if loaded < size:
        return pallet, place, f"Pallet {pallet.pallet_number}: place {position}, {loaded} of {size}."
    why = why_not_closed(pallet, open_.held, (*open_.loaded, finished))
    if why:
        return pallet, place, f"Pallet {pallet.pallet_number} is full and stays open: {why}"
    full = replace(pallet, status=PalletStatus.COMPLETED, completed_at=turn.at)
    return full, place, f"Place {position}. Pallet {pallet.pallet_number} is full: print its sheet."


def _new_pallet(turn: Turn, order: Order) -> Pallet:
    place, session = turn.facts.place, turn.state.session
    prefix = number_prefix(place.site, place.line_number, turn.at.year)
    number = next_number(prefix, turn.facts.last_pallet_number)
    return Pallet(
        uuid=thing_uuid(place.site, "pallet", number), pallet_number=number, order_uuid=order.uuid,
        created_by=session.user_uuid if session else None, created_at=turn.at,
    )  # fmt: skip


def _counted(turn: Turn, dossier: Dossier) -> tuple[tuple[Record, ...], tuple[Action, ...]]:
    order, remaining = dossier.order, dossier.order.quantity - dossier.counts.completed - 1
    records: list[Record] = []
    actions: list[Action] = []
    threshold = turn.facts.rules.alert_threshold
    alert = due_alert(remaining, threshold, dossier.alerts)
    if remaining <= 0 and order.status is OrderStatus.ACTIVE:
        records.append(replace(order, status=OrderStatus.COMPLETED, completed_at=turn.at))
    if alert is not None:
        text = completed_text(order) if alert == COMPLETED else low_text(order, remaining, threshold)
        row = OrderAlert(uuid=turn.ids(), order_uuid=order.uuid, alert=alert, remaining=remaining, created_at=turn.at)
        records.append(row)
        actions.append(TellLine(alert, text))
    return tuple(records), tuple(actions)
