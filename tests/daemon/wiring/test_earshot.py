"""What passes over a wire is told with what was read of it, however it was cut, and never a badge."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.wiring.earshot import PAUSE_NS, Earshot, WireLine
from daemon.wiring.wirewords import MASK, masked, visible
from drivers.framing import Framing
from drivers.protocol import Chunk
from drivers.scanner import HoneywellSettings, PlainSettings, ScannerSettings, scanner_protocol
from drivers.tap import Ear, Passed, Tap, overheard
from stations.rules.commands import COMMANDS

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX27"
BADGE = f"SL-U-{TOKEN}"


async def lines(ear: Ear) -> list[WireLine]:
    shot, found = Earshot(), list[WireLine]()
    while isinstance(moment := await ear.next(0), Passed):
        found += shot.take(moment)
    return [*found, *shot.paused(10**18)]


async def told(pieces: list[bytes], how: ScannerSettings | None = None) -> list[WireLine]:
    tap = Tap()
    wire = overheard(scanner_protocol(how or PlainSettings(), "s"), "s", tap)
    with tap.listening() as ear:
        for number, piece in enumerate(pieces):
            wire.feed(Chunk(piece, AT, number))
        wire.idle(AT, len(pieces))
        return await lines(ear)


@pytest.mark.parametrize("cut", range(8))
async def test_a_scan_is_one_line_however_it_was_cut(cut: int) -> None:
    (line,) = await told([one for one in (b"CRS26WW\r"[:cut], b"CRS26WW\r"[cut:]) if one])
    assert (line.data, line.said, line.fault, line.sent) == (b"CRS26WW\r", ("CRS26WW",), "", False)


async def test_what_cannot_be_read_says_why() -> None:
    (line,) = await told([b"\xff\x00\r"])
    assert visible(line.data) == "<xFF><NUL><CR>"
    assert line.fault == "The frame holds bytes that are no printable text."
    (lost,) = await told([b"CRS"], PlainSettings(Framing(start=b"\x02", end=b"\x03")))
    assert lost.fault.startswith("Nothing was read of this")


def test_bytes_without_a_reading_are_shown_only_after_a_pause() -> None:
    shot = Earshot()
    assert shot.take(Passed(device="s", wall=AT, monotonic_ns=5, heard=b"half")) == ()
    assert shot.paused(PAUSE_NS) == ()
    (line,) = shot.paused(PAUSE_NS + 5)
    assert line.data == b"half"
    assert not shot.waits


SAID = [
    BADGE.encode() + b"\r",
    b"]C0" + BADGE.encode() + b"\r",
    BADGE.lower().encode() + b"\r\n",
    b"]C)" + BADGE.replace("-", "6").encode() + b"\r",
    "]Cà".encode() + BADGE.replace("-", ")").encode() + b"\r",
    b"\x02" + BADGE.encode() + b"\x03",
    BADGE[1:].encode() + b"\r",
    BADGE.replace("-", "/").encode() + b"\r",
    BADGE.replace("-", "ß").encode() + b"\r",
    BADGE.replace("-", "6").encode() + b"\r",
    b"CRS26WW6000001\r" + BADGE.encode() + b"\r",
    b"CRS26WW6000001" + BADGE.encode() + b"\r",
    "\N{FULLWIDTH LATIN CAPITAL LETTER S}L-U-ABCDEF".encode() + b"\r",
    TOKEN.encode() + b"\r",
    BADGE.encode() + b"\xff" * 300,
]


@settings(max_examples=50)
@given(st.sampled_from(SAID), st.lists(st.integers(0, 40), max_size=4), st.booleans())
async def test_no_badge_is_ever_shown_whatever_the_scanner_makes_of_it(data: bytes, cuts: list[int], ack: bool) -> None:
    at = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    pieces = [data[a:b] for a, b in pairwise(at)]
    for line in await told(pieces, HoneywellSettings() if ack else PlainSettings()):
        shown = line.data.upper().decode("latin-1") + "".join(line.said) + line.fault
        assert not any(TOKEN[n : n + 4] in shown for n in range(len(TOKEN) - 4)), line
        assert "U-ABCDEF" not in shown


@pytest.mark.parametrize("data", SAID)
def test_nor_where_nothing_was_read_of_it(data: bytes) -> None:
    shown = masked(data).decode("latin-1")
    assert not any(TOKEN[n : n + 4] in shown for n in range(len(TOKEN) - 4))


@pytest.mark.parametrize("text", [*COMMANDS, "CRS26WW60000001", "SL-BIND-1-2", "SL-F-12", "230.CRS25WT72M23695"])
def test_what_is_no_badge_is_shown_as_it_is(text: str) -> None:
    assert masked(text.encode() + b"\r") == text.encode() + b"\r"


def test_every_byte_has_one_way_to_be_written() -> None:
    words = [visible(bytes([byte])) for byte in range(256)]
    assert len(set(words)) == 256
    assert "".join(words).isprintable()
    assert visible(b"\x02CRS<1\r\x7f\x9f") == "<STX>CRS<x3C>1<CR><DEL><x9F>"
    assert visible(MASK) == "SL-U-***"
