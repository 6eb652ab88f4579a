"""Closing a pallet by hand, with fewer panels than it holds."""

from dataclasses import replace

from drivers.readings import Answer
from stations.rules.routing import LAST_STATION
from stations.workflow.state import Colour
from stations.workflow.turn import Step, Turn, refuse, say
from storage.records import PalletStatus


def close_pallet(turn: Turn) -> Step:
    """Close the line's only open pallet that carries panels; several need a supervisor to name one."""
    if turn.state.station_number != LAST_STATION:
        return refuse(turn, "no_pallet_here", "No pallets here", todo="Pallets are closed at station 4.")
    loaded = [(pallet, count) for pallet, count in turn.facts.open_pallets if count]
    if not loaded:
        return refuse(turn, "no_pallet", "No open pallet", "No pallet carries panels.", "Scan a panel.")
    if len(loaded) > 1:
        numbers = ", ".join(pallet.pallet_number for pallet, _ in loaded)
        return refuse(
            turn, "several_pallets", "Which pallet?", numbers, "A supervisor closes it: sunline pallet close."
        )
    pallet, count = loaded[0]
    closed = replace(pallet, status=PalletStatus.COMPLETED, completed_at=turn.at)
    detail = f"{pallet.pallet_number} with {count} panels."
    state = say(turn.state, Colour.GREEN, "Pallet closed", detail, "Print its sheet.")
    return Step(state, "pallet_closed", Answer.GOOD, (closed,))
