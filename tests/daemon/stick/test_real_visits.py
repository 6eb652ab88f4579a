"""Whole visits on real file systems on loop devices, where this machine lets a test mount."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from daemon.stick.endings import Ending
from daemon.stick.kernel import Kernel
from daemon.stick.patience import Patience
from daemon.stick.service import Service
from daemon.stick.volume import MountedVolume, Volume, private_mounts
from drivers.stick import StickDevice, StickVolume
from drivers.stick.errors import StickError
from storage.records import StickOutcome
from tests.daemon.stick.test_real_mounts import MIB, Loop, small_memory
from tests.daemon.stick.world import DEVICE, FakeLine, World, complete_folders

PATIENCE = Patience(some_s=0.0, all_s=0.0, told_s=0.0, settle_s=0.3)


@pytest.fixture(autouse=True, scope="module")
def _alone() -> None:
    try:
        private_mounts()
    except StickError as error:
        pytest.skip(str(error))


@dataclass
class Plugged:
    """A stick whose medium is a loop device: never pulled, and it cannot be switched off."""

    loop: Loop

    def present(self) -> bool:
        return True

    def activity(self) -> int:
        return 0

    def look(self) -> StickDevice:
        number = Kernel().number(self.loop.file)
        part = StickVolume(
            name=self.loop.file.name, file=self.loop.file, number=number, size_bytes=24 * MIB,
            fs_type=self.loop.fs_type, fs_uuid="1",
        )  # fmt: skip
        return replace(DEVICE, name=self.loop.file.name, file=self.loop.file, volumes=(part,))

    def volume(self, device: StickDevice, volume: StickVolume) -> Volume:
        return MountedVolume(device, volume, self.loop.folder)


@pytest.fixture(params=["vfat", "exfat", "ntfs", "ext4"])
def loop(tmp_path: Path, request: pytest.FixtureRequest) -> Loop:
    made = Loop(tmp_path, request.param)
    made.make()
    return made


@contextmanager
def looked_into(loop: Loop) -> Iterator[Path]:
    with loop.plugged() as volume, volume.mounted(read_only=True) as path:
        yield path


def insert(loop: Loop, line: FakeLine, *options: str) -> Ending:
    with loop.plugged(*options):
        ended = Service("sdz", Plugged(loop), (line,), patience=PATIENCE).run()
        assert not loop.is_mounted()
    if ended.outcome is StickOutcome.UNSUPPORTED_FILE_SYSTEM:
        pytest.skip(ended.message)
    return ended


def line_of(tmp_path: Path, rows: int) -> FakeLine:
    return FakeLine("Line 1", World(tmp_path), rows=rows)


def test_what_is_called_safe_is_whole_on_the_medium(tmp_path: Path, loop: Loop) -> None:
    line = line_of(tmp_path, 40)
    assert insert(loop, line).outcome is StickOutcome.EXPORTED
    with looked_into(loop) as path:
        assert len(complete_folders(path)) == 1
    line.rows = 3
    assert insert(loop, line).outcome is StickOutcome.EXPORTED
    assert insert(loop, line).outcome is StickOutcome.NOTHING_NEW
    with looked_into(loop) as path:
        assert len(complete_folders(path)) == 2


def test_a_full_stick_is_told_and_gone_on_with_when_there_is_room(tmp_path: Path, loop: Loop) -> None:
    line = line_of(tmp_path, 40)
    try:
        with loop.plugged() as volume, volume.mounted(read_only=False) as path, (path / "film").open("wb") as film:
            while film.write(bytes(MIB // 8)):
                film.flush()
    except (OSError, StickError) as error:
        if not getattr(error, "errno", None):
            pytest.skip(str(error))
    ended = insert(loop, line)
    assert ended.outcome is StickOutcome.FULL
    with looked_into(loop) as path:
        assert complete_folders(path) == []
    with loop.plugged() as volume, volume.mounted(read_only=False) as path:
        (path / "film").unlink()
    assert insert(loop, line).outcome is StickOutcome.EXPORTED
    with looked_into(loop) as path:
        assert len(complete_folders(path)) == 1


def test_a_write_protected_stick_is_told(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    assert insert(loop, line_of(tmp_path, 2), "--read-only").outcome is StickOutcome.READ_ONLY


def test_a_stick_that_stores_less_than_it_claims_is_never_called_safe(tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir()
    loop = Loop(tmp_path, "ext4", medium=medium)
    with small_memory(medium, 6 * MIB):
        loop.make()
        line = line_of(tmp_path, 2000)
        assert insert(loop, line).outcome is StickOutcome.UNREADABLE
        assert line.is_open


def test_a_damaged_stick_is_told(tmp_path: Path) -> None:
    loop = Loop(tmp_path, "ext4")
    loop.make()
    with loop.image.open("r+b") as image:
        image.write(b"\xee" * 2 * MIB)
    assert insert(loop, line_of(tmp_path, 2)).outcome is StickOutcome.UNREADABLE
