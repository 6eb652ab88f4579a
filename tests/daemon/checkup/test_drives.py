"""From a path to the drives that hold its bits: mountinfo and sysfs as kernels write them."""

from pathlib import Path

import pytest

from daemon.checkup.diskfacts import mount_below, remembered_errors
from daemon.checkup.drives import Kind, Stack, stack_of
from daemon.checkup.kernel import drive_errors, kernel_messages
from daemon.checkup.mounts import Mount, mount_of, read_mounts
from tests.daemon.checkup import machine as at
from tests.daemon.checkup.machine import Machine

MOUNTINFO = """\
22 27 0:21 / /proc rw,nosuid shared:14 - proc proc rw
27 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro
31 27 8:3 / /var/lib/sunline rw,noatime - xfs /dev/mapper/vg-data\\040one rw,attr2,inode64
32 27 0:45 / /var/lib/sun rw - tmpfs tmpfs rw,size=10k
33 31 0:50 / /var/lib/sunline/share\\040s rw,relatime master:2 - nfs4 server:/a\\134b rw,vers=4.2
34 27 8:4 / /mnt/twice rw - ext4 /dev/sda4 rw
35 34 8:5 / /mnt/twice ro - ext4 /dev/sda5 ro,barrier=0
nonsense
"""


@pytest.mark.parametrize(("path", "point", "device"), [
    ("/", "/", "8:2"), ("/home/x", "/", "8:2"), ("/var/lib/sunline/line1", "/var/lib/sunline", "8:3"),
    ("/var/lib/sunline", "/var/lib/sunline", "8:3"), ("/var/lib/sunline2/x", "/", "8:2"),
    ("/var/lib/sun/x", "/var/lib/sun", "0:45"), ("/var/lib/sunline/share s/d", "/var/lib/sunline/share s", "0:50"),
    ("/mnt/twice/d", "/mnt/twice", "8:5"),
])  # fmt: skip
def test_a_path_lies_on_the_deepest_mount_above_it_and_the_last_of_two(path: str, point: str, device: str) -> None:
    found = mount_of(path, read_mounts(MOUNTINFO))
    assert found is not None
    assert (found.point, found.device) == (point, device)


def test_names_and_options_are_read_as_they_were_meant() -> None:
    mounts = read_mounts(MOUNTINFO)
    assert [one.source for one in mounts[2:]] == [
        "/dev/mapper/vg-data one", "tmpfs", "server:/a\\b", "/dev/sda4", "/dev/sda5",
    ]  # fmt: skip
    assert mounts[-1].options == {"ro", "barrier=0"}
    assert mount_of("/x", ()) is None


def test_a_store_that_is_not_there_yet_lies_where_its_nearest_folder_does(machine: Machine, tmp_path: Path) -> None:
    machine.write(
        "proc/self/mountinfo", f"27 1 8:2 / / rw - ext4 /dev/sda2 rw\n28 1 8:9 / {tmp_path} rw - xfs /dev/x rw"
    )
    assert mount_below(tmp_path / "not/yet", machine.root).device == "8:9"


def below(machine: Machine, number: str, kind: str = "ext4", source: str = "/dev/x") -> Stack:
    return stack_of(Mount("/", kind, source, number, frozenset()), machine.root)


def test_a_partition_lies_on_its_disk(machine: Machine) -> None:
    disk = machine.block(
        at.SATA, "sda", "8:0", queue__rotational=1, queue__fua=0, device__model="WDC WD5000   ", device__vendor="ATA",
        device__ioerr_cnt="0x1f", device__state="running", device__scsi_disk__x__cache_type="write back",
    )  # fmt: skip
    machine.partition(disk, "sda2", "8:2")
    (drive,) = below(machine, "8:2").drives
    assert (drive.name, drive.kind, drive.model, drive.rotational) == ("sda", Kind.SATA, "WDC WD5000", True)
    assert (drive.write_cache, drive.cache_type, drive.fua) == ("write back", "write back", False)
    assert (drive.failed_commands, drive.state, drive.removable) == (31, "running", False)
    assert str(drive) == "/dev/sda (SATA, WDC WD5000)"


