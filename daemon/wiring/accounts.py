"""What a line knows of one device: its configuration, its state and its last words in one."""

from daemon.config import ScannerPart, TesterPart
from daemon.control.face import DeviceAccount, DeviceStanding
from daemon.wiring.bindings import binding_of
from daemon.wiring.hearing import Hearing


def account_of(standing: DeviceStanding, part: ScannerPart | TesterPart, hearing: Hearing) -> DeviceAccount:
    """Put together what is known of a device."""
    return DeviceAccount(
        standing=standing,
        binding=binding_of(part.port),
        types=isinstance(part, ScannerPart) and part.types,
        said_at=hearing.last.at if hearing.last else None,
        said=hearing.last.text if hearing.last else "",
        frames=len(hearing.readable),
        unreadable=hearing.unreadable,
    )
