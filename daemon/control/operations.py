"""Every operation of the control API: its name, the least role it takes, its arguments, what it does."""

import difflib
from collections.abc import Mapping
from typing import Any

from daemon.control import (
    devices,
    exchange,
    exports,
    lists,
    overhearing,
    people,
    reads,
    scannertest,
    shadow,
    stations,
    stickplan,
    sticks,
)
from daemon.control.calls import PATIENCE_S, NoArguments, Operation, deciding, reading, streaming
from daemon.control.lists import listing
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json, plain, plain_ruling, plain_user
from daemon.control.views.rules import list_rules
from daemon.control.views.sticks import plain_stick
from stations.office.criteria import AddCriterion, SetCriterion, add_criterion, set_criterion
from stations.office.exchange import DiscardParked
from stations.office.flashes import AssignFlash, DiscardFlash, assign_flash, discard_flash
from stations.office.holds import RaiseHold, ReleaseHold, raise_hold, release_hold
from stations.office.orders import (
    CancelOrder,
    ChooseOrder,
    CreateOrder,
    ReopenOrder,
    ResizeOrder,
    cancel_order,
    choose_order,
    create_order,
    reopen_order,
    resize_order,
)
from stations.office.pallets import ClosePallet, ReopenPallet, close_pallet, reopen_pallet
from stations.office.panels import (
    MovePanel,
    NotePanel,
    ScrapPanel,
    UndoVerdict,
    move_panel,
    note_panel,
    scrap_panel,
    undo_verdict,
)
from stations.office.rules import GrantWaiver, SetRule, grant_waiver, set_rule
from stations.office.sticks import EnrolStick, RevokeStick, enrol_stick, revoke_stick
from stations.office.users import SetUser, set_user
from storage.records import ConfigEntry, HoldRelease, Role

ANYBODY = None
OPERATOR, SUPERVISOR, ADMIN = Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN


def _rule(entry: ConfigEntry) -> Json:
    return {"key": entry.config_key, "value": entry.config_value, "description": entry.description}


def _releases(rows: tuple[HoldRelease, ...]) -> list[Json]:
    return [plain(row) for row in rows]


