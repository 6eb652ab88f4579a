"""Raw bytes of a scanner taken apart: what lay between two silences, and in it texts with what stood around them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

_PRESS: Final = re.compile(
    rb"(?P<before>[\x00-\x1f\x7f]*?)(?P<text>[^\x00-\x1f\x7f]+)(?P<behind>[\x00\x01\x03-\x1f\x7f]*)"
)
"""STX begins the next text; every other control character ends the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What came between two silences. `began_ns` and `ended_ns` are monotonic.

    `framed`: it is text alone, as its wire has borders of its own (SSI packets). `asked_again`: the scanner was
    asked to repeat something of it, so a repetition means nothing.
    """

    data: bytes
    began_ns: int
    ended_ns: int
    framed: bool = False
    asked_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One text as it arrived, with the control characters around it, and the moments of its burst."""

    text: str
    before: bytes
    behind: bytes
    burst: Burst = field(repr=False)


def presses_of(bursts: Iterable[Burst]) -> Iterator[Press]:
    """Give every text in the bursts; a line end that came late belongs to the text before it."""
    for burst in _joined(bursts):
        for found in _PRESS.finditer(burst.data):
            yield Press(text=_decoded(found["text"]), before=found["before"], behind=found["behind"], burst=burst)


def _joined(bursts: Iterable[Burst]) -> list[Burst]:
    joined: list[Burst] = []
    for burst in bursts:
        if joined and not burst.data.strip(b"\r\n"):
            asked = joined[-1].asked_again or burst.asked_again
            joined[-1] = replace(joined[-1], data=joined[-1].data + burst.data, asked_again=asked)
        else:
            joined.append(burst)
    return joined


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
