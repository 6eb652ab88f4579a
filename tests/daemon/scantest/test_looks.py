"""Every fault of a scanner is found and named, a healthy one is never accused, the more fundamental comes first."""

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.scantest.bursts import Burst
from daemon.scantest.findings import Expected, Fault
from daemon.scantest.forms import Form
from daemon.scantest.looks import examine
from stations.rules.commands import TEST_CODES
from tests.daemon.scantest.sick import ALWAYS, AS_CONFIGURED, ENDS, ONCE, Desk, S, over_the_wire

READ_WELL = [
    ("line", "cr"), ("line", "lf"), ("line", "crlf"), ("cr", "cr"), ("cr", "crlf"), ("lf", "lf"), ("lf", "crlf"),
    ("crlf", "crlf"), ("gap", "gap"), ("gap", "cr"), ("gap", "lf"), ("gap", "crlf"),
]  # fmt: skip


def faults(bursts: list[Burst], expected: Expected = AS_CONFIGURED) -> list[Fault]:
    return [one.fault for one in examine(bursts, expected).findings]


@pytest.mark.parametrize(("setting", "sent"), READ_WELL)
def test_a_healthy_scanner_is_never_accused(setting: str, sent: str) -> None:
    found = examine(Desk(ENDS[sent]).bursts(), Expected(kind="plain", form=Form(setting)))
    assert found.findings == ()
    assert found.form is None


@given(st.permutations(range(len(TEST_CODES))), st.integers(1, 5))
def test_nor_is_one_whose_codes_were_scanned_in_another_order_or_not_all(order: list[int], count: int) -> None:
    bursts = Desk().bursts()
    moved = [replace(bursts[n], began_ns=at * 2 * S, ended_ns=at * 2 * S) for at, n in enumerate(order[:count])]
    assert faults(moved) == []


def test_nor_is_one_read_by_packets_or_keys_or_between_markers() -> None:
    framed = [replace(one, data=one.data.strip(), framed=True) for one in Desk().bursts()]
    assert faults(framed, Expected(kind="ssi", form=Form("line"), framed=True)) == []
    marked = Desk(always=(ALWAYS["markers"],)).bursts()
    assert faults(marked, Expected(kind="plain", form=Form("cr", stx_etx=True))) == []


@pytest.mark.parametrize("name", ALWAYS)
def test_a_fault_of_every_code_is_named_and_nothing_else(name: str) -> None:
    found = examine(Desk(always=(ALWAYS[name],)).bursts(), AS_CONFIGURED)
    assert [one.fault for one in found.findings] == [ALWAYS[name].fault]
    assert found.form == ALWAYS[name].cured


@pytest.mark.parametrize("name", ONCE)
@pytest.mark.parametrize("number", range(len(TEST_CODES)))
def test_a_fault_of_any_single_code_is_named_and_nothing_else(name: str, number: int) -> None:
    assert faults(Desk(once={number: ONCE[name]}).bursts()) == [ONCE[name].fault]


ENDINGS = ("cr", "lf", "crlf", "line", "gap")


@pytest.mark.parametrize(("setting", "sent"), sorted(set(product(ENDINGS, ENDS)) - set(READ_WELL)))
def test_an_ending_that_is_not_read_is_found_and_becomes_the_setting(setting: str, sent: str) -> None:
    found = examine(Desk(ENDS[sent]).bursts(), Expected(kind="plain", form=Form(setting)))
    assert [(one.fault, one.cured, one.is_bad) for one in found.findings] == [(Fault.ENDING, True, False)]
    assert found.form == Form(sent)
    assert faults(Desk(ENDS[sent]).bursts(), Expected(kind="plain", form=found.form)) == []


def test_markers_that_are_expected_and_do_not_come_are_found() -> None:
    found = examine(Desk().bursts(), Expected(kind="plain", form=Form("line", stx_etx=True)))
    assert [one.fault for one in found.findings] == [Fault.MARKERS]
    assert found.form == Form("cr")


