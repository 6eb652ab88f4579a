"""The operations that only read: their arguments, and what they give."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daemon.control.calls import Call, NoArguments
from daemon.control.protocol import Code, ControlError
from daemon.control.views.history import panel_history
from daemon.control.views.plain import Json, plain, plain_flash, plain_order, plain_ruling, plain_user
from daemon.control.views.sheets import pallet_sheet
from stations.office.finding import flash_of, order_named, pallet_numbered, panel_named, station_numbered
from storage.records import Hold, OrderStatus, Pallet, PalletStatus, Panel, PanelStatus, Subject
from storage.sqlite.view import View

_PAGE: Final = 500
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrders:
    """All orders, or those with one status."""

    status: OrderStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOrder:
    """One order."""

    mo_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPanel:
    """One panel."""

    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPanels:
    """Panels by serial, only those that fit everything given; `after` is the serial to go on behind."""

    status: PanelStatus | None = None
    station: int | None = None
    order: str | None = None
    limit: int = 100
    after: str = ""

    def fits(self, panel: Panel) -> bool:
        """Tell whether a panel was asked for."""
        return (
            self.status in (None, panel.status)
            and self.station in (None, panel.current_station)
            and self.order in (None, panel.mo_number)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPallets:
    """Pallets by number, all or those with one status; `after` is the number to go on behind."""

    status: PalletStatus | None = None
    limit: int = 100
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPallet:
    """One pallet."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTray:
    """The flashes that wait for a person, oldest first."""

    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFlash:
    """One flash, by its id or a part of it."""

    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCriteria:
    """All criteria, or those of one station."""

    station: int | None = None


def list_orders(view: View, args: ListOrders) -> list[Json]:
    """Give orders with what their panels add up to, oldest first."""
    return [plain_order(order, view.order_counts(order.uuid)) for order in view.orders(args.status)]


def list_users(view: View, _: NoArguments) -> list[Json]:
    """Give users without secrets."""
    return [plain_user(user) for user in view.users()]


def show_panel(view: View, args: ShowPanel) -> Json:
    """Give the full history of a panel."""
    return panel_history(view, panel_named(view, args.serial))


def show_pallet(view: View, args: ShowPallet) -> Json:
    """Give the sheet of a pallet."""
    return pallet_sheet(view, pallet_numbered(view, args.number))


def show_tray(view: View, args: ShowTray) -> list[Json]:
    """Give the flashes in the tray, each with its newest ruling."""
    rows = view.tray(_bounded(args.limit))
    return [plain_flash(flash) | {"ruling": plain_ruling(ruling)} for flash, ruling in rows]


def show_flash(view: View, args: ShowFlash) -> Json:
    """Give a flash with every ruling on it, oldest first."""
    flash = flash_of(view, args.uuid)
    names = {user.uuid: user.username for user in view.users()}
    rulings = view.rulings_of(flash.uuid)
    panels = {one.panel_uuid: view.panel_by_uuid(one.panel_uuid) for one in rulings if one.panel_uuid}
    return plain_flash(flash) | {
        "rulings": [
            plain_ruling(one, names.get(one.decided_by) if one.decided_by else None)
            | {"serial": _serial(panels.get(one.panel_uuid) if one.panel_uuid else None)}
            for one in rulings
        ]
    }


def list_criteria(view: View, args: ListCriteria) -> list[Json]:
    """Give criteria by station and place, inactive ones too."""
    if args.station is not None:
        station_numbered(args.station)
    return [plain(one) for one in view.criteria() if args.station in (None, one.station_number)]


def list_holds(view: View, _: NoArguments) -> list[Json]:
    """Give the open holds with the serial or pallet number they are on, oldest first."""
    return [plain(hold) | {"name": _held(view, hold)} for hold in view.all_open_holds()]


async def list_waivers(call: Call, _: NoArguments) -> list[Json]:
    """Give the waivers in force."""
    at = call.line.standing().at
    return [plain(one) for one in await call.runner.read(lambda view: view.waivers(at))]


async def show_order(call: Call, args: ShowOrder) -> Json:
    """Give an order with its progress, its panels by status, its pallets."""
    order = await call.runner.read(lambda view: order_named(view, args.mo_number))
    counts = await call.runner.read(lambda view: view.order_counts(order.uuid))
    panels = await _panels(call, ListPanels(order=order.mo_number, limit=_MOST))
    pallets = await _pallets(call, ListPallets(limit=_MOST), lambda pallet: pallet.order_uuid == order.uuid)
    serials = {
        status.value: [panel.serial_number for panel in panels if panel.status is status] for status in PanelStatus
    }
    return plain_order(order, counts) | {"panels": serials, "pallets": pallets}


async def list_panels(call: Call, args: ListPanels) -> list[Json]:
    """Give panels by serial, in short reads."""
    if args.station is not None:
        station_numbered(args.station)
    return [plain(panel) for panel in await _panels(call, args)]


async def list_pallets(call: Call, args: ListPallets) -> list[Json]:
    """Give pallets by number with how many panels are on them, in short reads."""
    return await _pallets(call, args, lambda pallet: args.status in (None, pallet.status))


async def _panels(call: Call, args: ListPanels) -> list[Panel]:
    found: list[Panel] = []
    limit, after = _bounded(args.limit), args.after
    while len(found) < limit:
        page = await call.runner.read(_panel_page(after))
        found += [panel for panel in page if args.fits(panel)]
        if len(page) < _PAGE:
            break
        after = page[-1].serial_number
    return found[:limit]


async def _pallets(call: Call, args: ListPallets, fits: Callable[[Pallet], bool]) -> list[Json]:
    found: list[Json] = []
    limit, after = _bounded(args.limit), args.after
    while len(found) < limit:
        page = await call.runner.read(_pallet_page(after))
        found += [plain(pallet) | {"count": count} for pallet, count in page if fits(pallet)]
        if len(page) < _PAGE:
            break
        after = page[-1][0].pallet_number
    return found[:limit]


def _panel_page(after: str) -> Callable[[View], tuple[Panel, ...]]:
    return lambda view: view.panels(after_serial=after, limit=_PAGE)


def _pallet_page(after: str) -> Callable[[View], list[tuple[Pallet, int]]]:
    def read(view: View) -> list[tuple[Pallet, int]]:
        page = view.pallets(after_number=after, limit=_PAGE)
        return [(pallet, len(view.pallet_panels(pallet.uuid))) for pallet in page]

    return read


def _bounded(limit: int) -> int:
    if not 1 <= limit <= _MOST:
        raise ControlError(Code.INVALID, f"A limit of {limit} is not possible.", f"Give 1 to {_MOST}.")
    return limit


def _serial(panel: Panel | None) -> str | None:
    return panel.serial_number if panel is not None else None


def _held(view: View, hold: Hold) -> str | None:
    if hold.subject is Subject.PANEL:
        return _serial(view.panel_by_uuid(hold.subject_uuid))
    pallet = view.pallet_by_uuid(hold.subject_uuid)
    return pallet.pallet_number if pallet is not None else None