@pytest.mark.parametrize(("place", "name", "files", "kind"), [
    (at.NVME, "nvme0n1", {"device__model": "Samsung SSD 990 PRO"}, Kind.NVME),
    (at.NVME, "nvme0n1", {"device__model": "Amazon Elastic Block Store"}, Kind.VIRTUAL),
    (at.USB, "sdb", {"device__model": "Portable SSD"}, Kind.USB),
    (at.RAID, "sda", {"device__vendor": "DELL", "device__model": "PERC H330"}, Kind.SCSI),
    (at.SATA, "sda", {"device__vendor": "ATA", "device__model": "QEMU HARDDISK"}, Kind.VIRTUAL),
    (at.SATA, "sda", {"device__vendor": "ATA", "device__model": "VBOX HARDDISK"}, Kind.VIRTUAL),
    (at.RAID, "sda", {"device__vendor": "VMware", "device__model": "Virtual disk"}, Kind.VIRTUAL),
    (at.MMC, "mmcblk0", {"device__type": "SD", "device__name": "SC32G"}, Kind.SD),
    (at.MMC, "mmcblk0", {"device__type": "MMC", "device__pre_eol_info": "0x02"}, Kind.EMMC),
    (at.VIRTIO, "vda", {}, Kind.VIRTUAL),
    (at.VIRTUAL, "zram0", {}, Kind.MEMORY),
    (at.VIRTUAL, "loop3", {}, Kind.LOOP),
    (at.VIRTUAL, "strange0", {}, Kind.OTHER),
])  # fmt: skip
def test_a_drive_is_called_by_what_it_hangs_on(
    machine: Machine, place: str, name: str, files: dict[str, str], kind: Kind
) -> None:
    machine.block(place, name, "9:1", **files)
    (drive,) = below(machine, "9:1").drives
    assert drive.kind is kind
    assert drive.wear == (2 if "device__pre_eol_info" in files else None)


def test_volumes_and_mirrors_are_walked_down_to_their_drives_and_a_lost_member_is_told(machine: Machine) -> None:
    first, second = (machine.block(at.SATA.replace("ata1", f"ata{n}"), f"sd{n}", f"8:{n}") for n in "ab")
    parts = [machine.partition(disk, f"{disk.name}1", f"8:1{n}") for n, disk in enumerate((first, second))]
    mirror = machine.block(at.VIRTUAL, "md0", "9:0", md__degraded=1)
    machine.stands_on(mirror, *parts)
    sealed = machine.block(at.VIRTUAL, "dm-0", "253:0")
    machine.stands_on(sealed, mirror)
    volume = machine.block(at.VIRTUAL, "dm-1", "253:1")
    machine.stands_on(volume, sealed)
    found = below(machine, "253:1")
    assert [one.name for one in found.drives] == ["sda", "sdb"]
    assert found.degraded == ("md0",)


def test_a_file_system_of_several_devices_is_found_by_the_one_it_names(machine: Machine) -> None:
    disk = machine.block(at.NVME, "nvme0n1", "259:0")
    machine.partition(disk, "nvme0n1p2", "259:2")
    assert [one.name for one in below(machine, "0:31", "btrfs", "/dev/nvme0n1p2").drives] == ["nvme0n1"]
    with pytest.raises(FileNotFoundError):
        below(machine, "0:99", "zfs", "tank/data")


def test_errors_that_a_file_system_remembers_are_counted(machine: Machine) -> None:
    disk = machine.block(at.SATA, "sda", "8:0")
    machine.partition(disk, "sda2", "8:2")
    machine.write("sys/fs/ext4/sda2/errors_count", 4)
    ext4 = Mount("/", "ext4", "/dev/sda2", "8:2", frozenset())
    assert remembered_errors(ext4, machine.root) == 4
    assert remembered_errors(Mount("/", "xfs", "/dev/sda2", "8:2", frozenset()), machine.root) is None
    machine.write("sys/fs/btrfs/1234/devices/sda2", "")
    machine.write("sys/fs/btrfs/1234/devinfo/1/error_stats", "write_errs 2\nread_errs 0\nflush_errs 1")
    assert remembered_errors(Mount("/", "btrfs", "/dev/sda2", "0:31", frozenset()), machine.root) == 3


MESSAGES = (
    "I/O error, dev sda, sector 2048 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2",
    "blk_update_request: critical medium error, dev sda, sector 99",
    "Buffer I/O error on dev sda2, logical block 7, lost async page write",
    "I/O error, dev sdb, sector 1", "I/O error, dev sdaa, sector 1", "sd 0:0:0:0: [sda] Attached SCSI disk",
    "EXT4-fs (sda2): mounted filesystem", "I/O error, dev nvme0n1p1, sector 9",
)  # fmt: skip


def test_failed_reads_and_writes_of_these_drives_are_counted_and_of_no_others() -> None:
    assert drive_errors(MESSAGES, ["sda"]) == 3
    assert drive_errors(MESSAGES, ["nvme0n1"]) == 1
    assert drive_errors(MESSAGES, []) == 0


def test_the_kernels_messages_are_read_to_their_end(tmp_path: Path) -> None:
    ring = tmp_path / "kmsg"
    ring.write_text("3,512,98,-;I/O error, dev sda, sector 1\n SUBSYSTEM=block\n")
    assert kernel_messages(ring) == ("I/O error, dev sda, sector 1",)
