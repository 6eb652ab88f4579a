"""A stick is known by what the kernel and udev say of it, on trees like those they show."""

import os
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.stick import FileSystem, StickDevice, StickVolume, list_sticks, stick_of, writable_volume
from drivers.stick.errors import (
    AlsoAKeyboard,
    NoMedium,
    NotAStick,
    SeveralPartitions,
    StickError,
    StickGone,
    VolumeUnreadable,
    VolumeUnsupported,
)
from drivers.sysfs import Roots

if TYPE_CHECKING:
    from tests.drivers.stick.conftest import StickTree

MIB = 1 << 20
STORAGE = ("08", "06", "50")
KEYBOARD = ("03", "01", "01")


def plain(tree: "StickTree", place: str = "2") -> None:
    """A stick with one vfat partition, at sdb."""
    tree.usb(place, STORAGE)
    tree.disk("sdb", place, 63 * MIB)
    tree.udev("sdb1", ID_FS_TYPE="vfat", ID_FS_UUID="0A0B-0C0D", ID_FS_LABEL_ENC="PLANT\\x20DATA", ID_BUS="usb")


def test_a_plain_stick_is_known_by_its_chip_and_its_file_system(tree: "StickTree") -> None:
    plain(tree)
    stick = stick_of("sdb1", tree.roots)
    assert (stick.usb_serial, stick.vendor_id, stick.product_id) == ("4C530001230705117412", "0781", "5581")
    assert (stick.manufacturer, stick.product) == ("SanDisk", "Ultra")
    assert (stick.name, stick.file, stick.size_bytes) == ("sdb", tree.roots.dev / "sdb", 64 * MIB)
    assert stick.place == "pci-0000:00:14.0-usb-0:2:1.0"
    assert not stick.is_keyboard
    assert not stick.read_only
    assert writable_volume(stick) == StickVolume(
        name="sdb1",
        file=tree.roots.dev / "sdb1",
        number="8:17",
        size_bytes=63 * MIB,
        fs_type="vfat",
        fs_uuid="0A0B-0C0D",
        label="PLANT DATA",
    )
    assert stick_of("sdb", tree.roots) == stick, "its disk and its partition are the same stick"
    assert str(stick) == "SanDisk Ultra (0781:5581, serial 4C530001230705117412)"


def test_a_whole_disk_file_system_is_a_volume_too(tree: "StickTree") -> None:
    tree.usb("2")
    tree.disk("sdb", "2")
    tree.udev("sdb", ID_FS_TYPE="exfat", ID_FS_UUID="7B8D-7287")
    volume = writable_volume(stick_of("sdb", tree.roots))
    assert (volume.name, volume.fs_type, volume.size_bytes) == ("sdb", "exfat", 64 * MIB)


def test_without_udev_the_medium_is_asked(tree: "StickTree") -> None:
    tree.usb("2")
    tree.disk("sdb", "2", 63 * MIB)
    asked: list[Path] = []

    def probe(file: Path) -> FileSystem:
        asked.append(file)
        return FileSystem("ntfs", "725CA94C2D01C7F5", None, 62 * MIB)

    assert stick_of("sdb1", tree.roots).volumes[0].fs_type is None
    volume = writable_volume(stick_of("sdb1", tree.roots, probe=probe))
    assert asked == [tree.roots.dev / "sdb1"]
    assert (volume.fs_type, volume.fs_uuid, volume.fs_bytes) == ("ntfs", "725CA94C2D01C7F5", 62 * MIB)


def test_what_the_medium_says_counts_more_than_what_udev_remembers(tree: "StickTree") -> None:
    plain(tree)
    stick = stick_of("sdb1", tree.roots, probe=lambda _: FileSystem("ext4", "u", "new"))
    assert (stick.volumes[0].fs_type, stick.volumes[0].fs_uuid, stick.volumes[0].label) == ("ext4", "u", "new")
    assert stick_of("sdb1", tree.roots, probe=lambda _: None).volumes[0].fs_type == "vfat"


