"""What paper needs: the sheet of a pallet, the command sheet of a station."""

from collections.abc import Mapping
from uuid import UUID

from daemon.control.views.plain import Json, electrical, five, moment, plain, plain_order
from stations.gather import Surroundings
from stations.rules.commands import COMMANDS, defect_code, fail_code
from stations.rules.criteria import applies, of_station
from stations.rules.routing import LAST_STATION, STATIONS, effective
from storage.records import Pallet, PalletPanel, StationResult
from storage.sqlite.view import View


def pallet_sheet(view: View, pallet: Pallet) -> Json:
    """Give a pallet with its order, a row for each panel by position, the count, and what holds it."""
    order, places = view.order(pallet.order_uuid), view.pallet_panels(pallet.uuid)
    names = {user.uuid: user.username for user in view.users()}
    holds = [*view.open_holds(pallet.uuid), *(hold for p in places for hold in view.open_holds(p.panel_uuid))]
    return {
        "pallet": plain(pallet),
        "order": plain_order(order, view.order_counts(order.uuid)) if order else None,
        "rows": [_row(view, place, names) for place in places],
        "count": len(places),
        "holds": [plain(hold) for hold in holds],
    }


def _row(view: View, place: PalletPanel, names: Mapping[UUID, str]) -> Json:
    panel = view.panel_by_uuid(place.panel_uuid)
    final = [row for row in effective(view.results_of(place.panel_uuid)) if row.station_number == LAST_STATION]
    last = final[-1] if final else None
    return {
        "position": place.position_in_pallet,
        "serial": panel.serial_number if panel else None,
        "values": _values(view, last),
        "result": last.result.value if last else None,
        "time": moment(last.created_at) if last else None,
        "operator": names.get(last.operator_uuid) if last else None,
    }


def _values(view: View, last: StationResult | None) -> Json | None:
    """Give the values of the result, or those that a result file brought later for a panel without."""
    if last is None or last.electrical_data is not None:
        return electrical(last) if last else None
    attached = view.flashes_of_panel(last.panel_uuid)
    if not attached:
        return None
    flash = attached[-1][0]
    return five(flash) | {"source": flash.source, "flash": str(flash.uuid)}


def command_sheet(around: Surroundings, station: int) -> Json:
    """Give everything a station's command sheet says, each code as the text of its barcode."""
    line = around.place.line_number
    criteria = [one for one in of_station(around.criteria, station) if applies(one, line)]
    return {
        "site": around.place.site,
        "line": line,
        "station": station,
        "name": STATIONS[station],
        "criteria": [
            {"number": one.order_index, "name": one.criterion_name, "barcode": fail_code(one.order_index)}
            for one in criteria
        ],
        "commands": [{"barcode": text, "label": label} for text, (_, label) in COMMANDS.items()],
        "defects": [
            {"code": code, "name": name, "barcode": defect_code(code)} for code, name in around.rules.defects.items()
        ],
    }
