"""A stick is mounted, flushed and let go of whatever the kernel says, and every refusal has a name."""

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.stick import mounter
from daemon.stick.kernel import Kernel, Mounted
from daemon.stick.volume import FolderVolume, MountedVolume, private_mounts
from drivers.stick import StickDevice, StickVolume
from drivers.stick.errors import (
    StickError,
    VolumeBusy,
    VolumeDamaged,
    VolumeDirty,
    VolumeForbidden,
    VolumeGone,
    VolumeReadOnly,
    VolumeStuck,
    VolumeUnreadable,
    VolumeUnsupported,
)
from drivers.sysfs import Roots

NUMBER = "8:17"
WRITING = ["mount rw", "sync", "unmount", "flush"]
READING = ["flush", "mount ro", "unmount"]


class FakeKernel(Kernel):
    """Does as it is told. `says` holds what a call answers the next times; then it succeeds."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.details: list[str] = []
        self.says: dict[str, list[OSError | int]] = {}
        self.mounted: list[Mounted] = []
        self.really_read_only = False
        self.plugged = NUMBER

    def mount(self, file: Path, folder: Path, driver: str, *, options: str, read_only: bool, deadline_s: float) -> None:
        self.details.append(f"{driver} {file.name} {options}")
        self._say(f"mount {'ro' if read_only else 'rw'}", driver)
        self._mounted(folder, read_only)

    def run_helper(self, command: list[str], *, deadline_s: float) -> int:
        self.details.append(" ".join(command))
        mounts = command[0] == "ntfs-3g"
        code = self._say("helper" if mounts else command[0])
        if mounts and code == 0:
            self._mounted(Path(command[2]), read_only=",ro," in command[4])
        return code

    def unmount(self, folder: Path, *, detach: bool = False, deadline_s: float) -> None:
        self._say("detach" if detach else "unmount")
        self.mounted = [mounted for mounted in self.mounted if mounted.folder != folder]

    def sync(self, descriptor: int, *, deadline_s: float) -> None:
        os.fstat(descriptor)
        self._say("sync")

    def flush(self, file: Path, *, deadline_s: float) -> None:
        self._say("flush")

    def write(self, attribute: Path, text: str, *, deadline_s: float) -> None:
        self._say(f"write {attribute.name}={text}")

    def mounts(self) -> list[Mounted]:
        return self.mounted

    def number(self, file: Path) -> str:
        return self.plugged

    def leave_mounts(self) -> None:
        self._say("leave")

    def _mounted(self, folder: Path, read_only: bool) -> None:
        self.mounted = [*self.mounted, Mounted(NUMBER, folder, read_only or self.really_read_only)]

    def _say(self, call: str, driver: str = "") -> int:
        self.calls.append(call)
        for name in (f"{call} {driver}", call):
            if self.says.get(name):
                answer = self.says[name].pop(0)
                if isinstance(answer, OSError):
                    raise answer
                return answer
        return 0


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class Bench:
    """A stick with one volume in a fake machine."""

    def __init__(self, folder: Path, fs_type: str | None = "vfat", *, read_only: bool = False) -> None:
        self.roots = Roots(sys=folder / "sys", dev=folder / "dev")
        self.block = self.roots.sys / "class/block/sdb1"
        self.block.mkdir(parents=True)
        self.kernel = FakeKernel()
        self.part = StickVolume(
            name="sdb1", file=self.roots.dev / "sdb1", number=NUMBER, size_bytes=1 << 26, fs_type=fs_type
        )
        self.device = StickDevice(
            name="sdb",
            file=self.roots.dev / "sdb",
            usb_serial="S1",
            vendor_id="0781",
            product_id="5581",
            manufacturer="SanDisk",
            product="Ultra",
            size_bytes=1 << 26,
            read_only=read_only,
            volumes=(self.part,),
            interfaces=(),
            adapter=self.roots.sys / "devices/usb1/1-2",
        )
        self.folder = folder / "mnt"
        self.is_same = True
        self.volume = MountedVolume(
            self.device, self.part, self.folder, self.roots, self.kernel, is_same=lambda: self.is_same
        )

    def visit(self, *, read_only: bool = False, recover: bool = False, act: Callable[[], None] = lambda: None) -> None:
        with self.volume.mounted(read_only=read_only, recover=recover) as path:
            assert path == self.folder
            act()

    def refused(self, *, read_only: bool = False, recover: bool = False) -> StickError:
        with pytest.raises(StickError) as refused:
            self.visit(read_only=read_only, recover=recover)
        assert refused.value.todo
        assert "SanDisk Ultra" in str(refused.value)
        assert self.kernel.mounted == [], "nothing stays mounted"
        return refused.value

    def pull(self) -> None:
        self.block.rmdir()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(mounter, "BUSY_S", 0.0)
    return Bench(tmp_path)


def test_what_was_written_is_on_the_medium_before_it_is_said(bench: Bench) -> None:
    bench.visit()
    assert bench.kernel.calls == WRITING


def test_what_is_read_comes_from_the_medium(bench: Bench) -> None:
    bench.visit(read_only=True)
    assert bench.kernel.calls == READING


@pytest.mark.parametrize(
    ("fs_type", "options"),
    [
        ("vfat", "vfat sdb1 uid={uid},gid={gid},umask=077,utf8,shortname=mixed,errors=remount-ro"),
        ("exfat", "exfat sdb1 uid={uid},gid={gid},umask=077,iocharset=utf8,errors=remount-ro"),
        ("ntfs", "ntfs3 sdb1 uid={uid},gid={gid},umask=077,iocharset=utf8"),
        ("ext4", "ext4 sdb1 errors=remount-ro"),
    ],
)
def test_each_file_system_has_its_driver_and_options(tmp_path: Path, fs_type: str, options: str) -> None:
    bench = Bench(tmp_path, fs_type)
    bench.visit()
    assert bench.kernel.details == [options.format(uid=os.geteuid(), gid=os.getegid())]


@pytest.mark.parametrize("fs_type", ["hfsplus", None, "ext3"])
def test_other_file_systems_are_not_mounted(tmp_path: Path, fs_type: str | None) -> None:
    bench = Bench(tmp_path, fs_type)
    assert isinstance(bench.refused(), VolumeUnsupported)
    assert bench.kernel.calls == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EINVAL, VolumeUnreadable),
        (errno.EUCLEAN, VolumeUnreadable),
        (errno.EIO, VolumeUnreadable),
        (errno.EFAULT, VolumeUnreadable),
        (errno.EACCES, VolumeReadOnly),
        (errno.EROFS, VolumeReadOnly),
        (errno.EBUSY, VolumeBusy),
        (errno.EPERM, VolumeForbidden),
        (errno.ENODEV, VolumeUnsupported),
        (errno.EOPNOTSUPP, VolumeUnsupported),
        (errno.ENXIO, VolumeGone),
        (errno.ENOMEDIUM, VolumeGone),
    ],
)
def test_every_refusal_to_mount_has_a_name(bench: Bench, number: int, kind: type[StickError]) -> None:
    bench.kernel.says = {"mount rw": [error(number)]}
    assert type(bench.refused()) is kind


def test_a_mount_that_hangs_is_given_up(bench: Bench) -> None:
    bench.kernel.says = {"mount rw": [TimeoutError("no answer in time")]}
    assert type(bench.refused()) is VolumeStuck


@pytest.mark.parametrize("call", ["mount rw", "sync", "unmount", "flush"])
@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL, errno.EBUSY, None])
def test_whatever_fails_on_a_pulled_stick_it_is_gone(bench: Bench, call: str, number: int | None) -> None:
    bench.kernel.says = {call: [error(number) if number else TimeoutError()] * 9}
    if call == "mount rw":
        bench.pull()
        assert type(bench.refused()) is VolumeGone
        return
    with pytest.raises(VolumeGone):
        bench.visit(act=bench.pull)
    if call == "unmount":
        assert bench.kernel.calls[-1] == "detach"


def test_a_write_that_never_reached_the_stick_is_told(bench: Bench) -> None:
    bench.kernel.says = {"sync": [error(errno.EIO)]}
    assert type(bench.refused()) is VolumeUnreadable
    assert bench.kernel.calls == WRITING


def test_a_device_that_cannot_empty_its_cache_is_told(bench: Bench) -> None:
    bench.kernel.says = {"flush": [error(errno.EIO)]}
    assert type(bench.refused()) is VolumeUnreadable


def test_a_stick_that_hangs_at_the_end_is_detached(bench: Bench) -> None:
    bench.kernel.says = {"sync": [TimeoutError()], "unmount": [TimeoutError()]}
    assert type(bench.refused()) is VolumeStuck
    assert bench.kernel.calls == ["mount rw", "sync", "unmount", "detach"]


def test_a_file_still_open_is_waited_for_then_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.kernel.says = {"unmount": [error(errno.EBUSY)] * 2}
    monkeypatch.setattr(mounter, "BUSY_S", 100.0)
    bench.visit()
    assert bench.kernel.calls == ["mount rw", "sync", "unmount", "unmount", "unmount", "flush"]
    monkeypatch.setattr(mounter, "BUSY_S", 0.0)
    bench.kernel.says = {"unmount": [error(errno.EBUSY)] * 9}
    assert type(bench.refused()) is VolumeBusy


def test_a_failure_inside_is_the_news(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    bench.kernel.says = {"unmount": [error(errno.EIO)]}

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.visit(act=fail)
    assert bench.kernel.calls == ["mount rw", "unmount", "detach"]
    assert "while it was left" in caplog.text


def test_a_write_protected_stick_is_read_but_not_written(tmp_path: Path) -> None:
    bench = Bench(tmp_path, read_only=True)
    assert isinstance(bench.refused(), VolumeReadOnly)
    assert bench.kernel.calls == []
    bench.visit(read_only=True)
    assert bench.kernel.calls == READING


def test_a_stick_somebody_else_has_mounted_is_left_alone(bench: Bench) -> None:
    bench.kernel.mounted = [Mounted(NUMBER, Path("/media/stick"), False)]
    with pytest.raises(VolumeBusy, match="mounted already"):
        bench.visit()
    assert bench.kernel.calls == []


def test_another_device_under_the_same_name_is_left_alone(bench: Bench) -> None:
    bench.kernel.plugged = "8:33"
    assert isinstance(bench.refused(), VolumeGone)
    assert bench.kernel.calls == []


def test_another_stick_in_the_same_place_is_left_alone(bench: Bench) -> None:
    bench.is_same = False
    assert isinstance(bench.refused(), VolumeGone)
    assert not bench.volume.power_off()
    assert bench.kernel.calls == []


def test_another_stick_that_came_while_one_was_mounted_is_never_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swapped(*_: object, **__: object) -> None:
        bench.is_same = False

    monkeypatch.setattr(bench.kernel, "mount", swapped)
    touched: list[str] = []
    with pytest.raises(VolumeGone):
        bench.visit(act=lambda: touched.append("written"))
    assert not touched
    assert bench.kernel.calls[0] == "unmount"


def test_a_file_system_that_can_only_be_read_is_damaged(bench: Bench) -> None:
    bench.kernel.really_read_only = True
    assert type(bench.refused()) is VolumeDirty
    assert bench.kernel.calls == ["mount rw", "unmount"]


def ntfs(tmp_path: Path, **says: OSError | int) -> Bench:
    bench = Bench(tmp_path, "ntfs")
    bench.kernel.says = {name.replace("_", " "): [answer] for name, answer in says.items()}
    return bench


def test_without_the_kernels_driver_ntfs_3g_mounts(tmp_path: Path) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.ENODEV))
    bench.visit()
    assert bench.kernel.calls == ["mount rw", "helper", "sync", "unmount", "flush"]
    assert bench.kernel.details[-1] == (
        f"ntfs-3g {bench.part.file} {bench.folder} -o uid={os.geteuid()},gid={os.getegid()},umask=077,"
        "nosuid,nodev,noexec,noatime,big_writes,streams_interface=none,rw,norecover"
    )


def test_without_any_driver_ntfs_is_unsupported_here(tmp_path: Path) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.ENODEV), helper=FileNotFoundError("ntfs-3g"))
    refused = bench.refused()
    assert isinstance(refused, VolumeUnsupported)
    assert "install the driver" in refused.todo


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (12, VolumeUnreadable),
        (13, VolumeDamaged),
        (14, VolumeDirty),
        (15, VolumeDirty),
        (16, VolumeBusy),
        (19, VolumeForbidden),
        (21, VolumeUnreadable),
        (-9, VolumeUnreadable),
    ],
)
def test_every_exit_of_ntfs_3g_has_a_name(tmp_path: Path, code: int, kind: type[StickError]) -> None:
    assert type(ntfs(tmp_path, mount_rw=error(errno.ENODEV), helper=code).refused()) is kind


def test_ntfs_that_was_not_closed_in_order_is_told_from_a_broken_one(tmp_path: Path) -> None:
    refused = ntfs(tmp_path, mount_rw=error(errno.EINVAL)).refused()
    assert type(refused) is VolumeDirty
    assert "PC" in refused.todo
    again = tmp_path / "again"
    broken = ntfs(again, mount_rw=error(errno.EINVAL), mount_ro=error(errno.EINVAL))
    assert type(broken.refused()) is VolumeUnreadable
    assert broken.kernel.calls == ["mount rw", "mount ro"]


def test_our_own_interrupted_ntfs_stick_is_written_again(tmp_path: Path) -> None:
    bench = ntfs(tmp_path)
    bench.visit(recover=True)
    assert bench.kernel.details[0].endswith(",force")
    again = ntfs(tmp_path / "again", mount_rw=error(errno.EINVAL))
    again.visit(recover=True)
    assert again.kernel.calls == ["mount rw", "mount ro", "unmount", "helper", "sync", "unmount", "flush"]
    assert again.kernel.details[-1].endswith(",rw,recover")


def test_our_own_interrupted_ntfs_stick_that_the_kernel_cannot_read_any_more_is_left_to_ntfs_3g(tmp_path: Path) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.EINVAL), mount_ro=error(errno.EINVAL))
    bench.visit(recover=True)
    assert bench.kernel.calls == ["mount rw", "mount ro", "helper", "sync", "unmount", "flush"]


def test_our_own_interrupted_ntfs_stick_that_is_damaged_is_mended(tmp_path: Path) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.ENODEV), helper=13)
    bench.visit(recover=True)
    assert bench.kernel.calls == ["mount rw", "helper", "ntfsfix", "helper", "sync", "unmount", "flush"]
    assert f"ntfsfix {bench.part.file}" in bench.kernel.details


def test_what_cannot_be_mended_is_damaged(tmp_path: Path) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.ENODEV))
    bench.kernel.says |= {"helper": [13, 13], "ntfsfix": [1]}
    assert type(bench.refused(recover=True)) is VolumeDamaged
    stuck = ntfs(tmp_path / "stuck", mount_rw=error(errno.ENODEV), helper=13, ntfsfix=TimeoutError())
    assert type(stuck.refused(recover=True)) is VolumeStuck


@pytest.mark.parametrize(("code", "recover"), [(13, False), (12, True), (14, True), (15, True), (-9, True)])
def test_nobody_elses_damage_is_mended_and_no_hibernation(tmp_path: Path, code: int, recover: bool) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.ENODEV), helper=code)
    bench.refused(recover=recover)
    assert "ntfsfix" not in bench.kernel.calls


def test_recovering_without_ntfs_3g_says_what_the_kernel_said(tmp_path: Path) -> None:
    bench = ntfs(tmp_path, mount_rw=error(errno.EINVAL), helper=FileNotFoundError("ntfs-3g"))
    assert type(bench.refused(recover=True)) is VolumeDirty


def test_a_stick_is_switched_off_after_its_cache_was_emptied(bench: Bench) -> None:
    assert bench.volume.power_off()
    assert bench.kernel.calls == ["write delete=1", "write remove=1"]


@pytest.mark.parametrize("says", [error(errno.EROFS), error(errno.EACCES), TimeoutError()])
def test_where_it_cannot_be_switched_off_that_is_no_error(bench: Bench, says: OSError) -> None:
    bench.kernel.says = {"write remove=1": [says]}
    assert not bench.volume.power_off()


def test_mounts_of_ones_own_need_the_right(bench: Bench) -> None:
    private_mounts(bench.kernel)
    bench.kernel.says = {"leave": [error(errno.EPERM)]}
    with pytest.raises(VolumeForbidden):
        private_mounts(bench.kernel)


def test_a_folder_stands_in_for_a_stick(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    volume = FolderVolume(folder)
    with pytest.raises(VolumeGone), volume.mounted(read_only=False):
        pass
    folder.mkdir()
    with volume.mounted(read_only=False) as path:
        (path / "a").write_text("a")
    with volume.mounted(read_only=True) as path:
        assert (path / "a").read_text() == "a"
    with pytest.raises(VolumeReadOnly), FolderVolume(folder, read_only=True).mounted(read_only=False):
        pass
    with pytest.raises(VolumeGone), volume.mounted(read_only=False) as path:
        path.rename(tmp_path / "pulled")
    assert not volume.power_off()
