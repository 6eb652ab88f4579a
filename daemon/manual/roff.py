"""The few things of man(7) that the manual pages are written with."""

import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Final

_SPECIAL: Final[Mapping[str, str]] = {
    "\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq",
}  # fmt: skip
_LINE: Final = 78


def escaped(text: str) -> str:
    """Give text as roff shows it unchanged: ASCII signs as themselves, ready to be copied into a shell."""
    safe = _safe(text)
    return rf"\&{safe}" if safe.startswith(".") else safe


def _safe(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def bold(text: str) -> str:
    """Give text in bold: what is typed as it stands."""
    return rf"\fB{escaped(text)}\fR"


def italic(text: str) -> str:
    """Give text in italics: what is replaced by a value."""
    return rf"\fI{escaped(text)}\fR"


def prose(text: str) -> str:
    """Give a paragraph's text in lines; what stands in `backticks` is typed as it stands."""
    pieces = re.split(r"`([^`]+)`", " ".join(text.split()))
    return _lines("".join(bold(piece) if typed % 2 else _safe(piece) for typed, piece in enumerate(pieces)))


def _lines(roff: str) -> str:
    lines = wrap(roff, _LINE, break_long_words=False, break_on_hyphens=False)
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in lines)


def head(name: str, section: int, date: str, source: str) -> Iterator[str]:
    """Begin a page; nothing is hyphenated or stretched, and a sentence ends with one blank."""
    yield f'.TH {name.upper()} {section} "{date}" "{source}" "sunline"'
    yield ".nh"
    yield ".ad l"
    yield ".ss 12 0"


def chapter(title: str) -> str:
    """Begin a chapter."""
    return f'.SH "{escaped(title)}"'


def part(title: str) -> str:
    """Begin a part of a chapter."""
    return f'.SS "{escaped(title)}"'


def paragraphs(*texts: str) -> Iterator[str]:
    """Give paragraphs, the first of them where the page stands; an empty line parts two in one text."""
    told = filter(None, (piece.strip() for text in texts for piece in text.split("\n\n")))
    for place, paragraph in enumerate(told):
        if place:
            yield ".PP"
        yield prose(paragraph)


def item(tag: str, text: str, indent: int = 4) -> Iterator[str]:
    """Give one item of a list: its tag (already roff), and its text below it, indented."""
    yield f".TP {indent}"
    yield tag
    yield prose(text) if text else r"\&"


def indented(lines: Iterable[str]) -> Iterator[str]:
    """Give a block indented, if there is anything in it."""
    block = tuple(lines)
    if block:
        yield from (".RS 4", *block, ".RE")


def close_together(lines: Iterable[str]) -> Iterator[str]:
    """Give a list without empty lines between its items."""
    yield ".PD 0"
    yield from lines
    yield ".PD"
