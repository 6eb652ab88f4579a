"""A superblock says what blkid says of it, and no bytes at all can hurt."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.stick.superblock import HEAD_BYTES, FileSystem, file_system
from tests.drivers.stick.recording import MADE_BY, Recorded, make, recorded

ALL = recorded()
KEPT_ELSEWHERE = {"exfat", "ntfs"}  # these keep their label behind the superblock


@pytest.mark.parametrize("seen", ALL, ids=lambda seen: seen.name)
def test_a_recorded_superblock_is_read_as_blkid_reads_it(seen: Recorded) -> None:
    assert_as_blkid(file_system(seen.head), seen)


@pytest.mark.parametrize("name", MADE_BY)
def test_a_fresh_file_system_is_read_as_blkid_reads_it(name: str, tmp_path: Path) -> None:
    tool = MADE_BY[name][0].split()[0]
    for needed in (tool, "blkid"):
        if shutil.which(needed, path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
            pytest.skip(f"{needed} is not installed; the recorded superblocks are read in any case")
    seen = make(name, tmp_path)
    assert_as_blkid(file_system(seen.head), seen)


def assert_as_blkid(system: FileSystem | None, seen: Recorded) -> None:
    assert system is not None
    assert (system.type, system.uuid) == (seen.type, seen.uuid)
    assert system.label == (None if seen.type in KEPT_ELSEWHERE else seen.label)
    assert system.size_bytes is not None
    assert seen.size - 4096 <= system.size_bytes <= seen.size


@given(st.binary(max_size=3000))
def test_no_bytes_at_all_can_hurt(head: bytes) -> None:
    file_system(head)


@settings(max_examples=300)
@given(
    st.sampled_from(ALL),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), max_size=8),
    st.integers(0, HEAD_BYTES),
)
def test_damage_changes_what_is_read_but_never_hurts(seen: Recorded, dents: list[tuple[int, int]], cut: int) -> None:
    head = bytearray(seen.head)
    for at, value in dents:
        head[at] = value
    for system in (file_system(bytes(head)), file_system(bytes(head[:cut]))):
        assert system is None or system.type
        assert system is None or system.size_bytes is None or system.size_bytes >= 0


@pytest.mark.parametrize(("first", "second"), [("fat32", "ext4"), ("ntfs", "ext4"), ("exfat", "ext2")])
def test_leftovers_of_an_earlier_file_system_make_it_none(first: str, second: str) -> None:
    by_name = {seen.name: seen.head for seen in ALL}
    assert file_system(by_name[first][:1024] + by_name[second][1024:]) is None


@pytest.mark.parametrize(
    ("offset", "magic", "name"),
    [(0, b"LUKS\xba\xbe", "crypto_LUKS"), (0x10040, b"_BHRfS_M", "btrfs"), (0x8001, b"CD001", "iso9660")],
)
def test_a_foreign_file_system_is_known_by_name(offset: int, magic: bytes, name: str) -> None:
    assert file_system(b"\0" * offset + magic) == FileSystem(name)


@pytest.mark.parametrize("head", [b"", b"\0" * HEAD_BYTES, b"\xff" * HEAD_BYTES, b"\0" * 510 + b"\x55\xaa"])
def test_an_empty_stick_or_a_bare_partition_table_is_none(head: bytes) -> None:
    assert file_system(head) is None


def test_a_file_system_without_a_serial_has_no_uuid() -> None:
    for name, at, size in (("fat32", 67, 4), ("exfat", 100, 4), ("ntfs", 72, 8), ("ext4", 1128, 16)):
        head = bytearray(next(seen.head for seen in ALL if seen.name == name))
        head[at : at + size] = bytes(size)
        system = file_system(bytes(head))
        assert system is not None
        assert system.uuid is None
