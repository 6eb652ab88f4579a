"""Sticks of every kind, plugged into a running line and read back outside."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from storage.records import PanelStatus, Verdict
from tests.vm.bed import Bed, Visit, check, exports, ids, is_whole, rows
from tests.vm.image import GUEST
from tests.vm.liar import lying
from tests.vm.sticks import FILE_SYSTEMS, MIB, Stick, make_stick

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def sticks(bed: Bed) -> dict[str, Stick]:
    """A stick for each file system."""
    return {
        kind: make_stick(bed.folder / f"{kind}-0001.img", kind, partitioned=kind != "exfat") for kind in FILE_SYSTEMS
    }


def enrol(bed: Bed, visit: Visit, *options: str) -> None:
    """Enrol a plugged stick under the name of its file system."""
    bed.sunline("usb", "enrol", visit.stick.serial, "--device", bed.device(visit), *options)


@pytest.fixture(scope="module")
def key(bed: Bed) -> Path:
    """The line's public key, as whoever checks an export has it."""
    path = bed.folder / "key.pem"
    path.write_text(bed.sunline("export", "key")["pem"], encoding="utf-8")
    return path


def refused(bed: Bed, visits: Sequence[Visit], outcome: str) -> None:
    """Hear of each stick that it is refused, and find every byte of it as it was."""
    before = {visit.stick.serial: visit.stick.whole for visit in visits}
    assert {bed.ending(visit).outcome for visit in visits} == {outcome}
    bed.pull(*visits)
    for visit in visits:
        assert visit.stick.whole == before[visit.stick.serial], f"{visit.stick.serial} was written to"


def test_sticks_that_nobody_enrolled_are_refused_and_not_one_byte_of_them_changes(
    bed: Bed, sticks: dict[str, Stick]
) -> None:
    refused(bed, [bed.plug(stick) for stick in sticks.values()], "not_enrolled")


def test_four_enrolled_sticks_at_once_each_take_everything_the_line_holds(
    bed: Bed, sticks: dict[str, Stick], key: Path
) -> None:
    visits = [bed.plug(stick) for stick in sticks.values()]
    for visit in visits:
        bed.ending(visit)
        enrol(bed, visit)
    bed.pull(*visits)
    visits = [bed.plug(stick) for stick in sticks.values()]
    for visit in visits:
        said = bed.ending(visit)
        assert said.outcome == "exported"
        assert "safe to remove" in said.words.lower()
    bed.pull(*visits)
    for stick in sticks.values():
        (export,) = exports(bed.read(stick))
        check(export, key)
        holds_what_the_line_holds(bed, export)


def holds_what_the_line_holds(bed: Bed, export: Path) -> None:
    """Compare the lists with the records the line was furnished with."""
    made, found = bed.plant.made, rows(export)
    assert ids(found["manufacturing_orders"]) == sorted(str(one.uuid) for one in made.orders)
    assert ids(found["panels"]) == sorted(str(one.uuid) for one in made.panels)
    assert ids(found["station_results"]) == sorted(str(one.uuid) for one in made.results)
    assert ids(found["pallets"]) == sorted(str(one.uuid) for one in made.pallets)
    assert {row["serial_number"]: row["notes"] for row in found["panels"]} == {
        one.serial_number: one.notes for one in made.panels
    }
    assert {(row["id"], row["result"], row["notes"]) for row in found["station_results"]} == {
        (str(one.uuid), one.result.value, one.notes) for one in made.results
    }
    void = {one.supersedes for one in made.results if one.result == Verdict.VOID}
    cosmetic = [one for one in made.results if one.result == Verdict.COSMETIC and one.uuid not in void]
    assert len(found["cosmetic_defects"]) == len(cosmetic)
    failed = {one.serial_number for one in made.panels if one.status == PanelStatus.FAILED}
    assert {row["serial_number"] for row in found["failed_panels"]} <= failed
    assert len(list((export / "pallet_sheets").glob("*.pdf"))) == len(made.pallets)


