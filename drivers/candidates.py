"""Everything a scanner or a tester can hang on: serial ports, and what types like a keyboard."""

from drivers import ports
from drivers.hid import find
from drivers.sysfs import PortInfo, Roots


def list_candidates(roots: Roots | None = None) -> list[PortInfo]:
    """Return everything that is plugged now, serial ports first. Opens none of it."""
    return [*ports.list_ports(roots), *find.list_keyboards(roots)]