NO_PAIRS = ({"tab", "no end"}, {"tab", "markers"}, {"no end", "markers"})  # one is the other, or undoes it
PAIRS = [
    (one, other)
    for one, other in combinations(ALWAYS, 2)
    if ALWAYS[one].fault is not ALWAYS[other].fault and {one, other} not in NO_PAIRS
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_faults_both_are_found_and_the_more_fundamental_comes_first(one: str, other: str) -> None:
    text_first = sorted((ALWAYS[one], ALWAYS[other]), key=lambda sick: sick.fault is not Fault.AIM)
    found = faults(Desk(always=tuple(text_first)).bursts())
    assert found == sorted({ALWAYS[one].fault, ALWAYS[other].fault}, key=lambda fault: fault.rank)


@pytest.mark.parametrize("one", ALWAYS)
def test_a_fault_of_one_code_beside_one_of_all_hides_nothing_more_fundamental(one: str) -> None:
    always = (ALWAYS[one],)
    for other, number in product(ONCE, range(len(TEST_CODES))):
        bursts = Desk(always=always, once={number: ONCE[other]}).bursts()
        if bursts == Desk(always=always).bursts():
            continue
        found = faults(bursts)
        if ALWAYS[one].fault in faults([*bursts[:number], *bursts[number + 1 :]]):  # only one code has small letters
            assert ALWAYS[one].fault in found, (other, number)
        assert found[0].rank <= min(ALWAYS[one].fault.rank, ONCE[other].fault.rank), (other, number, found)


@pytest.mark.parametrize("read", [1200, 2400, 4800, 19200, 38400, 57600, 115200])
@pytest.mark.parametrize("sent", [9600])
def test_a_wrong_baud_rate_is_garbled_and_not_a_wrong_layout(sent: int, read: int) -> None:
    heard = [replace(one, data=over_the_wire(one.data, sent, read)) for one in Desk().bursts()]
    found = examine(heard, replace(AS_CONFIGURED, baud=read))
    assert [one.fault for one in found.findings] == [Fault.GARBLED]
    assert f"here {read}" in found.findings[0].todo


def test_the_same_baud_rate_is_well() -> None:
    heard = [replace(one, data=over_the_wire(one.data, 9600, 9600)) for one in Desk().bursts()]
    assert faults(heard) == []


@pytest.mark.parametrize(("parity", "odd"), [("E", 0), ("O", 1)])
def test_seven_data_bits_with_parity_are_told_from_a_wrong_baud_rate(parity: str, odd: int) -> None:
    def with_parity(byte: int) -> int:
        return byte | 0x80 if byte.bit_count() % 2 != odd else byte

    heard = [replace(one, data=bytes(map(with_parity, one.data))) for one in Desk().bursts()]
    (found,) = examine(heard, AS_CONFIGURED).findings
    assert found.fault is Fault.GARBLED
    assert f'serial.parity = "{parity}"' in found.todo


def test_a_scanner_of_another_kind_is_named() -> None:
    ssi = Expected(kind="ssi", form=Form("line"), framed=True)
    assert faults(Desk().bursts(), ssi) == [Fault.KIND]

    def packed(text: str) -> bytes:
        body = bytes((5 + len(text), 0xF3, 0, 0, 3)) + text.encode()
        return body + (-sum(body) & 0xFFFF).to_bytes(2, "big")

    packets = [replace(one, data=packed(text)) for one, text in zip(Desk().bursts(), TEST_CODES, strict=True)]
    assert faults(packets) == [Fault.KIND]


def test_silence_and_other_barcodes_are_told_apart() -> None:
    assert faults([]) == [Fault.NOTHING]
    other = Burst(data=b"CRS26WW6000001\r", began_ns=0, ended_ns=1)
    assert faults([other]) == [Fault.FOREIGN]
    assert faults([other, *Desk().bursts()]) == []


def test_a_second_scan_of_the_same_code_is_no_double_trigger_nor_is_one_that_was_asked_for() -> None:
    first = Desk().bursts()[0]
    later = replace(first, began_ns=first.ended_ns + 2 * S, ended_ns=first.ended_ns + 2 * S)
    soon = replace(first, began_ns=first.ended_ns + S // 3, ended_ns=first.ended_ns + S // 3)
    assert faults([first, later]) == []
    assert faults([first, soon]) == [Fault.DOUBLE]
    assert faults([first, replace(soon, asked_again=True)]) == []


def test_a_line_feed_that_comes_late_belongs_to_its_code() -> None:
    first, second, *_ = Desk().bursts()
    late = Burst(data=b"\n", began_ns=first.ended_ns + 1, ended_ns=first.ended_ns + 1)
    assert faults([first, late, second], Expected(kind="plain", form=Form("crlf"))) == [Fault.ENDING]
    assert faults([first, late], Expected(kind="plain", form=Form("crlf"))) == []


def test_a_badge_scanned_by_mistake_is_in_no_finding() -> None:
    badge = Burst(data=b"SL-U-SECRETTOKEN\r", began_ns=0, ended_ns=1)
    for bursts in ([badge], [badge, *Desk().bursts()], [replace(badge, data=b"SL-U-SECRETTOKENSL-TEST-1-AQWZYM\r")]):
        assert "SECRET" not in str(examine(bursts, AS_CONFIGURED).findings)


def burst(data: bytes, at_ns: int) -> Burst:
    return Burst(data=data, began_ns=at_ns, ended_ns=at_ns)


@settings(max_examples=40)
@given(st.lists(st.builds(burst, st.binary(max_size=60), st.integers(0, 10**10)), max_size=6))
def test_whatever_arrives_is_judged(bursts: list[Burst]) -> None:
    for one in examine(bursts, AS_CONFIGURED).findings:
        assert one.message.isprintable()
