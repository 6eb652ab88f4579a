"""From the bytes of one frame to a scan, or to a plain sentence why there is none."""

from datetime import datetime
from unicodedata import is_normalized

from drivers.readings import Garbled, Scan
from drivers.scanner.aim import split_identifier


def decode(raw: bytes) -> str:
    """Return the text of `raw`: UTF-8, else Latin-1. Never raises."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def fault_of(raw: bytes, text: str) -> str:
    """Say in a sentence why `text` cannot be a barcode; empty when it can.

    Latin-1 that Unicode compatibility folds into other characters is refused: a nine with its top bit flipped by
    noise is a superscript one there, and would become the digit one.
    """
    if not text:
        return "The frame holds an identifier and no text."
    if not text.isprintable():
        return "The frame holds bytes that are no printable text."
    if not (raw.isascii() or is_normalized("NFKC", text) or _is_utf8(raw)):
        return "The frame holds bytes that are neither UTF-8 nor plain letters and digits."
    return ""


def read_scan(
    raw: bytes, content: bytes, device: str, wall: datetime, monotonic_ns: int, *, symbology: str | None = None
) -> Scan | Garbled:
    """Return the scan in `content`, the text bytes of the frame `raw`; Garbled when it is no text.

    An AIM identifier in front is taken off and outranks `symbology`.
    """
    identifier, text = split_identifier(decode(content))
    reason = fault_of(content, text)
    if reason:
        return Garbled(device=device, raw=raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)
    return Scan(
        device=device,
        raw=raw,
        wall=wall,
        monotonic_ns=monotonic_ns,
        text=text,
        symbology=identifier or symbology,
    )


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
