"""IV Swinger 2, spoken to by its literal lines: start-up, sweep, faults, a sweep's five values."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Flash, Garbled, Reading
from drivers.readings import TesterFault as Fault
from drivers.tester import Calibration, IvSwinger, IvSwingerSettings
from drivers.tester.ivswinger import Phase

NOW = datetime(2025, 3, 4, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "data" / "ivcurves" / "case1.json"
CURVE = json.loads(DATA.read_text(encoding="utf-8"))["IV Curves"][31]
CALIBRATION = Calibration(volts_per_count=0.02, amps_per_count=0.0025)
FLOOR = 9

BOOT = b"IV Swinger2 sketch version 1.4.6\r\nReady\r\n"
CAPABILITIES = (
    b"Received host message: Ready\r\nDS18B20 temperature sensor is NOT supported\r\n"
    b"ADS1115-based pyranometer is NOT supported\r\nMAX_IV_POINTS: 275   max_iv_points: 275\r\n"
)
PROMPT = b"Waiting for go message or config message\r\n"
GO_ECHO = b"Received host message: Go\r\n"


def sweep(*, temperature: bool = True) -> bytes:
    """The output of one sweep over an exact curve, as 12-bit counts."""
    counts = [
        (round(float(v) / 0.02), round(float(i) / 0.0025) + FLOOR)
        for v, i in zip(CURVE["Voltages"], CURVE["Currents"], strict=True)
    ][1:-1]
    voc, isc = round(float(CURVE["v_oc"]) / 0.02), round(float(CURVE["i_sc"]) / 0.0025) + FLOOR
    lines = ["Temperature at sensor #1 is 25.50 degrees Celsius"] if temperature else []
    lines += [f"CH1 ADC noise floor (min):{FLOOR}", f"Isc CH0:0 CH1:{isc}"]
    lines += [f"{k} CH0:{ch0} CH1:{ch1}" for k, (ch0, ch1) in enumerate(counts)]
    lines += [f"Voc CH0:{voc} CH1:{FLOOR}", "Isc poll loops: 3", f"Number of recorded points: {len(counts)}"]
    return ("\r\n".join([*lines, "Output complete"]) + "\r\n").encode()


def swinger(**knobs: object) -> IvSwinger:
    protocol = IvSwinger(IvSwingerSettings(calibration=CALIBRATION, **knobs), "tester 1")  # type: ignore[arg-type]
    assert protocol.opened() == b""
    return protocol


def feed(protocol: IvSwinger, data: bytes) -> Output:
    return protocol.feed(Chunk(data, NOW, 7)) if data else Output()


def at_prompt() -> IvSwinger:
    protocol = swinger()
    feed(protocol, BOOT + CAPABILITIES + PROMPT)
    assert protocol.phase is Phase.WAITING
    return protocol


def flashed(protocol: IvSwinger, data: bytes) -> Reading:
    assert protocol.arm("CRS24WT14400494") == b"Go\n"
    (reading,) = feed(protocol, GO_ECHO + data + PROMPT).readings
    assert protocol.idle_after_s is None
    return reading


def test_the_start_is_followed_until_the_prompt() -> None:
    protocol = swinger()
    watched = [protocol.speaks_unasked]
    assert protocol.arm("X") is None
    assert feed(protocol, BOOT).replies == b"Ready\n"
    assert feed(protocol, CAPABILITIES).replies == b""
    assert protocol.arm("X") is None
    assert feed(protocol, PROMPT) == Output()
    assert [*watched, protocol.speaks_unasked] == [True, False]
    assert protocol.idle_after_s is None


def test_settings_go_out_one_after_each_ready() -> None:
    protocol = swinger(config=("MAX_IV_POINTS 200", "CLK_DIV 8"))
    assert feed(protocol, BOOT).replies == b"Config: MAX_IV_POINTS 200\n"
    echo = b"Received host message: Config: MAX_IV_POINTS 200\r\nConfig processed\r\n"
    assert feed(protocol, echo + b"Ready\r\n").replies == b"Config: CLK_DIV 8\n"
    assert feed(protocol, b"Config processed\r\nReady\r\n").replies == b"Ready\n"
    assert feed(protocol, b"Ready\r\n").replies == b"Ready\n", "it did not hear the first"


def test_a_device_found_at_its_prompt_gets_its_settings_there() -> None:
    protocol = swinger(config=("CLK_DIV 8", "MAX_IV_POINTS 200"))
    protocol.idle(NOW, 7)
    feed(protocol, b"Received host message: Ready\r\n")
    assert protocol.idle(NOW, 7).replies == b"Config: CLK_DIV 8\n"
    assert feed(protocol, b"Config processed\r\n").replies == b"Config: MAX_IV_POINTS 200\n"
    assert feed(protocol, b"Config processed\r\n").replies == b""
    assert protocol.arm("X") == b"Go\n"


def test_a_setting_the_firmware_cannot_take_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot take"):
        IvSwingerSettings(config=("X" * 40,))


def test_a_device_that_was_not_reset_is_asked_and_found_at_its_prompt() -> None:
    protocol = swinger()
    assert protocol.idle(NOW, 7).replies == b"Ready\n"
    assert feed(protocol, b"Received host message: Ready\r\n") == Output()
    assert protocol.idle(NOW, 7) == Output()
    assert protocol.phase is Phase.WAITING


def test_a_sweep_yields_the_five_values_of_its_curve() -> None:
    protocol = at_prompt()
    flash = flashed(protocol, sweep())
    assert isinstance(flash, Flash)
    assert flash.values.pmax_w == pytest.approx(float(CURVE["p_mp"]), rel=0.001)
    assert flash.values.vmp_v == pytest.approx(float(CURVE["v_mp"]), rel=0.004)
    assert flash.values.imp_a == pytest.approx(float(CURVE["i_mp"]), rel=0.004)
    assert flash.values.voc_v == pytest.approx(float(CURVE["v_oc"]), abs=0.01)
    assert flash.values.isc_a == pytest.approx(float(CURVE["i_sc"]), abs=0.00125)
    assert flash.temperature_c == 25.5
    assert flash.serial_text is None
    assert flash.raw.endswith(b"Output complete")
    assert protocol.answer(flash, Answer.GOOD) == b""
    assert isinstance(flashed(protocol, sweep(temperature=False)), Flash), "and the next one too"


def test_a_sweep_that_nobody_armed_is_returned_all_the_same() -> None:
    (reading,) = feed(at_prompt(), sweep()).readings
    assert isinstance(reading, Flash)
    assert reading.temperature_c == 25.5


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda wire: wire.replace(b"\r\n5 CH0:", b"\r\n6 CH0:"), "point 6 comes twice"),
        (lambda wire: b"".join(line for line in wire.splitlines(True) if line[:6] != b"5 CH0:"), "97 of its 98"),
        (lambda wire: wire.replace(b"Voc CH0", b"Vo\xff CH0"), "damaged"),
        (lambda wire: wire.replace(b"Isc CH0:0 ", b"Isc CH0:O "), "damaged"),
        (lambda wire: wire.replace(b"CH0:0 ", b"CH0:4099 "), "beyond the converter's range"),
        (lambda wire: b"Output complete\r\n", "missing"),
        (lambda wire: wire.replace(b"Isc poll", b"9 Unfiltered CH0:1 Unfiltered CH1:2\r\n" * 1100), "too many"),
    ],
)
def test_a_damaged_sweep_is_never_a_flash(damage: object, words: str) -> None:
    reading = flashed(at_prompt(), damage(sweep()))  # type: ignore[operator]
    assert isinstance(reading, Garbled)
    assert words in reading.reason


def test_no_contact_and_no_stable_current_are_faults_of_the_tester() -> None:
    no_voltage = b"CH1 ADC noise floor:9\r\nIsc CH0:0 CH1:0\r\n0 CH0:0 CH1:9\r\nVoc CH0:0 CH1:9\r\nOutput complete\r\n"
    reading = flashed(at_prompt(), no_voltage)
    assert isinstance(reading, Fault)
    assert "no voltage" in reading.reason
    unstable = flashed(at_prompt(), b"Polling for stable Isc timed out\r\n" + sweep())
    assert isinstance(unstable, Fault)
    assert "did not become stable" in unstable.reason


def test_the_devices_error_text_is_a_fault() -> None:
    (reading,) = feed(at_prompt(), b"ERROR: Unknown config type: X\r\n").readings
    assert isinstance(reading, Fault)


@pytest.mark.parametrize("end", [PROMPT, BOOT])
def test_a_sweep_that_breaks_off_is_reported(end: bytes) -> None:
    protocol = at_prompt()
    protocol.arm("X")
    (reading,) = feed(protocol, GO_ECHO + sweep()[:200] + b"\r\n" + end).readings
    assert isinstance(reading, Fault)
    assert "broke off" in reading.reason


def test_a_sweep_that_never_ends_is_given_up() -> None:
    protocol = at_prompt()
    protocol.arm("X")
    feed(protocol, GO_ECHO)
    assert protocol.idle_after_s == 30.0
    (reading,) = protocol.idle(NOW, 7).readings
    assert isinstance(reading, Fault)
    assert protocol.phase is Phase.UNKNOWN


def test_disarming_says_nothing_for_a_sweep_cannot_be_taken_back() -> None:
    assert at_prompt().arm(None) == b""


_PARTS = [BOOT, CAPABILITIES, PROMPT, GO_ECHO, sweep(), sweep()[:300], b"\xff\x00", b"ERROR: x\r\n"]


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.sampled_from(_PARTS), max_size=6), cuts=st.lists(st.integers(0, 9000), max_size=8))
def test_any_chunking_gives_the_same_readings_and_messages(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    def run(chunks: list[bytes]) -> tuple[list[Reading], bytes]:
        protocol = swinger()
        outputs = [feed(protocol, chunk) for chunk in chunks]
        return [r for o in outputs for r in o.readings], b"".join(output.replies for output in outputs)

    assert run([data[a:b] for a, b in pairwise(edges)]) == run([data])
