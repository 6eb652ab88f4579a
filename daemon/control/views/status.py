"""The line at a glance."""

from dataclasses import dataclass

from daemon.control.face import DeviceStanding, LineFace
from daemon.control.views.exchange import in_short
from daemon.control.views.notices import order_notices
from daemon.control.views.plain import Json, moment, plain, plain_order
from daemon.control.views.station import short_view
from daemon.control.views.sticks import stick_now
from stations.rules.routing import LAST_STATION, STATIONS
from stations.workflow.state import StationState
from storage.errors import StorageError
from storage.records import Alarm, Order, OrderCounts, OrderStatus, is_shadow
from storage.sqlite.view import View

_ALARMS = 10


@dataclass(frozen=True, slots=True)
class _Stored:
    orders: tuple[tuple[Order, OrderCounts], ...] = ()
    alarms: tuple[Alarm, ...] = ()
    notices: tuple[str, ...] = ()


async def line_status(line: LineFace) -> Json:
    """Say how a line is; where the store cannot be read, without orders and alarms."""
    runner, standing = line.runner, line.standing()
    stored = _Stored()
    if runner is not None:
        try:
            around, completed_last = runner.surroundings, runner.state(LAST_STATION).last_order_uuid
            mine = line.place.line_number
            stored = await runner.read(lambda view: _read(view, mine, order_notices(view, around, completed_last)))
        except StorageError:
            stored = _Stored()
    states = [runner.state(number) if runner else StationState(number) for number in STATIONS]
    store = standing.store
    return {
        "line": line.place.line_number,
        "site": line.place.site,
        "shadow": is_shadow(line.place.site),
        "version": standing.version,
        "started_at": moment(standing.started_at),
        "uptime_s": round((standing.at - standing.started_at).total_seconds(), 1),
        "store": {
            "state": store.state, "reason": store.reason, "todo": store.todo, "free_mb": store.free_mb,
            "days_left": store.days_left,
        },
        "central": await in_short(line.central) if line.central else None,
        "devices": [plain_device(one) for one in standing.devices],
        "sticks": [stick_now(one) for one in standing.sticks],
        "stations": [short_view(state, standing) for state in states],
        "orders": [plain_order(order, counts) for order, counts in stored.orders],
        "alarms": [plain(alarm) for alarm in stored.alarms],
        "notices": [*reversed(runner.notices), *stored.notices] if runner else [],
        "at": moment(standing.at),
    }  # fmt: skip


def _read(view: View, line_number: int, notices: tuple[str, ...]) -> _Stored:
    active = [order for order in view.orders(OrderStatus.ACTIVE) if order.line_number == line_number]
    return _Stored(tuple((order, view.order_counts(order.uuid)) for order in active), view.alarms(_ALARMS), notices)


def plain_device(one: DeviceStanding) -> Json:
    """Give a device as it is."""
    return {
        "name": one.name, "kind": one.kind, "station": one.station, "state": one.state.value, "port": one.port,
        "reason": one.reason, "todo": one.todo, "since": moment(one.since),
    }  # fmt: skip
