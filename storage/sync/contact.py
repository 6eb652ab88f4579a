"""When something really happened: the clocks of a line seen against the server's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.changes import Change, Moment

_AHEAD: Final = timedelta(seconds=2)
"""Further ahead of the server than this, a wall time is wrong, corrected or not."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The clocks of line and server read at the same moment, as near as the round trip allows."""

    server: datetime
    here: Moment

    @property
    def offset(self) -> timedelta:
        """How far the line's clock is ahead of the server's; negative: behind."""
        return self.here.wall - self.server


def corrected(change: Change, contact: Contact) -> datetime | None:
    """Say by the server's clock when a change was made; None where nobody can tell.

    Within one run of the machine the time between change and contact, whichever was first, is known whatever the wall
    clock was set to; from before, its wall time is as wrong as it is now. What came down carries the server's time.
    """
    if not change.received and change.boot_id and change.boot_id == contact.here.boot_id:
        return contact.server + timedelta(microseconds=(change.monotonic_ns - contact.here.monotonic_ns) / 1000)
    at = change.wall if change.received else change.wall - contact.offset
    return at if at <= contact.server + _AHEAD else None
