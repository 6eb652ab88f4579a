"""The byte link to a scanner that types: input events in, nothing out."""

from collections.abc import Callable
from functools import partial

from drivers.errors import LinkLost, PortAbsent
from drivers.hid.find import find_keyboard
from drivers.hid.kernel import Ask, Grabbed, grab, ioctl
from drivers.hid.transport import EventTransport
from drivers.link.apart import apart
from drivers.link.base import ByteLink
from drivers.link.inbox import Inbox
from drivers.link.transport import TransportLink, Wire
from drivers.ports import PortIdentity, Roots


def hid_link(file: str, *, verify: Callable[[], None] | None = None, ask: Ask = ioctl) -> TransportLink:
    """Return a closed link to the keyboard at `file`. While it is open, nobody else gets its keys.

    Its bytes are the kernel's input events (`drivers.hid.events`); it begins, and goes on after a loss of events, by
    telling how the keys are. Bytes written go nowhere. `verify` is called once the file is open and before its keys
    are taken; the DriverError it raises fails the open.
    """
    return TransportLink(file, partial(_connect, file, verify, ask))


def plugged_hid_link(identity: PortIdentity, roots: Roots | None = None) -> ByteLink:
    """Return a closed link to the one keyboard with this identity. Raises PortAbsent and PortAmbiguous."""
    file = find_keyboard(identity, roots).file

    def verify() -> None:
        try:
            now = find_keyboard(identity, roots).file
        except OSError as error:
            raise LinkLost(f"The keyboards cannot be listed: {error}.") from error
        if now != file:
            raise PortAbsent(f"{file} became another keyboard while it was opened.")

    return hid_link(file, verify=verify)


async def _connect(file: str, verify: Callable[[], None] | None, ask: Ask, inbox: Inbox) -> Wire:
    try:
        work = partial(_opened, file, verify, ask)
        keyboard, told = await apart(work, lambda opened: opened[0].close(), name=f"open {file}")
    except TimeoutError as error:
        raise LinkLost(f"{file} hangs: an earlier attempt to open it has not ended.") from error
    try:
        transport = EventTransport(inbox, keyboard, told, file)
    except OSError as error:
        keyboard.close()
        raise LinkLost(f"{file} could not be read: {error}.") from error
    return Wire(transport, send=_unheard, unsent=lambda: 0, discard=lambda: None)


def _opened(file: str, verify: Callable[[], None] | None, ask: Ask) -> tuple[Grabbed, bytes]:
    keyboard = grab(file, verify, ask)
    try:
        return keyboard, keyboard.restate()
    except OSError as error:
        keyboard.close()
        raise LinkLost(f"{file} went away while it was opened.") from error


def _unheard(_data: bytes) -> None:
    """Send nothing: a keyboard does not listen."""
