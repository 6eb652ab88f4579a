"""A link to whatever port has the configured identity now."""

from drivers.errors import LinkLost, PortAbsent
from drivers.link import ByteLink, SerialSettings, serial_link
from drivers.ports import PortIdentity, Roots, find_port


def plugged_link(
    identity: PortIdentity, settings: SerialSettings | None = None, roots: Roots | None = None
) -> ByteLink:
    """Return a closed link to the one port with this identity. Raises PortAbsent and PortAmbiguous.

    Opening it raises PortAbsent when another adapter took the port's number in between: nobody may hear
    another device's scans.
    """
    file = find_port(identity, roots).file

    def verify() -> None:
        try:
            now = find_port(identity, roots).file
        except OSError as error:
            raise LinkLost(f"The ports cannot be listed: {error}.") from error
        if now != file:
            raise PortAbsent(f"{file} became another port while it was opened.")

    return serial_link(file, settings, verify=verify)
