"""What the line has, out of the shadow's store: panels in short reads, by serial."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID

from daemon.shadow.paper import NO_VALUES, VALUE_NAMES, Five
from daemon.shadow.sides import LinePanel, LineVerdict
from stations.rules.flashes import values_of
from stations.rules.routing import LAST_STATION, effective
from storage.records import Panel, StationResult, Verdict
from storage.sqlite.view import View

T = TypeVar("T")

_PANELS: Final = 50


class Reader(Protocol):
    """Reads what is committed."""

    async def read(self, fn: Callable[[View], T]) -> T:
        """Run a function on a view of one moment."""


async def line_side(reader: Reader) -> dict[str, LinePanel]:
    """Give every panel of the line by its serial."""
    names = await reader.read(lambda view: {user.uuid: user.username for user in view.users()})
    found: dict[str, LinePanel] = {}
    after = ""
    while piece := await reader.read(partial(_panels, after, names)):
        found |= {one.serial: one for one in piece}
        after = piece[-1].serial
    return found


def _panels(after: str, names: Mapping[UUID, str], view: View) -> tuple[LinePanel, ...]:
    return tuple(_panel(view, one, names) for one in view.panels(after_serial=after, limit=_PANELS))


def _panel(view: View, panel: Panel, names: Mapping[UUID, str]) -> LinePanel:
    results = view.results_of(panel.uuid)
    standing = {row.uuid for row in effective(results)}
    lies = view.pallet_of(panel.uuid)
    given = [row for row in results if row.result is not Verdict.VOID]
    return LinePanel(
        serial=panel.serial_number,
        order=panel.mo_number,
        began=panel.created_at,
        pallet=lies[0].pallet_number if lies else "",
        verdicts=tuple(
            LineVerdict(
                station=row.station_number, result=row.result, at=row.created_at, values=_values(view, row),
                operator=names.get(row.operator_uuid, ""), taken_back=row.uuid not in standing,
            )
            for row in given
        ),
    )  # fmt: skip


def _values(view: View, row: StationResult) -> Five:
    """Give the values of a verdict, or those a result file brought later for a panel without."""
    if row.electrical_data is not None:
        body = json.loads(row.electrical_data)
        pmax, voc, isc, vmp, imp = (body.get(name) for name in VALUE_NAMES)
        return (pmax, voc, isc, vmp, imp)
    if row.station_number != LAST_STATION or row.result is Verdict.FAIL:
        return NO_VALUES
    attached = view.flashes_of_panel(row.panel_uuid)
    return values_of(attached[-1][0]).five if attached else NO_VALUES