def test_a_stick_that_has_everything_is_told_so_and_then_takes_only_what_is_new(
    bed: Bed, sticks: dict[str, Stick], key: Path
) -> None:
    stick = sticks["ext4"]
    visit = bed.plug(stick)
    assert bed.ending(visit).outcome == "nothing_new"
    bed.pull(visit)
    bed.sunline("order", "create", "MO-NEW", "--panel-type", "60", "--quantity", "7")
    visit = bed.plug(stick)
    assert bed.ending(visit).outcome == "exported"
    bed.pull(visit)
    first, second = exports(bed.read(stick))
    check(first, key)
    check(second, key)
    found = rows(second)
    assert [row["mo_number"] for row in found["manufacturing_orders"]] == ["MO-NEW"]
    assert found["station_results"] == []


def test_a_write_protected_stick_says_so_and_is_not_changed(bed: Bed, sticks: dict[str, Stick]) -> None:
    refused(bed, [bed.plug(sticks["vfat"], read_only=True)], "read_only")


def test_a_stick_with_several_partitions_is_refused_and_not_changed(bed: Bed) -> None:
    stick = make_stick(bed.folder / "several-0001.img", "vfat", "ext4")
    refused(bed, [bed.plug(stick)], "several_partitions")


def test_a_full_stick_says_so_keeps_what_was_on_it_and_gets_nothing_that_looks_whole(bed: Bed) -> None:
    filler = bytes(range(256)) * (37 * MIB // 256)
    stick = make_stick(bed.folder / "full-0001.img", "vfat", size_mib=39, content={"holiday.bin": filler})
    visit = bed.plug(stick)
    assert bed.ending(visit).outcome == "not_enrolled"
    enrol(bed, visit)
    bed.pull(visit)
    visit = bed.plug(stick)
    assert bed.ending(visit).outcome == "full"
    bed.pull(visit)
    found = bed.read(stick)
    assert (found / "holiday.bin").read_bytes() == filler
    assert not [export for export in exports(found) if is_whole(export)]


def test_a_stick_that_stores_less_than_it_claims_is_found_out_before_anybody_is_told_that_it_is_safe(bed: Bed) -> None:
    filler = bytes(range(256)) * (20 * MIB // 256)
    stick = make_stick(bed.folder / "liar-0001.img", "vfat", content={"holiday.bin": filler})
    visit = bed.plug(stick)
    bed.ending(visit)
    enrol(bed, visit)
    bed.pull(visit)
    with lying(stick.path, 22 * MIB) as claimed:
        visit = bed.plug(replace(stick, path=claimed))
        assert bed.ending(visit).outcome == "unreadable"
        bed.pull(visit)


def test_a_stick_that_is_a_keyboard_too_is_refused_and_not_changed(bed: Bed) -> None:
    stick = make_stick(bed.folder / "evil-0001.img", "vfat", size_mib=40)
    bed.hand.put("/var/tmp/evil.img.gz", gzip.compress(stick.whole))
    bed.hand.put("/run/composite.sh", (GUEST / "composite.sh").read_bytes())
    bed.hand.out("gunzip /var/tmp/evil.img.gz")
    before, cursor = bed.hand.out("sha256sum /var/tmp/evil.img"), bed.cursor()
    bed.hand.out(f"bash /run/composite.sh plug /var/tmp/evil.img {stick.serial}")
    try:
        assert bed.ending_of(stick.serial, cursor).outcome == "also_a_keyboard"
    finally:
        bed.hand.out("bash /run/composite.sh pull")
    assert bed.hand.out("sha256sum /var/tmp/evil.img") == before


def test_a_revoked_stick_is_a_stranger_again(bed: Bed, sticks: dict[str, Stick]) -> None:
    bed.sunline("usb", "revoke", sticks["ntfs"].serial, "--reason", "lost")
    refused(bed, [bed.plug(sticks["ntfs"])], "not_enrolled")


def test_every_visit_is_told_by_the_line(bed: Bed) -> None:
    told = {row["outcome"] for row in bed.sunline("usb", "visits")}
    assert {"exported", "nothing_new", "not_enrolled", "full", "read_only", "several_partitions"} <= told
