"""Station state as the text that is stored, and back."""

from pydantic import TypeAdapter, ValidationError

from stations.workflow.state import Banner, Colour, StationState
from storage.records import StateRow

_ADAPTER: TypeAdapter[StationState] = TypeAdapter(StationState)

UNREADABLE = Banner(
    Colour.AMBER, "Scan your badge", "What was open here could not be read.", "Scan your badge and the panel again."
)
"""Said when a stored state is of no use: start-up is never blocked by bad data."""


class StateCodec:
    """Encode and decode station states; decoding the text seen last costs nothing."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[str, StationState]] = {}

    def decode(self, station_number: int, body: str | None) -> StationState:
        """Read a stored state. No text is a fresh station; unreadable text too, with words on its screen."""
        if body is None:
            return StationState(station_number)
        known = self._last.get(station_number)
        if known is not None and known[0] == body:
            return known[1]
        try:
            state = _ADAPTER.validate_json(body)
        except ValidationError:
            state = StationState(station_number, banner=UNREADABLE)
        if state.station_number != station_number:
            state = StationState(station_number, banner=UNREADABLE)
        self._last[station_number] = (body, state)
        return state

    def encode(self, state: StationState) -> StateRow:
        """Write a state down as the row that commits with the facts it led to."""
        body = _ADAPTER.dump_json(state).decode()
        self._last[state.station_number] = (body, state)
        return StateRow(state.station_number, body)
