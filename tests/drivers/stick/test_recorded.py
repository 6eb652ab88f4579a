"""On recorded machines a stick is who udev says it is, with udev's database and without."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.stick import StickDevice, list_sticks, stick_of, writable_volume
from drivers.sysfs import Roots, udev_values
from tests.drivers.stick import trees

RECORDED = sorted(file.stem for file in trees.FOLDER.glob("*.txt"))
MIB = 1 << 20


@pytest.fixture(params=RECORDED)
def roots(request: pytest.FixtureRequest, tmp_path: Path) -> Roots:
    return trees.load(request.param, tmp_path)


def test_a_recorded_stick_is_who_udev_says(roots: Roots) -> None:
    (stick,) = list_sticks(roots)
    udev = udev_values("b8:0", roots)
    assert stick.usb_serial == udev["ID_SERIAL_SHORT"] == "STICK-0001"
    assert (stick.vendor_id, stick.product_id) == (udev["ID_VENDOR_ID"], udev["ID_MODEL_ID"])
    assert stick.place is not None
    assert udev["ID_PATH"] == f"{stick.place}-scsi-0:0:0:0"
    assert [face.code + face.subclass + face.protocol for face in stick.interfaces] == ["080650"]
    assert str(stick) == "QEMU USB HARDDRIVE (46f4:0001, serial STICK-0001)"
    assert not stick.is_keyboard


def test_a_recorded_file_system_is_the_one_udev_found(roots: Roots) -> None:
    (stick,) = list_sticks(roots)
    volume = writable_volume(stick)
    udev = udev_values(f"b{volume.number}", roots)
    assert (volume.fs_type, volume.fs_uuid) == (udev["ID_FS_TYPE"], udev["ID_FS_UUID"])
    assert (volume.label, volume.size_bytes >= 63 * MIB) == ("PLANT", True)
    assert stick.size_bytes == 64 * MIB


def test_without_udev_it_is_the_same_stick_with_an_unknown_file_system(roots: Roots) -> None:
    (told,) = list_sticks(roots)
    shutil.rmtree(roots.run_udev)
    unknown = tuple(replace(volume, fs_type=None, fs_uuid=None, label=None) for volume in told.volumes)
    assert list_sticks(roots) == [replace(told, volumes=unknown)]


def named(name: str, tmp_path: Path) -> StickDevice:
    return stick_of("sda", trees.load(name, tmp_path))


def test_where_and_what_each_recorded_stick_is(tmp_path: Path) -> None:
    seen = {name: named(name, tmp_path / name) for name in RECORDED}
    assert [volume.name for volume in seen["one-partition"].volumes] == ["sda1"]
    assert [volume.name for volume in seen["whole-disk"].volumes] == ["sda"]
    assert seen["write-protected"].read_only
    assert not seen["one-partition"].read_only
    hub = seen["behind-a-hub-with-a-keyboard"]
    assert hub.place == "pci-0000:00:01.0-usb-0:4.1:1.0"


def test_a_recorded_machine_is_recorded_the_same_again(tmp_path: Path) -> None:
    for name in RECORDED:
        lines = (trees.FOLDER / f"{name}.txt").read_text().splitlines()
        assert sorted(trees.record(trees.load(name, tmp_path / name))) == sorted(lines)
