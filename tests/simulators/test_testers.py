import re
from datetime import UTC, datetime

import pytest

from simulators.physics import Setup, Stc
from simulators.rig import Flash, Laid, Rig, Tag, scaled
from simulators.swinger import Phase, Swinger
from simulators.tester import AsciiTester
from simulators.wire.testers import FORMS, ascii_form, sum8, xor8

NOON = datetime(2025, 3, 4, 12, 0, 0, tzinfo=UTC)
FLASH = Flash(
    7, "CRS25WT6000001", Tag.PANEL, Stc(329.1, 41.0, 10.19, 34.1, 9.651, 0.2, 500.0), 998.5, 24.61,
    datetime(2025, 3, 4, 17, 41, 27, tzinfo=UTC),
)  # fmt: skip


def test_csv_is_one_line_of_values_by_position() -> None:
    assert FORMS["csv-lines"].write(FLASH) == (
        b"CRS25WT6000001,2025-03-04,17:41:27,329.1000,10.19000,41.0000,9.65100,34.1000,0.78772,24.61,998.50\r\n"
    )


def test_without_a_serial_its_place_is_empty_and_its_name_is_left_out() -> None:
    assert ascii_form("csv-lines", serial_sent=False).write(FLASH).startswith(b",2025-03-04,17:41:27,329.1000,")
    assert ascii_form("key-value", serial_sent=False).write(FLASH).startswith(b"DATE=2025-03-04;")


def test_labels_can_be_renamed() -> None:
    form = ascii_form("key-value", fields=["pmax", "imp"], labels={"pmax": "PMAX"})
    assert form.write(FLASH) == b"PMAX=329.1000;IPM=9.65100\r\n"


def test_key_value_and_block_name_their_fields() -> None:
    assert b"SN=CRS25WT6000001;DATE=2025-03-04;TIME=17:41:27;PM=329.1000;ISC=10.19000;" in FORMS["key-value"].write(
        FLASH
    )
    block = FORMS["block"].write(FLASH)
    assert block.startswith(b"BEGIN\r\nSN:CRS25WT6000001\r\n")
    assert block.endswith(b"\r\nIRR:998.50\r\nEND\r\n")


def test_fixed_width_columns_are_as_wide_as_told() -> None:
    line = FORMS["fixed-width"].write(FLASH).decode().removesuffix("\r\n")
    assert [line[at : at + 18].strip() for at in range(0, len(line), 18)][:4] == [
        "CRS25WT6000001", "2025-03-04", "17:41:27", "329.1000",
    ]  # fmt: skip


def test_single_knobs_can_be_turned() -> None:
    form = ascii_form("csv-lines", fields=["pmax_kw", "isc_ma", "ff_percent"], decimal=",", separator=";", units=True)
    assert form.write(FLASH) == b"0,3291000kW;10190,00mA;78,772%\r\n"


@pytest.mark.parametrize(("name", "algorithm"), [("xor", xor8), ("sum8", sum8)])
def test_a_checksum_covers_the_text_before_the_asterisk(name: str, algorithm: object) -> None:
    body, digits = ascii_form("csv-lines", checksum=name).write(FLASH).removesuffix(b"\r\n").split(b"*")
    assert callable(algorithm)
    assert int(digits, 16) == algorithm(body)


def test_known_checksums() -> None:
    assert xor8(b"123456789") == 0x31
    assert sum8(b"123456789") == 0xDD


def test_an_acknowledged_flash_is_repeated_until_taken() -> None:
    tester = AsciiTester(FORMS["csv-checked"])
    tester.report(FLASH)
    frame = tester.take_frame()
    assert frame is not None
    assert frame.startswith(b"\x02")
    assert frame.endswith(b"\x03")
    tester.written(1.0)
    tester.receive(b"\x15", 1.1)
    assert tester.take_frame() == frame
    tester.advance(2.2)
    assert tester.take_frame() == frame
    tester.receive(b"\x06", 2.3)
    assert (tester.delivered, tester.wake_at_s) == (1, None)