def test_two_partitions_are_refused_by_either_name(tree: "StickTree") -> None:
    tree.usb("2")
    tree.disk("sdb", "2", 30 * MIB, 30 * MIB)
    for name in ("sdb", "sdb1", "sdb2"):
        stick = stick_of(name, tree.roots, probe=never)
        assert [volume.number for volume in stick.volumes] == ["8:17", "8:18"]
        with pytest.raises(SeveralPartitions, match="has 2 partitions"):
            writable_volume(stick)


def test_partitions_come_in_the_order_of_their_numbers(tree: "StickTree") -> None:
    tree.usb("2")
    tree.disk("sdb", "2", *([2 * MIB] * 12))
    assert [volume.name for volume in stick_of("sdb", tree.roots).volumes] == [f"sdb{n}" for n in range(1, 13)]


def test_an_extended_partition_is_none(tree: "StickTree") -> None:
    tree.usb("2")
    disk = tree.disk("sdb", "2", 1024)
    tree.partition(disk, 5, 60 * MIB)
    assert [volume.name for volume in stick_of("sdb", tree.roots).volumes] == ["sdb5"]


def test_the_slots_of_a_card_reader_are_disks_of_one_device(tree: "StickTree") -> None:
    tree.usb("2", idVendor="058f", idProduct="6366", manufacturer="Generic", product="Mass Storage Device")
    tree.disk("sdb", "2", 30 * MIB, lun=0, size=31 * MIB)
    tree.disk("sdc", "2", lun=1, size=0)
    tree.udev("sdb1", ID_FS_TYPE="vfat")
    card, empty = list_sticks(tree.roots)
    assert (card.name, card.slots, empty.name, empty.slots) == ("sdb", 2, "sdc", 2)
    assert card.usb_serial == empty.usb_serial, "the slot is not in the serial"
    assert writable_volume(card).name == "sdb1"
    assert empty.volumes == ()


def test_an_empty_card_reader_asks_for_a_card(tree: "StickTree") -> None:
    tree.usb("2")
    tree.disk("sdb", "2", size=0)
    with pytest.raises(NoMedium, match="no card") as refused:
        writable_volume(stick_of("sdb", tree.roots, probe=never))
    assert "card" in refused.value.todo


def test_a_stick_that_is_also_a_keyboard_is_refused_and_not_read(tree: "StickTree") -> None:
    tree.usb("2", STORAGE, KEYBOARD)
    tree.disk("sdb", "2", 63 * MIB)
    tree.udev("sdb1", ID_FS_TYPE="vfat")
    stick = stick_of("sdb1", tree.roots, probe=never)
    assert stick.is_keyboard
    with pytest.raises(AlsoAKeyboard):
        writable_volume(stick)


def test_a_keyboard_built_into_the_same_plug_is_found_behind_its_hub(tree: "StickTree") -> None:
    tree.hub("2")
    tree.usb("2.1", STORAGE, removable="fixed")
    tree.usb("2.2", KEYBOARD, removable="fixed")
    tree.disk("sdb", "2.1", 63 * MIB)
    assert stick_of("sdb1", tree.roots).is_keyboard


def test_a_stick_in_a_hub_beside_a_scanner_is_a_stick(tree: "StickTree") -> None:
    tree.hub("2")
    plain(tree, "2.1")
    tree.usb("2.2", KEYBOARD)
    stick = stick_of("sdb1", tree.roots)
    assert not stick.is_keyboard
    assert stick.place == "pci-0000:00:14.0-usb-0:2.1:1.0"
    assert writable_volume(stick).name == "sdb1"


def test_a_computers_own_reader_beside_its_own_keyboard_is_no_keyboard(tree: "StickTree") -> None:
    tree.usb("3", KEYBOARD, removable="fixed")
    tree.usb("2", STORAGE, removable="fixed")
    tree.disk("sdb", "2", 63 * MIB)
    assert not stick_of("sdb1", tree.roots).is_keyboard


