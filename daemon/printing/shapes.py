"""What a printed page is made of: plain data in millimetres from the top left, drawn alike as PDF and as SVG."""

from dataclasses import dataclass
from typing import Literal

from daemon.printing.barcodes import Symbol

INK = "#14181f"
GREY = "#5b6472"
HAIRLINE = "#cfd5de"
PAPER = "#ffffff"
MIST = "#f3f5f8"
GREEN = "#12803c"
RED = "#c0271b"
AMBER = "#b06500"
BLUE = "#1d5ba6"

A4_MM = (210.0, 297.0)
MM_PER_PT = 25.4 / 72

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle; `outline` draws a thin border, dashed where scissors go."""

    x: float
    y: float
    w: float
    h: float
    fill: str | None = None
    radius: float = 0.0
    outline: str | None = None
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text; `x` is where `anchor` says, `y` the baseline."""

    x: float
    y: float
    text: str
    size_pt: float
    colour: str = INK
    bold: bool = False
    anchor: Anchor = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A barcode of `w` by `h` millimetres, quiet zone not included."""

    x: float
    y: float
    w: float
    h: float
    symbol: Symbol


Shape = Box | Words | Code


@dataclass(frozen=True, slots=True)
class Page:
    """One printed page."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
