"""Bytes of a wire in words for people: control characters by their names, badges never."""

import re
from collections.abc import Iterable
from typing import Final

from drivers.readings import Reading, Scan
from stations.rules.commands import BADGE_PREFIX, Meaning, read_code
from stations.rules.serials import normalise

MASK: Final = BADGE_PREFIX.encode() + b"***"
"""Stands for a badge: whoever knows its text can sign in with it."""

_NAMES: Final = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)  # fmt: skip
_DEL: Final = 0x7F
_BADGE: Final = re.compile(
    rb"SL-U-[^\x00-\x1f\x7f]+"
    # as a scanner with another keyboard layout, another case or a lost first character says it
    rb"|(?:(?<=[\x00-\x1f])|^|(?P<aim>\][A-Za-z][^\x00-\x1f]{1,2}?))"
    rb"(?:S|[^\x00-\x7f]{2,3})?L[^\x00-\x1f]{1,2}U[^A-Za-z\x00-\x1f]{1,2}[^\x00-\x1f\x7f]+"
    rb"|(?<![0-9A-Za-z])[A-Z2-7]{26}(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def visible(data: bytes) -> str:
    """Write bytes on one line of plain characters: `CRS26<CR>`; what has no name as two hexadecimal digits, `<x9F>`."""
    return "".join(map(_shown, data))


def _shown(byte: int) -> str:
    if byte < len(_NAMES):
        return f"<{_NAMES[byte]}>"
    if byte >= _DEL or byte == ord("<"):
        return "<DEL>" if byte == _DEL else f"<x{byte:02X}>"
    return chr(byte)


def masked(data: bytes, readings: Iterable[Reading] = ()) -> bytes:
    """Take every badge out of what passed over a wire; `readings` are what was read of it."""
    for reading in readings:
        if is_badge(reading) or _BADGE.search(reading.raw):
            data = data.replace(reading.raw, MASK) if reading.raw and reading.raw in data else MASK
    return _BADGE.sub(rb"\g<aim>" + MASK, data)


def is_badge(reading: Reading) -> bool:
    """Tell whether a reading is the scan of a badge, or holds what could be one that the scanner spoilt."""
    if not isinstance(reading, Scan):
        return False
    return read_code(normalise(reading.text)).meaning is Meaning.BADGE or bool(_BADGE.search(reading.text.encode()))
