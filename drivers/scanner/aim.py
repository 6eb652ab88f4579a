"""AIM symbology identifiers: the three characters `]cm` a scanner may put in front of a barcode (ISO/IEC 15424)."""

import re

_IDENTIFIER = re.compile(r"\]([A-Za-z][0-9A-Za-z])")

CODE_NAMES = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN/UPC",
    "F": "Codabar",
    "G": "Code 93",
    "I": "Interleaved 2 of 5",
    "L": "PDF417",
    "Q": "QR Code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "z": "Aztec Code",
}
"""What the code character stands for. Identifiers of other symbologies are taken off as well."""


def split_identifier(text: str) -> tuple[str | None, str]:
    """Return the identifier in front of `text` without its bracket (`C0`), or None, and the text behind it."""
    match = _IDENTIFIER.match(text) if text.startswith("]") else None
    return (match[1], text[3:]) if match else (None, text)
