"""The operations that only read: their arguments, and what they give."""

from dataclasses import dataclass
from typing import Final

from daemon.control.calls import Call, NoArguments
from daemon.control.protocol import Code, ControlError
from daemon.control.views.history import panel_history
from daemon.control.views.plain import Json, plain, plain_flash, plain_ruling, plain_user
from daemon.control.views.sheets import pallet_sheet
from stations.office.finding import flash_of, pallet_numbered, panel_named, station_numbered
from storage.records import Hold, Panel, Subject
from storage.sqlite.view import View

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPanel:
    """One panel."""

    serial: str


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
