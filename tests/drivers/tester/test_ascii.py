"""The shipped dialects read literal transcripts; damage becomes a plain reason, never a wrong number."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Flash, FlashKind, FlashSource, Garbled, IvValues, Reading
from drivers.readings import TesterFault as Fault
from drivers.tester import AsciiTester, load_dialect, shipped_dialect, shipped_dialects

NOW = datetime(2025, 3, 4, tzinfo=UTC)
FIVE = (451.6, 49.8, 11.25, 42.3, 10.676)
CSV = b"CRS24WT14400494,2025-03-04,17:50:00,451.60,11.250,49.800,10.676,42.300,0.8061,25.1,1001\r\n"
HEADER = "SerialNo;curveTag;Pm;Voc;Isc;Vpm;Ipm;操作员\n".encode("gbk")
SEMICOLON = "CRS24WT14400494;I->V;451,60;49,800;11250;42,300;10676;王\n".encode("gbk")
PAIRS_BODY = b"SN=CRS24WT14400494,PMAX=451.60W,VOC=49.800V,ISC=11.250 A,VMP=42.300V,IMP=10.676A,IRR=1001W/m2"
PAIRS = PAIRS_BODY + b"*77\r"
FIXED = b"  451.60  49.800  11.250  42.300  10.676"
BLOCK = (
    b"\x02\r\nSerial: CRS24WT14400494\r\nPmax: 0.45160 kW\r\nVoc: 49.800 V\r\nIsc: 11250 mA\r\n"
    b"Vmpp: 42.300 V\r\nImpp: 10676 mA\r\nTemp: 25.1 \xb0C\r\n\x03"
)
TAB = b":CRS24WT14400494\t451.60\t49.800\t11.250\t42.300\t10.676#F0B4\r\n"
TRANSCRIPTS = {
    "csv-lines": CSV,
    "header-semicolon": HEADER + SEMICOLON,
    "key-value": PAIRS,
    "fixed-width": FIXED,
    "block-marked": BLOCK,
    "tab-crc": TAB,
}


def protocol_of(name: str) -> AsciiTester:
    protocol = AsciiTester(shipped_dialect(name), "tester 1")
    assert protocol.opened() == b""
    return protocol


def feed(protocol: AsciiTester, data: bytes) -> Output:
    return protocol.feed(Chunk(data, NOW, 7)) if data else Output()


def say(name: str, data: bytes) -> tuple[list[Reading], bytes]:
    protocol = protocol_of(name)
    outputs = [feed(protocol, data), protocol.idle(NOW, 7)]
    return [r for output in outputs for r in output.readings], b"".join(o.replies for o in outputs)


def the_flash(name: str, data: bytes) -> Flash:
    (reading,) = say(name, data)[0]
    assert isinstance(reading, Flash), reading
    return reading


def the_reason(name: str, data: bytes) -> str:
    (reading,) = say(name, data)[0]
    assert isinstance(reading, Garbled), reading
    assert reading.raw
    return reading.reason


def test_every_shipped_dialect_has_a_transcript() -> None:
    assert set(TRANSCRIPTS) == set(shipped_dialects())


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_each_dialect_reads_the_same_five_values(name: str) -> None:
    flash = the_flash(name, TRANSCRIPTS[name])
    assert flash.values == IvValues(*FIVE, significant_digits=5)
    assert flash.serial_text == (None if name == "fixed-width" else "CRS24WT14400494")
    assert (flash.source, flash.kind, flash.origin) == (FlashSource.LIVE, FlashKind.PANEL, "tester 1")


def test_other_fields_are_kept() -> None:
    flash = the_flash("csv-lines", CSV)
    assert (flash.date_text, flash.time_text) == ("2025-03-04", "17:50:00")
    assert (flash.irradiance_w_m2, flash.temperature_c) == (1001.0, 25.1)
    assert flash.extra == {"FF": "0.8061"}
    assert flash.raw == CSV.rstrip()
    assert the_flash("header-semicolon", HEADER + SEMICOLON).extra == {"操作员": "王"}
    assert the_flash("block-marked", BLOCK).temperature_c == 25.1


def test_null_tokens_become_none_and_a_missing_serial_too() -> None:
    flash = the_flash("csv-lines", b"-,2025-03-04,17:50:00,nan,9.91E37,,10.676,9999,0.8,25,1001\r\n")
    assert flash.serial_text is None
    assert flash.values.five == (None, None, None, None, 10.676)


def test_zero_is_a_value() -> None:
    flash = the_flash("fixed-width", b"    0.00    0.00    0.00    0.00    0.00")
    assert flash.values == IvValues(0.0, 0.0, 0.0, 0.0, 0.0, significant_digits=0)


def test_a_calibration_flash_is_marked() -> None:
    assert the_flash("header-semicolon", HEADER + SEMICOLON.replace(b"I->V", b"cali")).kind is FlashKind.CALIBRATION


def test_a_spreadsheet_wrapper_comes_off_the_serial() -> None:
    assert the_flash("csv-lines", CSV.replace(b"CRS24WT14400494", b'="CRS24WT14400494"')).serial_text == (
        "CRS24WT14400494"
    )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("csv-lines", CSV.replace(b"451.60", b"45l.60"), "pmax_w reads '45l.60', which is no number"),
        ("csv-lines", CSV.replace(b",0.8061", b""), "10 fields where 11 are expected"),
        ("csv-lines", CSV[:-2] + CSV, "21 fields where 11 are expected"),
        ("csv-lines", CSV[:-2], "broke off"),
        ("csv-lines", CSV.replace(b"17:", b"\x07"), "no printable text"),
        ("csv-lines", CSV.replace(b"CRS", b"\xff\xfe\xfd"), "not valid utf-8"),
        ("csv-lines", b"1" * 600 + b"\r\n", "longer than 512 bytes"),
        ("header-semicolon", SEMICOLON, "no header line"),
        ("header-semicolon", HEADER + SEMICOLON[:-4] + b"\n", "7 fields where the header names 8"),
        ("key-value", PAIRS.replace(b"451", b"454"), "checksum is wrong"),
        ("key-value", PAIRS_BODY + b"\r", "checksum is missing"),
        ("fixed-width", FIXED[:-3], "37 characters where 40"),
        ("block-marked", BLOCK.replace(b"Voc: 49.800 V\r\n", b""), "Voc is missing"),
        ("block-marked", BLOCK.replace(b"Vmpp", b"Impp"), "'Impp' comes twice"),
        ("block-marked", BLOCK.replace(b"Voc:", b"Voc"), "no name and value"),
        ("tab-crc", TAB.replace(b"451", b"541"), "checksum is wrong"),
    ],
)
def test_a_result_that_cannot_be_read_says_why(name: str, data: bytes, words: str) -> None:
    assert words in the_reason(name, data)


def test_the_testers_own_error_text_is_a_fault_and_chatter_is_passed_over() -> None:
    (reading,) = say("csv-lines", b"READY\r\nERROR 17 lamp\r\n# note\r\n")[0]
    assert isinstance(reading, Fault)
    assert reading.reason == "The tester reports: ERROR 17 lamp"


def test_a_reply_on_receipt_goes_out_at_once() -> None:
    assert say("block-marked", BLOCK)[1] == b"\x06"
    assert say("block-marked", BLOCK.replace(b"Voc:", b"Voc"))[1] == b"\x15"
    protocol = protocol_of("block-marked")
    (flash,) = feed(protocol, BLOCK).readings
    assert protocol.answer(flash, Answer.GOOD) == b""


def test_a_reply_after_storing_waits_for_the_answer() -> None:
    protocol = protocol_of("key-value")
    output = feed(protocol, PAIRS)
    assert output.replies == b""
    assert protocol.answer(output.readings[0], Answer.GOOD) == b"\x06"
    assert protocol.answer(output.readings[0], Answer.SEEN) == b"\x06"
    assert [protocol.answer(output.readings[0], Answer.BAD) for _ in range(5)] == [b"\x15"] * 3 + [b""] * 2


def test_an_unreadable_frame_is_refused_at_once_and_only_so_often() -> None:
    damaged = PAIRS.replace(b"451", b"454")
    assert say("key-value", damaged * 5)[1] == b"\x15" * 3
    protocol = protocol_of("key-value")
    (garbled,) = feed(protocol, damaged).readings
    assert protocol.answer(garbled, Answer.BAD) == b""


def test_arming_hands_the_serial_over_where_the_dialect_says_so() -> None:
    assert protocol_of("key-value").arm("CRS24WT14400494") == b"SN=CRS24WT14400494\rFLASH\r"
    assert protocol_of("key-value").arm(None) == b"ABORT\r"
    assert protocol_of("tab-crc").arm("CRS1") == b"ARM CRS1\r\n"
    assert protocol_of("csv-lines").arm("CRS1") == b""
    assert protocol_of("key-value").arm("CRS1\rFORMAT") is None
    latin = load_dialect(
        'name="x"\nencoding="cp1252"\nlayout="separated"\ntrigger={arm="{serial}"}\n'
        '[[fields]]\nis="pmax_w"\nposition=1\n',
        "x.toml",
    )
    assert AsciiTester(latin, "t").arm("ＣＲＳ") is None


_DAMAGE = st.lists(st.one_of(st.sampled_from(sorted(TRANSCRIPTS.values())), st.binary(max_size=12)), max_size=5)


@pytest.mark.parametrize("name", TRANSCRIPTS)
@settings(deadline=None)
@given(parts=_DAMAGE, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_any_chunking_of_anything_gives_the_same_readings(name: str, parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    def run(chunks: list[bytes]) -> tuple[list[Reading], bytes, int]:
        protocol = protocol_of(name)
        outputs = [feed(protocol, chunk) for chunk in chunks] + [protocol.idle(NOW, 7)]
        replies = b"".join(output.replies for output in outputs)
        return [r for o in outputs for r in o.readings], replies, protocol.noise.count

    assert run([data[a:b] for a, b in pairwise(edges)]) == run([data])


@settings(deadline=None)
@given(at=st.integers(0, 200), flip=st.integers(1, 255))
def test_under_a_crc_no_changed_byte_yields_another_value(at: int, flip: int) -> None:
    wire = bytearray(TAB)
    wire[at % len(TAB)] ^= flip
    for reading in say("tab-crc", bytes(wire))[0]:
        assert not isinstance(reading, Flash) or reading.values.five == FIVE
