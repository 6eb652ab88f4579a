"""Closing a pallet by hand, with fewer panels than it holds."""

from dataclasses import replace

from drivers.readings import Answer
from stations.rules.pallets import why_not_closed
from stations.rules.routing import LAST_STATION
from stations.workflow.state import Colour
from stations.workflow.turn import OpenPallet, Step, Turn, refuse, say
from storage.records import PalletStatus


def close_pallet(turn: Turn) -> Step:
    """Close the pallet of the order completed last, else the line's only one; refused for what may not be shipped."""
    if turn.state.station_number != LAST_STATION:
        return refuse(turn, "no_pallet_here", "No pallets here", todo="Pallets are closed at station 4.")
    loaded = [one for one in turn.facts.open_pallets if one.places]
    if not loaded:
        return refuse(turn, "no_pallet", "No open pallet", "No pallet carries panels.", "Scan a panel.")
    mine = [one for one in loaded if one.pallet.order_uuid == turn.state.last_order_uuid]
    chosen = mine or loaded
    if len(chosen) > 1:
        numbers = ", ".join(one.pallet.pallet_number for one in chosen)
        return refuse(turn, "several_pallets", "Which pallet?", numbers, "A supervisor: sunline pallet close.")
    return _closed(turn, chosen[0])


def _closed(turn: Turn, chosen: OpenPallet) -> Step:
    pallet = chosen.pallet
    why = why_not_closed(pallet, chosen.held, chosen.loaded)
    if why:
        return refuse(turn, "pallet_not_closed", "Pallet stays open", why, "Call a supervisor.")
    closed = replace(pallet, status=PalletStatus.COMPLETED, completed_at=turn.at)
    loaded = len(chosen.places)
    detail = f"{pallet.pallet_number} with {loaded} {'panel' if loaded == 1 else 'panels'}."
    state = say(turn.state, Colour.GREEN, "Pallet closed", detail, "Print its sheet.")
    return Step(state, "pallet_closed", Answer.GOOD, (closed,))