def test_a_write_protected_stick_says_so(tree: "StickTree") -> None:
    tree.usb("2")
    tree.disk("sdb", "2", 63 * MIB, read_only=True)
    stick = stick_of("sdb1", tree.roots)
    assert stick.read_only
    assert stick.volumes[0].read_only


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("4C53 0001", "4C53_0001"),
        ("  7  ", "7"),
        ("a/b\\c$", "a_b_c_"),
        ("x,y", ""),
        ("séri", ""),
        ("tab\there", ""),
        ("\x7f1", "_1"),
        (None, ""),
    ],
)
def test_the_serial_is_the_one_udev_would_name(tree: "StickTree", said: str | None, kept: str) -> None:
    tree.usb("2", serial=said)
    tree.disk("sdb", "2", 63 * MIB)
    assert stick_of("sdb1", tree.roots).usb_serial == kept


def test_hostile_names_are_harmless_when_shown(tree: "StickTree") -> None:
    tree.usb("2", manufacturer="\x1b[2J\x07evil\r\n\u202etxet", product="A" * 5000)
    (tree.adapter("2") / "product").write_bytes(b"\xff\xfe\x9b31m" + b"B" * 4000)
    tree.disk("sdb", "2", 63 * MIB)
    tree.udev("sdb1", ID_FS_LABEL_ENC="\\x1b]0;own\\x0a\\x07" + "L" * 300)
    stick = stick_of("sdb1", tree.roots)
    assert stick.manufacturer == "[2J evil txet"
    assert stick.product is not None
    assert len(stick.product) == 64
    label = stick.volumes[0].label
    assert label is not None
    assert len(label) == 64
    assert all(text.isprintable() for text in (str(stick), label))


def test_a_device_without_names_is_called_by_what_it_is(tree: "StickTree") -> None:
    tree.usb("2", manufacturer=None, product=None, serial=None)
    disk = tree.disk("sdb", "2", 63 * MIB)
    for attribute in ("vendor", "model"):
        (disk / "device" / attribute).write_text("\n")
    assert str(stick_of("sdb1", tree.roots)) == "USB storage (0781:5581)"


def test_a_name_only_the_disk_has_is_taken_from_it(tree: "StickTree") -> None:
    tree.usb("2", manufacturer=None, product="\x01\x02")
    tree.disk("sdb", "2", 63 * MIB)
    stick = stick_of("sdb1", tree.roots)
    assert (stick.manufacturer, stick.product) == ("SanDisk", "Ultra")


@pytest.mark.parametrize("name", ["sda", "sda1", "loop0"])
def test_the_machines_own_disks_are_no_sticks(tree: "StickTree", name: str) -> None:
    with pytest.raises(NotAStick):
        stick_of(name, tree.roots)
    assert list_sticks(tree.roots) == []


def test_a_cd_drive_in_a_stick_is_no_disk_of_it(tree: "StickTree") -> None:
    plain(tree)
    tree.disk("sra", "2", lun=1, scsi_type="5")
    with pytest.raises(NotAStick, match="CD drive"):
        stick_of("sra", tree.roots)
    assert stick_of("sdb1", tree.roots).slots == 1


@pytest.mark.parametrize("name", ["../../../etc", "sdb/x", "..", "", "."])
def test_a_name_that_is_a_path_is_refused(tree: "StickTree", name: str) -> None:
    with pytest.raises(StickError):
        stick_of(name, tree.roots)


def test_a_stick_that_is_not_there_is_gone(tree: "StickTree") -> None:
    with pytest.raises(StickGone, match="sdq1 was pulled"):
        stick_of("sdq1", tree.roots)


def test_a_file_system_that_is_not_written_is_named(tree: "StickTree") -> None:
    plain(tree)
    tree.udev("sdb1", ID_FS_TYPE="hfsplus")
    with pytest.raises(VolumeUnsupported, match="is formatted as hfsplus"):
        writable_volume(stick_of("sdb1", tree.roots))
    tree.udev("sdb1")
    with pytest.raises(VolumeUnsupported, match="no file system that is known"):
        writable_volume(stick_of("sdb1", tree.roots))


