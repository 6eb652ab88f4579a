"""Real file systems on loop devices, where this machine lets a test mount: it needs root, loop devices and mkfs."""

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.stick import mounter
from daemon.stick.kernel import Kernel
from daemon.stick.volume import MountedVolume, private_mounts
from drivers.stick import StickDevice, StickVolume, probe_device
from drivers.stick.errors import StickError, VolumeBusy, VolumeReadOnly, VolumeUnreadable, VolumeUnsupported
from storage.export.durable import Folder

MIB = 1 << 20
MAKERS = {
    "vfat": "mkfs.vfat",
    "exfat": "mkfs.exfat",
    "ntfs": "mkntfs -q -Q -F",
    "ext4": "mkfs.ext4 -q -F -E lazy_itable_init=0",
}
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(autouse=True, scope="module")
def _alone() -> None:
    """Mount where nobody else can copy the mounts: a copy in another program's namespace keeps the device open."""
    try:
        private_mounts()
    except StickError as error:
        pytest.skip(str(error))


class Loop:
    """A stick whose medium is a file."""

    def __init__(self, folder: Path, fs_type: str, *, medium: Path | None = None) -> None:
        self.image = (medium or folder) / "image"
        self.fs_type = fs_type
        self.folder = folder / "mnt"
        self.file = Path()

    def make(self) -> None:
        if os.geteuid() != 0 or not Path("/dev/loop-control").exists():
            pytest.skip("mounting needs root and loop devices")
        maker = MAKERS[self.fs_type].split()
        if shutil.which(maker[0], path=PATH) is None:
            pytest.skip(f"{maker[0]} is not installed")
        self.image.touch()
        os.truncate(self.image, 24 * MIB)
        run(*maker, str(self.image))

    @contextlib.contextmanager
    def plugged(self, *options: str) -> Iterator[MountedVolume]:
        try:
            self.file = Path(run("losetup", "--find", "--show", *options, str(self.image)).strip())
        except subprocess.CalledProcessError:
            pytest.skip("no loop device is to be had")
        try:
            yield self.volume()
        finally:
            run("losetup", "-d", str(self.file))

    def volume(self) -> MountedVolume:
        number = Kernel().number(self.file)
        part = StickVolume(
            name=self.file.name, file=self.file, number=number, size_bytes=24 * MIB, fs_type=self.fs_type
        )
        device = StickDevice(
            name=self.file.name,
            file=self.file,
            usb_serial="",
            vendor_id="0000",
            product_id="0000",
            manufacturer=None,
            product="Loop",
            size_bytes=24 * MIB,
            read_only=False,
            volumes=(part,),
            interfaces=(),
        )
        return MountedVolume(device, part, self.folder)

    def is_mounted(self) -> bool:
        return any(mounted.folder == self.folder for mounted in Kernel().mounts())


def run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": PATH})
    return done.stdout


@contextlib.contextmanager
def writing(volume: MountedVolume) -> Iterator[Path]:
    """The volume mounted for writing; the test is skipped where this machine has no driver for it."""
    with contextlib.ExitStack() as stack:
        try:
            path = stack.enter_context(volume.mounted(read_only=False))
        except VolumeUnsupported as error:
            pytest.skip(str(error))
        yield path


@pytest.mark.parametrize("fs_type", MAKERS)
def test_what_is_written_is_read_back_from_the_medium(tmp_path: Path, fs_type: str) -> None:
    loop = Loop(tmp_path, fs_type)
    loop.make()
    with loop.plugged() as volume:
        found = probe_device(loop.file)
        assert found is not None
        assert found.type == fs_type
        with writing(volume) as path, Folder.at(str(path)) as top:
            written = top.write("export.json", [b"x" * MIB] * 3)
            assert loop.is_mounted()
        assert not loop.is_mounted()
        with volume.mounted(read_only=True) as path, Folder.at(str(path)) as top:
            assert top.measure("export.json") == written
            with pytest.raises(OSError, match="Read-only"):
                (path / "more").touch()
        assert not loop.is_mounted()


@pytest.mark.parametrize("fs_type", ["ext4", "ntfs"])
def test_nothing_on_a_stick_is_run_or_has_rights(tmp_path: Path, fs_type: str) -> None:
    loop = Loop(tmp_path, fs_type)
    loop.make()
    with loop.plugged() as volume, writing(volume) as path:
        program = path / "autorun.sh"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o4755)
        with pytest.raises(PermissionError):
            subprocess.run([program], check=False)
        flags = os.statvfs(path).f_flag
        assert flags & os.ST_NOSUID
        assert flags & os.ST_NODEV
        assert flags & os.ST_NOEXEC


def test_links_on_a_stick_lead_nowhere(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    with loop.plugged() as volume, writing(volume) as path:
        (path / "link").symlink_to("/etc/passwd")
        with pytest.raises(OSError, match="symbolic links"):
            (path / "link").read_text()


def test_a_medium_that_lied_about_its_size_is_found_out(tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir()
    loop = Loop(tmp_path, "ext4", medium=medium)
    with small_memory(medium, 6 * MIB):
        loop.make()
        with loop.plugged() as volume:
            with pytest.raises(VolumeUnreadable), writing(volume) as path:
                (path / "big").write_bytes(os.urandom(12 * MIB))
            assert not loop.is_mounted()


def test_a_write_protected_medium_is_named(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    with loop.plugged("--read-only") as volume:
        with pytest.raises(VolumeReadOnly), volume.mounted(read_only=False):
            pass
        assert not loop.is_mounted()
        with volume.mounted(read_only=True) as path:
            assert (path / "lost+found").is_dir()


@pytest.mark.parametrize("fs_type", ["ext4", "ntfs"])
def test_a_damaged_file_system_is_named(tmp_path: Path, fs_type: str) -> None:
    loop = Loop(tmp_path, fs_type)
    loop.make()
    with loop.plugged() as volume, writing(volume):
        pass
    with loop.image.open("r+b") as image:
        image.write(b"\xee" * 2 * MIB)
    with loop.plugged() as volume:
        with pytest.raises(VolumeUnreadable), volume.mounted(read_only=False):
            pass
        assert not loop.is_mounted()


def test_a_stick_in_use_is_named_and_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounter, "BUSY_S", 0.2)
    loop = Loop(tmp_path, "ext4")
    loop.make()
    with loop.plugged() as volume, contextlib.ExitStack() as stack:
        with pytest.raises(VolumeBusy), writing(volume) as path:
            stack.enter_context((path / "open").open("w"))
        assert not loop.is_mounted()


def test_a_mounted_stick_is_not_mounted_again(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    again = pytest.raises(VolumeBusy, match="mounted already")
    with loop.plugged() as volume, writing(volume), again, volume.mounted(read_only=True):
        pass


def test_a_failure_inside_leaves_nothing_mounted(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    with loop.plugged() as volume:
        with pytest.raises(ZeroDivisionError), writing(volume):
            raise ZeroDivisionError
        assert not loop.is_mounted()


def test_what_is_mounted_privately_nobody_else_sees(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    with loop.plugged() as volume, volume.mounted(read_only=False):
        assert loop.is_mounted()
        assert str(loop.folder) not in Path("/proc/1/mountinfo").read_text()


@contextlib.contextmanager
def small_memory(folder: Path, size: int) -> Iterator[None]:
    """A file system in memory that is soon full."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", os.fsencode(folder), b"tmpfs", ctypes.c_ulong(0), b"size=%d" % size) != 0:
        pytest.skip("mounting needs root")
    try:
        yield
    finally:
        assert libc.umount2(os.fsencode(folder), 0) == 0
