"""What a line knows of one device: its configuration, its state and its last words in one."""

from collections.abc import Mapping

from daemon.config import PortPart, ScannerPart, TesterPart
from daemon.control.face import DeviceAccount, DeviceStanding
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


def binding_of(port: PortPart | None) -> Mapping[str, str]:
    """Give the attributes a port is bound by; none for a folder of files."""
    return {} if port is None else {key: str(value) for key, value in port.model_dump(exclude_none=True).items()}