def test_a_file_system_larger_than_its_stick_is_a_lie(tree: "StickTree") -> None:
    plain(tree)
    stick = stick_of("sdb1", tree.roots, probe=lambda _: FileSystem("vfat", None, None, 2_000_000 * MIB))
    with pytest.raises(VolumeUnreadable, match="claims to be larger"):
        writable_volume(stick)


def test_several_sticks_are_listed_by_name(tree: "StickTree") -> None:
    plain(tree)
    tree.usb("3", serial="OTHER")
    tree.disk("sdc", "3", 63 * MIB)
    assert [(stick.name, stick.slots) for stick in list_sticks(tree.roots)] == [("sdb", 1), ("sdc", 1)]


def test_a_machine_without_sysfs_has_no_sticks(tmp_path: Path) -> None:
    assert list_sticks(Roots(sys=tmp_path / "none")) == []


def test_the_machine_at_hand_can_be_listed() -> None:
    assert all(stick.file.name == stick.name for stick in list_sticks())


def read_while(act: "Act", tree: "StickTree", patch: pytest.MonkeyPatch) -> StickDevice | StickError:
    """What a look at sdb1 gives while `act` happens behind its back."""
    with patch.context() as reading:
        reading.setattr(Path, "read_text", act.before(Path.read_text))
        try:
            return stick_of("sdb1", tree.roots)
        except StickError as error:
            return error


class Act:
    """Calls something before the nth file is read."""

    def __init__(self, nth: int, do: "object") -> None:
        self.left = nth
        self.do = do

    def before(self, read: "object") -> "object":
        def reading(path: Path, *args: str) -> str:
            self.left -= 1
            if self.left == 0:
                self.do()  # type: ignore[operator]
            return read(path, *args)  # type: ignore[operator,no-any-return]

        return reading


def test_pulled_at_any_moment_it_is_gone_or_told_in_full(tree: "StickTree", monkeypatch: pytest.MonkeyPatch) -> None:
    plain(tree)
    whole = stick_of("sdb1", tree.roots)
    nth, gone = 0, 0
    while True:
        nth += 1
        act = Act(nth, lambda: tree.unplug("2"))
        seen = read_while(act, tree, monkeypatch)
        if act.left > 0:
            break
        assert seen == whole or isinstance(seen, StickGone), (nth, seen)
        gone += isinstance(seen, StickGone)
        plain(tree)
    assert gone > 20
    assert seen == whole


def test_another_stick_in_the_same_place_meanwhile_is_not_mixed_with_the_first(
    tree: "StickTree", monkeypatch: pytest.MonkeyPatch
) -> None:
    plain(tree)
    first = stick_of("sdb1", tree.roots)

    def swap() -> None:
        tree.unplug("2")
        tree.usb("2", KEYBOARD, STORAGE, serial="SECOND", manufacturer="Other")
        tree.disk("sdb", "2", 40 * MIB, interface=1)

    for nth in range(2, 30):
        seen = read_while(Act(nth, swap), tree, monkeypatch)
        assert isinstance(seen, StickGone) or seen in (first, stick_of("sdb1", tree.roots)), (nth, seen)
        tree.unplug("2")
        plain(tree)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_missing_nothing_but_a_stick_error_comes_of_it(tree: "StickTree", seed: int) -> None:
    plain(tree)
    tree.disk("sdc", "2", 20 * MIB, 20 * MIB, lun=1)
    luck = random.Random(seed)
    everything = [Path(place) / name for place, folders, files in os.walk(tree.roots.sys) for name in folders + files]
    for entry in luck.sample(everything, luck.randint(1, 40)):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    for name in ("sdb", "sdb1", "sdc", "sdc2"):
        try:
            stick = stick_of(name, tree.roots)
        except StickError:
            continue
        assert stick.vendor_id
        assert replace(stick, adapter=None) == stick
    list_sticks(tree.roots)


def never(file: Path) -> FileSystem:
    raise AssertionError(f"{file} was opened")
