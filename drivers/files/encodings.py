"""Which encoding a CSV file is in: decided from its bytes alone, always the same way."""

import codecs

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HALVES = ("上午", "下午")


def detect(content: bytes) -> tuple[str, int]:
    """Return a file's encoding and the length of its byte-order mark.

    In this order: byte-order mark, UTF-16 by the zero bytes of its header, UTF-8, GBK, Windows-1252, Latin-1. GBK
    is taken only for text a Chinese program writes, since almost any accented text can be misread as GBK.
    An unfinished last line has no say.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return encoding, len(bom)
    return _by_zeros(content) or _by_trial(content[: content.rfind(b"\n") + 1] or content), 0


def _by_zeros(content: bytes) -> str | None:
    head = content[:8]
    if len(head) < 2 or any(head[0::2]) == any(head[1::2]):
        return None
    return "utf-16-le" if any(head[0::2]) else "utf-16-be"


def _by_trial(content: bytes) -> str:
    if _decodes(content, "utf-8"):
        return "utf-8"
    if _decodes(content, "gbk") and _is_chinese(content.decode("gbk")):
        return "gbk"
    return "cp1252" if _decodes(content, "cp1252") else "latin-1"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(text: str) -> bool:
    """Tell whether a text holds the tester's words for AM and PM, or only characters in common Chinese use."""
    if any(half in text for half in _HALVES):
        return True
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
