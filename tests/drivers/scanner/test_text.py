"""Identifiers come off the front, text is decoded, and what is no text never becomes a scan."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.readings import Garbled, Scan
from drivers.scanner.aim import split_identifier
from drivers.scanner.text import decode, read_scan

NOW = datetime(2025, 3, 4, tzinfo=UTC)


def read(content: bytes) -> Scan | Garbled:
    return read_scan(content, content, "scanner 1", NOW, 7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("]C0CRS24WT7200001", ("C0", "CRS24WT7200001")),
        ("]d2CRS24WT7200001", ("d2", "CRS24WT7200001")),
        ("]QaX", ("Qa", "X")),
        ("]X0X", ("X0", "X")),
        ("CRS24WT7200001", (None, "CRS24WT7200001")),
        ("CRS25WT72M22]d6", (None, "CRS25WT72M22]d6")),
        ("]C", (None, "]C")),
    ],
)
def test_an_identifier_of_any_symbology_comes_off_the_front_only(text: str, expected: tuple[str | None, str]) -> None:
    assert split_identifier(text) == expected


def test_a_scan_keeps_the_raw_bytes_and_names_the_symbology() -> None:
    scan = read(b"]C0CRS24WT7200001")
    assert scan == Scan(
        device="scanner 1",
        raw=b"]C0CRS24WT7200001",
        wall=NOW,
        monotonic_ns=7,
        text="CRS24WT7200001",
        symbology="C0",
    )


@pytest.mark.parametrize("content", [b"CRS\x00", b"CRS\x7f24", b"A\tB", b"\x85\x90", b"]C0", b"CRS\xa0"])
def test_control_bytes_and_empty_text_are_garbled(content: bytes) -> None:
    reading = read(content)
    assert isinstance(reading, Garbled)
    assert reading.raw == content
    assert reading.reason


def test_utf8_full_width_text_is_a_scan_and_so_is_plain_latin1() -> None:
    wide, latin = read("ＣＲＳ２４".encode()), read("Müller".encode("latin-1"))
    assert isinstance(wide, Scan)
    assert isinstance(latin, Scan)
    assert (wide.text, latin.text) == ("ＣＲＳ２４", "Müller")


def test_a_digit_with_its_top_bit_flipped_never_becomes_another_digit() -> None:
    for byte in b"0123456789":
        reading = read(b"CRS24WT72000" + bytes([byte | 0x80]) + b"1")
        text = reading.text if isinstance(reading, Scan) else ""
        assert not unicodedata.normalize("NFKC", text).isascii() or isinstance(reading, Garbled)


@settings(deadline=None)
@given(raw=st.binary(max_size=40))
def test_decoding_never_fails_and_scans_are_always_printable(raw: bytes) -> None:
    assert isinstance(decode(raw), str)
    reading = read(raw)
    assert isinstance(reading, Garbled) or (reading.text and reading.text.isprintable())
