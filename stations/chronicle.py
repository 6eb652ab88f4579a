"""What a line's log says of its decisions, with the fields by which it is searched."""

import logging

from stations.decide import Decided
from storage.records import FlashRuling, Panel, ScanOutcome

log = logging.getLogger(__name__)


def chronicle(decided: Decided, device: str) -> None:
    """Log what was decided on a reading of a device, after it was committed."""
    for record in decided.batch.records:
        match record:
            case ScanOutcome():
                _tell(decided, device, record.message, record.code)
            case FlashRuling():
                _tell(decided, device, f"flash {record.disposition}: {record.reason}", f"flash_{record.disposition}")


def _tell(decided: Decided, device: str, message: str, action: str) -> None:
    number = decided.state.station_number
    fields = {"station": number, "device": device, "panel": _panel(decided), "action": action}
    log.info("Station %d: %s", number, message, extra=fields)


def _panel(decided: Decided) -> str | None:
    """Name the panel a decision changed, or speaks of, or left open."""
    changed = next((one.serial_number for one in decided.batch.records if isinstance(one, Panel)), "")
    on_table = decided.state.open.serial if decided.state.open is not None else ""
    return changed or decided.state.banner.serial or on_table or None
