"""On recorded machines a stick is who udev says it is, with udev's database and without."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.stick import StickDevice, list_sticks, stick_of, writable_volume
from drivers.stick.errors import AlsoAKeyboard, NoMedium, NotAStick, SeveralPartitions, StickError
from drivers.sysfs import Roots, udev_values
from tests.drivers.stick import trees

RECORDED = sorted(file.stem for file in trees.FOLDER.glob("*.txt"))
MIB = 1 << 20


@pytest.fixture(params=RECORDED)
def roots(request: pytest.FixtureRequest, tmp_path: Path) -> Roots:
    return trees.load(request.param, tmp_path)


def known_to_udev(stick: StickDevice, roots: Roots) -> dict[str, str]:
    number = (roots.sys / "class/block" / stick.name / "dev").read_text().strip()
    return udev_values(f"b{number}", roots)


def test_a_recorded_stick_is_who_udev_says(roots: Roots) -> None:
    sticks = list_sticks(roots)
    assert sticks
    for stick in sticks:
        udev = known_to_udev(stick, roots)
        assert stick.usb_serial == udev.get("ID_SERIAL_SHORT", "")
        assert (stick.vendor_id, stick.product_id) == (udev["ID_VENDOR_ID"], udev["ID_MODEL_ID"])
        assert stick.place is not None
        assert udev["ID_PATH"].startswith(f"{stick.place}-scsi-0:0:0:")
        codes = [face.code + face.subclass + face.protocol for face in stick.interfaces]
        assert udev["ID_USB_INTERFACES"] == f":{':'.join(codes)}:"
        assert str(stick).isprintable()


def test_a_recorded_file_system_is_the_one_udev_found(roots: Roots) -> None:
    for stick in list_sticks(roots):
        for volume in stick.volumes:
            udev = udev_values(f"b{volume.number}", roots)
            assert (volume.fs_type, volume.fs_uuid) == (udev.get("ID_FS_TYPE"), udev.get("ID_FS_UUID"))
            assert volume.label == udev.get("ID_FS_LABEL")
            assert volume.size_bytes // 512 == int(udev.get("ID_PART_ENTRY_SIZE", stick.size_bytes // 512))


def test_without_udev_it_is_the_same_stick_with_an_unknown_file_system(roots: Roots) -> None:
    told = list_sticks(roots)
    shutil.rmtree(roots.run_udev)
    assert list_sticks(roots) == [unknown(stick) for stick in told]


def unknown(stick: StickDevice) -> StickDevice:
    return replace(
        stick, volumes=tuple(replace(volume, fs_type=None, fs_uuid=None, label=None) for volume in stick.volumes)
    )


@pytest.mark.parametrize(
    ("name", "block", "volume"),
    [
        ("one-partition", "sda", "sda1"),
        ("one-partition-on-debian-13", "sda1", "sda1"),
        ("whole-disk", "sda", "sda"),
        ("write-protected", "sda", "sda1"),
        ("behind-a-hub-with-a-keyboard", "sda", "sda1"),
        ("stick-with-a-cd-drive", "sda", "sda1"),
        ("card-reader-with-an-empty-slot", "sda", "sda1"),
        ("hostile-names", "sda", "sda1"),
    ],
)
def test_an_export_goes_on_its_one_volume(name: str, block: str, volume: str, tmp_path: Path) -> None:
    stick = stick_of(block, trees.load(name, tmp_path))
    assert writable_volume(stick).name == volume
    assert stick.read_only == (name == "write-protected")
    assert stick.slots == (2 if name.startswith("card-reader") else 1)


@pytest.mark.parametrize(
    ("name", "block", "kind"),
    [
        ("composite-with-a-keyboard", "sda1", AlsoAKeyboard),
        ("two-partitions", "sda", SeveralPartitions),
        ("card-reader-with-an-empty-slot", "sdb", NoMedium),
        ("stick-with-a-cd-drive", "sr0", NotAStick),
    ],
)
def test_what_cannot_take_an_export_is_refused(name: str, block: str, kind: type[StickError], tmp_path: Path) -> None:
    with pytest.raises(kind):
        writable_volume(stick_of(block, trees.load(name, tmp_path)))


def test_a_recorded_hostile_stick_is_shown_harmlessly(tmp_path: Path) -> None:
    stick = stick_of("sda", trees.load("hostile-names", tmp_path))
    assert (stick.usb_serial, stick.manufacturer) == ("", "[2J evil txt")
    assert stick.product == "A" * 61 + "..."


def test_a_recorded_machine_is_recorded_the_same_again(tmp_path: Path) -> None:
    for name in RECORDED:
        lines = (trees.FOLDER / f"{name}.txt").read_text().splitlines()
        assert sorted(trees.record(trees.load(name, tmp_path / name))) == sorted(lines)
