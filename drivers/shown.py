"""Texts that devices say about themselves, made harmless for people's eyes."""

import unicodedata

_LONGEST = 64


def shown(text: str | None) -> str | None:
    """Return `text` in one short line of printable characters; None when nothing is left.

    A device may say anything: line feeds, terminal escapes, marks that turn the reading direction, a novel.
    """
    if text is None:
        return None
    plain = (" " if _is_harmful(char) else char for char in text[: _LONGEST * 8])
    line = " ".join("".join(plain).split())
    return (line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "...") or None


def _is_harmful(char: str) -> bool:
    return unicodedata.category(char)[0] in "CZ" or char == "\N{REPLACEMENT CHARACTER}"
