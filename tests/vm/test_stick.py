"""Sticks of every kind, plugged into a running line and read back outside."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from storage.records import PanelStatus, Verdict
from tests.vm.bed import Bed, First, check, exports, ids, is_whole, rows
from tests.vm.image import GUEST
from tests.vm.liar import lying
from tests.vm.sticks import MIB, Stick, make_stick

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]


def refused(bed: Bed, stick: Stick, outcome: str, *, read_only: bool = False) -> None:
    """Plug a stick in, hear that it is refused, and find every byte of it as it was."""
    before = stick.whole
    visit = bed.plug(stick, read_only=read_only)
    assert bed.ending(visit).outcome == outcome
    bed.pull(visit)
    assert stick.whole == before, f"{stick.serial} was written to"


def test_sticks_that_nobody_enrolled_are_refused_and_not_one_byte_of_them_changes(first: list[First]) -> None:
    assert [one.stranger.outcome for one in first] == ["not_enrolled"] * 4
    assert all(one.untouched for one in first)


def test_four_enrolled_sticks_at_once_each_take_everything_the_line_holds(
    bed: Bed, first: list[First], key: Path
) -> None:
    for one in first:
        assert one.exported.outcome == "exported"
        assert "safe to remove" in one.exported.words.lower()
        (export,) = exports(bed.read(one.stick))
        check(export, key)
        holds_what_the_line_holds(bed, export)


def holds_what_the_line_holds(bed: Bed, export: Path) -> None:
    """Compare the lists with the records the line was furnished with, and with how many it has by now."""
    made, found = bed.plant.made, rows(export)
    assert {str(one.uuid) for one in made.orders} <= set(ids(found["manufacturing_orders"]))
    assert {str(one.uuid) for one in made.pallets} <= set(ids(found["pallets"]))
    known = bed.sunline("panel", "list", "--limit", "10000")["rows"]
    assert ids(found["panels"]) == sorted(row["uuid"] for row in known)
    assert {(one.serial_number, one.notes) for one in made.panels} <= {
        (row["serial_number"], row["notes"]) for row in found["panels"]
    }
    assert {(str(one.uuid), one.result.value, one.notes) for one in made.results} <= {
        (row["id"], row["result"], row["notes"]) for row in found["station_results"]
    }
    void = {one.supersedes for one in made.results if one.result == Verdict.VOID}
    cosmetic = [one for one in made.results if one.result == Verdict.COSMETIC and one.uuid not in void]
    assert len(found["cosmetic_defects"]) == len(cosmetic)
    failed = {one.serial_number for one in made.panels if one.status == PanelStatus.FAILED}
    assert {row["serial_number"] for row in found["failed_panels"]} <= failed
    assert len(list((export / "pallet_sheets").glob("*.pdf"))) == len(found["pallets"])


def test_a_stick_that_has_everything_is_told_so_takes_what_is_new_and_revoked_is_a_stranger_again(
    bed: Bed, key: Path
) -> None:
    stick = make_stick(bed.folder / "newest-0001.img", "ext4")
    bed.enrolled(stick)
    outcomes = [bed.visit(stick).outcome, bed.visit(stick).outcome]
    bed.sunline("order", "create", "MO-NEW", "60", "7")
    outcomes.append(bed.visit(stick).outcome)
    assert outcomes == ["exported", "nothing_new", "exported"]
    whole, fresh = sorted(exports(bed.read(stick)), key=lambda export: -(export / "export.json").stat().st_size)
    check(whole, key)
    check(fresh, key)
    found = rows(fresh)
    assert [row["mo_number"] for row in found["manufacturing_orders"]] == ["MO-NEW"]
    assert found["station_results"] == []
    bed.sunline("usb", "revoke", stick.serial, "--reason", "lost")
    refused(bed, stick, "not_enrolled")


def test_a_write_protected_stick_says_so_and_is_not_changed(bed: Bed, first: list[First]) -> None:
    refused(bed, first[0].stick, "read_only", read_only=True)


def test_a_stick_with_several_partitions_is_refused_and_not_changed(bed: Bed) -> None:
    stick = make_stick(bed.folder / "several-0001.img", "vfat", "ext4")
    refused(bed, stick, "several_partitions")


def test_a_full_stick_says_so_keeps_what_was_on_it_and_gets_nothing_that_looks_whole(bed: Bed) -> None:
    filler = bytes(range(256)) * (37 * MIB // 256)
    stick = make_stick(bed.folder / "full-0001.img", "vfat", size_mib=39, content={"holiday.bin": filler})
    bed.enrolled(stick)
    assert bed.visit(stick).outcome == "full"
    found = bed.read(stick)
    assert (found / "holiday.bin").read_bytes() == filler
    assert not [export for export in exports(found) if is_whole(export)]


def test_a_stick_that_stores_less_than_it_claims_is_found_out_before_anybody_is_told_that_it_is_safe(bed: Bed) -> None:
    filler = bytes(range(256)) * (20 * MIB // 256)
    stick = make_stick(bed.folder / "liar-0001.img", "vfat", content={"holiday.bin": filler})
    bed.enrolled(stick)
    with lying(stick.path, 22 * MIB) as claimed:
        assert bed.visit(replace(stick, path=claimed)).outcome == "unreadable"


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


def test_every_visit_is_kept_by_the_line_and_none_leaves_a_failed_unit(bed: Bed) -> None:
    bed.idle()
    assert bed.hand.out("systemctl --failed --no-legend") == ""
    told = {row["outcome"] for row in bed.sunline("usb", "visits")}
    assert {
        "exported",
        "nothing_new",
        "not_enrolled",
        "full",
        "read_only",
        "several_partitions",
        "unreadable",
        "also_a_keyboard",
    } <= told
