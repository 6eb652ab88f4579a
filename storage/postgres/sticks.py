"""Which USB sticks the central server knows: they come from the lines, where admins enrol them."""

from dataclasses import dataclass
from typing import Final

from psycopg import Connection

from storage.postgres.blocks import blocks
from storage.postgres.failures import our_errors
from storage.postgres.link import conninfo
from storage.records import Takes

_QUERIES: Final = blocks("sticks.sql")


@dataclass(frozen=True, slots=True)
class KnownStick:
    """A stick that was enrolled. `enrolled_by` is a username."""

    uuid: str
    name: str
    active: bool
    takes: Takes
    recipient: str | None
    enrolled_by: str


def known_stick(dsn: str, *, vendor_id: str, product_id: str, usb_serial: str, volume_id: str) -> KnownStick | None:
    """Find a stick by what it says of itself; a reader's rights are enough. Raises CentralAway, or CentralUnfit."""
    key = {"vendor_id": vendor_id, "product_id": product_id, "usb_serial": usb_serial, "volume_id": volume_id}
    with our_errors(), Connection.connect(conninfo(dsn), autocommit=True) as connection:
        found = connection.execute(_QUERIES["known"].encode(), key).fetchone()
    if found is None:
        return None
    uuid, name, active, takes, recipient, enrolled_by = found
    return KnownStick(uuid, name, active, Takes(takes), recipient, enrolled_by)