def test_an_unanswered_flash_is_given_up_after_three_repeats() -> None:
    tester = AsciiTester(FORMS["csv-checked"])
    tester.report(FLASH)
    frames, now_s = 0, 0.0
    while tester.take_frame() is not None:
        frames += 1
        tester.written(now_s)
        now_s += 1.0
        tester.advance(now_s)
    assert frames == 4


def test_the_rigs_clock_is_eight_hours_east() -> None:
    rig = Rig()
    rig.lay(Laid("A", "60"))
    assert f"{rig.flash(NOON).at:%H:%M}" == "20:00"


def test_an_empty_rig_reads_nothing_and_knows_no_serial() -> None:
    flash = Rig().flash(NOON)
    assert (flash.serial, flash.values.pmax_w) == ("editSPSn", 0.0)


def talk(board: Swinger, *messages: str) -> list[str]:
    for message in messages:
        board.receive(message.encode() + b"\n", 0.0)
    lines = []
    while (line := board.take_frame()) is not None:
        assert line.endswith(b"\r\n")
        lines.append(line.decode().removesuffix("\r\n"))
    return lines


def swinger(setup: Setup = Setup.GOOD) -> Swinger:
    rig = Rig()
    rig.lay(Laid("A", "60", setup))

    def sweep() -> list[tuple[float, float]]:
        behaviour = rig.behaviour()
        flash = rig.flash(NOON)
        return scaled(behaviour.curve(100), flash.values) if behaviour else [(0.0, 0.0)] * 100

    return Swinger(sweep)


def test_iv_swinger_says_ready_every_second_until_its_host_does() -> None:
    board = swinger()
    board.plug(0.0)
    assert talk(board) == ["IV Swinger2 sketch version 1.4.6", "Ready"]
    board.advance(0.9)
    assert talk(board) == []
    board.advance(1.0)
    assert talk(board) == ["Ready"]
    lines = talk(board, "Ready")
    assert lines[0] == "Received host message: Ready"
    assert lines[-1] == "Waiting for go message or config message"
    assert (board.phase, board.wake_at_s) == (Phase.WAITING, None)


def test_iv_swinger_takes_configuration() -> None:
    board = swinger()
    board.plug(0.0)
    talk(board, "Ready")
    assert talk(board, "Config: MAX_IV_POINTS 140") == [
        "Received host message: Config: MAX_IV_POINTS 140",
        "Config processed",
    ]
    assert board.config == {"MAX_IV_POINTS": "140"}


def test_an_iv_swinger_sweep_carries_the_panel_in_raw_counts() -> None:
    board = swinger()
    board.plug(0.0)
    talk(board, "Ready")
    lines = talk(board, "Go")
    assert lines[:3] == ["Received host message: Go", "CH1 ADC noise floor (min):0", "CH1 ADC noise floor (max):0"]
    assert lines[-2:] == ["Output complete", "Waiting for go message or config message"]
    found = [re.fullmatch(r"(\d+) CH0:(\d+) CH1:(\d+)", line) for line in lines[4:-4]]
    points = [tuple(map(int, point.groups())) for point in found if point]
    assert [number for number, _, _ in points] == list(range(100))
    assert max(ch0 * 0.025635 * ch1 * 0.003212 for _, ch0, ch1 in points) == pytest.approx(329, rel=0.02)
    assert re.fullmatch(r"Isc CH0:0 CH1:\d+", lines[3])
    assert re.fullmatch(r"Voc CH0:\d+ CH1:0", lines[-4])
    assert lines[-3] == "Number of recorded points: 100"


def test_an_iv_swinger_without_contact_counts_nothing() -> None:
    board = swinger(Setup.NO_CONTACT)
    board.plug(0.0)
    talk(board, "Ready")
    lines = talk(board, "Go")
    assert lines[3:6] == ["Isc CH0:0 CH1:0", "0 CH0:0 CH1:0", "Voc CH0:0 CH1:0"]
