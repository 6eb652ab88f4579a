"""The operations on devices: what they hang on, what they said last, and hanging them elsewhere."""

import asyncio
import difflib
import os
from dataclasses import dataclass, fields

from pydantic import ValidationError

from daemon.config import PortPart
from daemon.control.calls import Call, NoArguments
from daemon.control.face import DeviceAccount
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json, moment
from daemon.control.views.status import plain_device
from daemon.scantest.forms import Form
from daemon.wiring.vacancy import fits
from drivers.candidates import list_candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDevice:
    """One device."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindDevice:
    """Bind a device to a port, by what it is known by."""

    name: str
    path: str | None = None
    chip_serial: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    interface: str | None = None
    file: str | None = None


async def list_devices(call: Call, _: NoArguments) -> Json:
    """Give every device of the line; `process` is the daemon, so that who holds a port is known for one of ours."""
    place = call.line.place
    devices = [plain_account(one) for one in call.line.accounts()]
    return {"line": place.line_number, "site": place.site, "process": os.getpid(), "devices": devices}


async def bind(call: Call, args: BindDevice) -> Json:
    """Bind a device; a port that is another device's is refused, and one of another sort."""
    account = device_named(call, args.name)
    given = {field.name: getattr(args, field.name) for field in fields(args) if field.name != "name"}
    try:
        port = PortPart.model_validate(given)
    except ValidationError as error:
        raise ControlError(Code.INVALID, "Name the port by its path or chip serial, or by its file.") from error
    if not account.binding:
        raise ControlError(Code.REFUSED, f"{args.name} is a folder of files and has no port.")
    wanted = port.model_dump(exclude_none=True)
    owner = next((one for one in call.line.accounts() if dict(one.binding) == wanted), None)
    if owner is not None and owner.standing.name != args.name:
        todo = f"First bind {owner.standing.name} elsewhere."
        raise ControlError(Code.REFUSED, f"That port is the one of {owner.standing.name}.", todo)
    if not fits(port, await asyncio.to_thread(list_candidates), types=account.types):
        raise _other_sort(account)
    try:
        await call.line.bind(args.name, port, call.peer.os_user)
    except OSError as error:
        raise _unkept(error) from error
    return {"name": args.name, "binding": wanted}


async def unbind(call: Call, args: OfDevice) -> Json:
    """Bind a device as its configuration says again."""
    device_named(call, args.name)
    try:
        changed = await call.line.unbind(args.name)
    except OSError as error:
        raise _unkept(error) from error
    return {"name": args.name, "changed": changed}


def device_named(call: Call, name: str) -> DeviceAccount:
    """Find a device of the line. Raises ControlError with the nearest name."""
    accounts = {one.standing.name: one for one in call.line.accounts()}
    if name in accounts:
        return accounts[name]
    near = difflib.get_close_matches(name, accounts, 1)
    todo = f"Did you mean {near[0]}?" if near else "See: sunline device list"
    raise ControlError(Code.NOT_FOUND, f"There is no device {name[:60]}.", todo)


def _other_sort(account: DeviceAccount) -> ControlError:
    name = account.standing.name
    if account.types:
        message = f"That is a serial port, and {name} types like a keyboard."
    else:
        message = f"What is plugged in there types like a keyboard, and {name} does not."
    return ControlError(Code.REFUSED, message, "Name another port, or correct the scanner's kind in the line's file.")


def _unkept(error: OSError) -> ControlError:
    return ControlError(Code.NOT_DURABLE, f"The binding cannot be kept: {error.strerror}.", "Check the disk.")


def plain_account(one: DeviceAccount) -> Json:
    """Give a device with what it hangs on and what it said last."""
    said = {"at": moment(one.said_at), "text": one.said} if one.said_at else None
    return {
        **plain_device(one.standing), "binding": dict(one.binding), "rebound": one.rebound, "types": one.types,
        "said": said,
        "frames": one.frames, "unreadable": one.unreadable, "profile": plain_form(one.profile),
    }  # fmt: skip


def plain_form(form: Form | None) -> Json | None:
    """Give how a scanner frames its codes, by the names of the configuration and in words."""
    return None if form is None else {"ending": form.ending, "stx_etx": form.stx_etx, "words": form.words}