OPERATIONS: Mapping[str, Operation[Any]] = {
    "line.status": Operation(ANYBODY, NoArguments, stations.status),
    "station.view": Operation(ANYBODY, stations.OfStation, stations.view),
    "station.watch": Operation(ANYBODY, stations.OfStation, stations.view, stations.watch),
    "sheet.data": Operation(ANYBODY, stations.OfStation, stations.sheet),
    "scan.send": Operation(SUPERVISOR, stations.SendScan, stations.scan),
    "device.list": Operation(ANYBODY, NoArguments, devices.list_devices),
    "device.bind": Operation(SUPERVISOR, devices.BindDevice, devices.bind),
    "device.unbind": Operation(SUPERVISOR, devices.OfDevice, devices.unbind),
    "device.monitor": streaming(SUPERVISOR, overhearing.MonitorDevice, overhearing.monitor, PATIENCE_S),
    "device.test": streaming(SUPERVISOR, devices.OfDevice, scannertest.test, PATIENCE_S),
    "device.untest": Operation(SUPERVISOR, devices.OfDevice, scannertest.undo),
    "order.list": listing(lists.ListOrders, lists.orders),
    "order.show": Operation(ANYBODY, lists.ShowOrder, lists.show_order),
    "order.create": deciding(SUPERVISOR, CreateOrder, create_order, plain),
    "order.choose": deciding(SUPERVISOR, ChooseOrder, choose_order, plain),
    "order.cancel": deciding(SUPERVISOR, CancelOrder, cancel_order, plain),
    "order.reopen": deciding(SUPERVISOR, ReopenOrder, reopen_order, plain),
    "order.resize": deciding(SUPERVISOR, ResizeOrder, resize_order, plain),
    "user.list": reading(SUPERVISOR, NoArguments, reads.list_users),
    "user.add": Operation(ANYBODY, people.AskUser, people.add),  # admins; root for the first one
    "user.badge": Operation(SUPERVISOR, people.AskBadge, people.badge),
    "user.password": Operation(OPERATOR, people.AskPassword, people.password),  # one's own; admins anybody's
    "user.sign_in": Operation(ANYBODY, people.AskSignIn, people.sign_in),  # whoever knows the password
    "user.set": deciding(ADMIN, SetUser, set_user, plain_user),
    "panel.list": listing(lists.ListPanels, lists.panels),
    "panel.search": listing(lists.SearchNotes, lists.notes),
    "panel.failed": listing(lists.ListFailed, lists.failed),
    "panel.results": listing(lists.ListResults, lists.results),
    "panel.show": reading(ANYBODY, reads.ShowPanel, reads.show_panel),
    "panel.move": deciding(SUPERVISOR, MovePanel, move_panel, plain),
    "panel.scrap": deciding(SUPERVISOR, ScrapPanel, scrap_panel, plain),
    "panel.undo": deciding(SUPERVISOR, UndoVerdict, undo_verdict, plain),
    "panel.note": deciding(OPERATOR, NotePanel, note_panel, plain),
    "pallet.list": listing(lists.ListPallets, lists.pallets),
    "pallet.show": reading(ANYBODY, reads.ShowPallet, reads.show_pallet),
    "pallet.close": deciding(SUPERVISOR, ClosePallet, close_pallet, plain),
    "pallet.reopen": deciding(SUPERVISOR, ReopenPallet, reopen_pallet, plain),
    "flash.tray": reading(ANYBODY, reads.ShowTray, reads.show_tray),
    "flash.show": reading(ANYBODY, reads.ShowFlash, reads.show_flash),
    "flash.assign": deciding(SUPERVISOR, AssignFlash, assign_flash, plain_ruling),
    "flash.discard": deciding(SUPERVISOR, DiscardFlash, discard_flash, plain_ruling),
    "criterion.list": reading(ANYBODY, reads.ListCriteria, reads.list_criteria),
    "criterion.add": deciding(ADMIN, AddCriterion, add_criterion, plain),
    "criterion.set": deciding(ADMIN, SetCriterion, set_criterion, plain),
    "rule.list": reading(ANYBODY, NoArguments, list_rules),
    "rule.set": deciding(ADMIN, SetRule, set_rule, _rule),
    "waiver.list": Operation(ANYBODY, NoArguments, reads.list_waivers),
    "waiver.grant": deciding(ADMIN, GrantWaiver, grant_waiver, plain),
    "sync.status": Operation(ANYBODY, NoArguments, exchange.status),
    "sync.now": Operation(ANYBODY, NoArguments, exchange.now),
    "sync.parked": Operation(ANYBODY, NoArguments, exchange.parked),
    "sync.retry": Operation(SUPERVISOR, exchange.Retry, exchange.retry),
    "sync.discard": Operation(SUPERVISOR, DiscardParked, exchange.discard),
    "sync.conflicts": Operation(ANYBODY, exchange.ListConflicts, exchange.conflicts),
    "sync.conflict": Operation(SUPERVISOR, exchange.ShowConflict, exchange.conflict),
    "sync.resolve": Operation(SUPERVISOR, exchange.ResolveConflict, exchange.resolve),
    "usb.list": Operation(ANYBODY, NoArguments, sticks.list_sticks),
    "usb.visits": reading(ANYBODY, sticks.ListVisits, sticks.visits),
    "usb.enrol": deciding(ADMIN, EnrolStick, enrol_stick, plain_stick),
    "usb.revoke": deciding(ADMIN, RevokeStick, revoke_stick, plain_stick),
    "usb.greet": Operation(ANYBODY, sticks.Greet, sticks.greet),  # these five: our own programs, by their login
    "usb.plan": Operation(ANYBODY, stickplan.AskPlan, stickplan.plan),
    "usb.progress": Operation(ANYBODY, sticks.Progress, sticks.progress),
    "usb.file": Operation(ANYBODY, sticks.Wrote, sticks.wrote),
    "usb.report": Operation(ANYBODY, sticks.Report, sticks.report),
    "export.begin": Operation(ANYBODY, exports.BeginExport, exports.begin),  # supervisors, and our own programs
    "export.rows": streaming(ANYBODY, exports.TakeRows, exports.rows, exports.PATIENCE_S),
    "export.sheets": streaming(ANYBODY, exports.TakeSheets, exports.sheets, exports.PATIENCE_S),
    "export.sign": Operation(ANYBODY, exports.Sign, exports.sign),
    "export.key": Operation(ANYBODY, NoArguments, exports.key),
    "shadow.import": Operation(SUPERVISOR, shadow.BringPaper, shadow.bring),
    "shadow.papers": Operation(ANYBODY, NoArguments, shadow.sheets),
    "shadow.report": Operation(ANYBODY, shadow.AskReport, shadow.show),
    "shadow.explain": Operation(SUPERVISOR, shadow.ExplainDifferences, shadow.explain),
    "shadow.withdraw": Operation(SUPERVISOR, shadow.WithdrawPaper, shadow.withdraw),
    "shadow.carry": Operation(ANYBODY, shadow.CarryPeople, shadow.carry),  # admins; root while there is none
    "hold.list": reading(ANYBODY, NoArguments, reads.list_holds),
    "hold.raise": deciding(SUPERVISOR, RaiseHold, raise_hold, plain),
    "hold.release": deciding(SUPERVISOR, ReleaseHold, release_hold, _releases),
}


def operation_named(name: str) -> Operation[Any]:
    """Find an operation. Raises ControlError (unknown_op) with the nearest name."""
    if name in OPERATIONS:
        return OPERATIONS[name]
    near = difflib.get_close_matches(name, OPERATIONS, 1)
    raise ControlError(
        Code.UNKNOWN_OP, f"There is no operation {name[:60]!r}.", f"Did you mean {near[0]}?" if near else ""
    )
