"""The operations on devices: what they hang on and what they said last."""

import os

from daemon.control.calls import Call, NoArguments
from daemon.control.face import DeviceAccount
from daemon.control.views.plain import Json, moment
from daemon.control.views.status import plain_device


async def list_devices(call: Call, _: NoArguments) -> Json:
    """Give every device of the line; `process` is the daemon, so that who holds a port is known for one of ours."""
    place = call.line.place
    devices = [plain_account(one) for one in call.line.accounts()]
    return {"line": place.line_number, "site": place.site, "process": os.getpid(), "devices": devices}


def plain_account(one: DeviceAccount) -> Json:
    """Give a device with what it hangs on and what it said last."""
    said = {"at": moment(one.said_at), "text": one.said} if one.said_at else None
    return {
        **plain_device(one.standing), "binding": dict(one.binding), "rebound": one.rebound, "said": said,
        "frames": one.frames, "unreadable": one.unreadable,
    }  # fmt: skip
