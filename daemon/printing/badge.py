"""A person's badge: a card with a QR code for imagers and a strip with a long Code 128 for laser scanners."""

from dataclasses import dataclass

from daemon.printing.barcodes import code128, qr
from daemon.printing.lettering import fitted
from daemon.printing.shapes import A4_MM, GREY, HAIRLINE, INK, PAPER, Box, Code, Page, Shape, Words
from stations.rules.commands import BADGE_PREFIX

_CARD_W, _CARD_H = 85.6, 54.0  # ISO/IEC 7810 ID-1
_STRIP_H = 46.0
_LEFT = (A4_MM[0] - 182.0) / 2
_STRIP_W = 182.0
_MODULE_MM = 0.42


@dataclass(frozen=True, slots=True)
class Badge:
    """Whose badge it is. `token` is the secret as it was given out once, with or without its prefix."""

    name: str
    role: str
    token: str
    site: str = ""

    @property
    def code(self) -> str:
        """The text of the barcode."""
        token = self.token.upper()
        return token if token.startswith(BADGE_PREFIX) else BADGE_PREFIX + token


def badge_pages(badge: Badge) -> tuple[Page, ...]:
    """Lay out one badge on an A4 page, with lines to cut along."""
    top, strip = 34.0, 34.0 + _CARD_H + 18.0
    shapes = (
        Words(
            x=_LEFT, y=24, text="Cut out the card, or the strip where the scanner is a laser.", size_pt=11, colour=GREY
        ),
        *_card(badge, _LEFT, top),
        *_strip(badge, _LEFT, strip),
        Words(x=_LEFT, y=strip + _STRIP_H + 10, text=_WARNING, size_pt=9, colour=GREY),
    )
    return (Page(*A4_MM, shapes),)


_WARNING = "Whoever holds this badge signs in as you. Lost? A supervisor makes a new one, and this one stops working."


def _card(badge: Badge, x: float, y: float) -> tuple[Shape, ...]:
    side = 33.0
    room = _CARD_W - side - 18
    return (
        Box(x=x, y=y, w=_CARD_W, h=_CARD_H, fill=PAPER, outline=HAIRLINE, dashed=True, radius=3),
        Box(x=x, y=y, w=_CARD_W, h=11, fill=INK, radius=3),
        Box(x=x, y=y + 6, w=_CARD_W, h=5, fill=INK),
        Words(x=x + 6, y=y + 7.4, text="SUNLINE", size_pt=10, colour=PAPER, bold=True),
        Words(x=x + _CARD_W - 6, y=y + 7.4, text=badge.site, size_pt=9, colour=PAPER, anchor="end"),
        *_name(badge.name, x + 6, y + 26, room),
        Words(x=x + 6, y=y + 47.5, text=badge.role.capitalize(), size_pt=12, colour=GREY),
        Code(x=x + _CARD_W - side - 6, y=y + 15.5, w=side, h=side, symbol=qr(badge.code)),
    )


def _name(name: str, x: float, y: float, room: float) -> tuple[Shape, ...]:
    first, _, rest = name.partition(" ")
    lines = (Words(x=x, y=y + 8 * n, text=text, size_pt=20, bold=True) for n, text in enumerate((first, rest)))
    return tuple(fitted(line, room, least_pt=8) for line in lines if line.text)


def _strip(badge: Badge, x: float, y: float) -> tuple[Shape, ...]:
    symbol = code128(badge.code)
    module = min(_MODULE_MM, (_STRIP_W - 4) / (symbol.width + 2 * symbol.quiet))
    wide = symbol.width * module
    who = Words(x=x + 8, y=y + 9.5, text=badge.name, size_pt=14, bold=True)
    return (
        Box(x=x, y=y, w=_STRIP_W, h=_STRIP_H, fill=PAPER, outline=HAIRLINE, dashed=True, radius=3),
        fitted(who, _STRIP_W - 60),
        Words(x=x + _STRIP_W - 8, y=y + 9.5, text=badge.role.capitalize(), size_pt=12, colour=GREY, anchor="end"),
        Code(x=x + (_STRIP_W - wide) / 2, y=y + 14, w=wide, h=_STRIP_H - 20, symbol=symbol),
    )
