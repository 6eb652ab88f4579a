"""Whatever happens at whichever moment: one outcome, nothing on a stranger, no manifest without its files, and the
next insert completes."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.stick.endings import Ending
from drivers.stick import UsbInterface
from storage.records import StickOutcome as Came
from tests.daemon.stick.world import (
    DEVICE,
    VOLUME,
    FakeLine,
    Fault,
    World,
    again,
    complete_folders,
    contents,
    insert,
)

FULL, SMALL = 1, 61
SIZES = [pytest.param(FULL, marks=pytest.mark.faults), SMALL]
FOREIGN = {"holiday/photo.jpg": b"sea", "autorun.inf": b"[autorun]", "export.json": b"{}", "rest.part": b"x"}
FIRST = "sunline-P1-line1-2026-03-01_2026-03-31"
SECOND = "sunline-P1-line2-2026-03-01_2026-03-31"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return made(tmp_path / "stick")


def made(folder: Path) -> World:
    for name, data in FOREIGN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return World(folder)


def outcomes(line: FakeLine) -> list[Came]:
    return [report.outcome for report in line.reports]


def test_a_known_stick_gets_the_lines_data_and_everybody_is_told(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    line = FakeLine("Line 1", world)
    ended = insert(world, line)
    assert ended.outcome is Came.EXPORTED
    assert ended.message.startswith("Safe to remove")
    assert complete_folders(world.folder) == [FIRST]
    (report,) = line.reports
    assert f"Line 1: {len(report.files)} files, " in ended.message
    assert (report.outcome, report.disk, report.device) == (Came.EXPORTED, "sdz", str(DEVICE))
    assert {file.name for file in report.files} <= contents(world.folder).keys()
    assert world.mounts == 2
    assert world.took[-1] == "power off"
    assert f"exported: {ended.message}" in capfd.readouterr().err
    assert contents(world.folder).items() >= FOREIGN.items()


def test_with_nothing_new_the_stick_is_not_even_mounted(world: World) -> None:
    line = FakeLine("Line 1", world, rows=0)
    before = contents(world.folder)
    assert insert(world, line).outcome is Came.NOTHING_NEW
    assert (world.mounts, contents(world.folder), outcomes(line)) == (0, before, [Came.NOTHING_NEW])


def test_every_line_has_its_folder(world: World) -> None:
    lines = FakeLine("Line 1", world), FakeLine("Line 2", world, number=2)
    assert insert(world, *lines).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [FIRST, SECOND]
    assert [outcomes(line) for line in lines] == [[Came.EXPORTED]] * 2


def test_of_two_lines_one_that_is_down_is_said_and_the_other_exported(world: World) -> None:
    up, down = FakeLine("Line 1", world), FakeLine("Line 2", world, number=2, down=True)
    ended = insert(world, up, down)
    assert ended.outcome is Came.LINE_NOT_RUNNING
    assert "Safe to remove, but not everything" in ended.message
    assert "Line 2 is not running" in ended.message
    assert (complete_folders(world.folder), outcomes(up), up.rows) == ([FIRST], [Came.EXPORTED], 0)
    down.down = False
    again(world)
    assert insert(world, up, down).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [FIRST, SECOND]
    assert (outcomes(up)[1:], outcomes(down)) == ([Came.NOTHING_NEW], [Came.EXPORTED])


def test_of_two_lines_one_that_does_not_know_the_stick_gives_nothing(world: World) -> None:
    knows, other = FakeLine("Line 1", world), FakeLine("Line 2", world, number=2, knows=False)
    ended = insert(world, knows, other)
    assert ended.outcome is Came.EXPORTED
    assert "Line 2 does not know this stick" in ended.message
    assert (complete_folders(world.folder), outcomes(other)) == ([FIRST], [Came.NOT_ENROLLED])


def test_a_stranger_is_told_and_never_touched(world: World) -> None:
    line, before = FakeLine("Line 1", world, knows=False), contents(world.folder)
    ended = insert(world, line)
    assert (ended.outcome, "Nobody enrolled it." in ended.message) == (Came.NOT_ENROLLED, True)
    assert (world.mounts, contents(world.folder), outcomes(line)) == (0, before, [Came.NOT_ENROLLED])
    assert "power off" not in world.took


def test_without_a_line_nothing_is_done(world: World) -> None:
    before = contents(world.folder)
    assert insert(world).outcome is Came.LINE_NOT_RUNNING
    assert insert(world, FakeLine("Line 1", world, down=True)).outcome is Came.LINE_NOT_RUNNING
    assert (world.mounts, contents(world.folder)) == (0, before)


REFUSED = [
    (replace(DEVICE, interfaces=(UsbInterface("08"), UsbInterface("03"))), Came.ALSO_A_KEYBOARD),
    (replace(DEVICE, volumes=(VOLUME, VOLUME)), Came.SEVERAL_PARTITIONS),
    (replace(DEVICE, volumes=(replace(VOLUME, fs_type="hfsplus"),)), Came.UNSUPPORTED_FILE_SYSTEM),
    (replace(DEVICE, volumes=(replace(VOLUME, fs_type=None),)), Came.UNSUPPORTED_FILE_SYSTEM),
    (replace(DEVICE, volumes=(replace(VOLUME, fs_bytes=1 << 50),)), Came.UNREADABLE),
    (replace(DEVICE, read_only=True), Came.READ_ONLY),
    (replace(DEVICE, volumes=(replace(VOLUME, read_only=True),)), Came.READ_ONLY),
]


@pytest.mark.parametrize(("device", "outcome"), REFUSED)
def test_what_is_refused_on_sight_is_said_to_every_line_and_never_mounted(
    world: World, device: object, outcome: Came
) -> None:
    line, before = FakeLine("Line 1", world), contents(world.folder)
    world.device = device  # type: ignore[assignment]
    ended = insert(world, line)
    assert ended.outcome is outcome
    assert ended.todo
    assert (world.mounts, contents(world.folder), outcomes(line), line.exports) == (0, before, [outcome], 0)


def test_what_reads_back_differently_is_never_called_safe(world: World) -> None:
    line = FakeLine("Line 1", world)

    def rot() -> None:
        (world.folder / FIRST / "export.json").write_bytes(b"{}")

    world.rot = rot
    ended = insert(world, line)
    assert (ended.outcome, outcomes(line)) == (Came.UNREADABLE, [Came.UNREADABLE])
    again(world)
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [FIRST]


def pulled_while_writing(world: World, line: FakeLine) -> None:
    """Pull the stick after some files were finished."""
    world.fault, world.at = Fault.YANKED, steps_of("rows", world.folder.parent / "probe")
    assert insert(world, line).outcome is Came.PULLED_EARLY
    assert line.done
    assert not complete_folders(world.folder)
    again(world)


@pytest.mark.parametrize("turns", [errno.EIO, errno.EROFS])
def test_an_interrupted_folder_that_is_damaged_is_left_and_the_export_written_anew(world: World, turns: int) -> None:
    line = FakeLine("Line 1", world)
    pulled_while_writing(world, line)
    world.spoiled, world.turns = FIRST, turns
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [f"{FIRST}-2"]
    assert {file.name.partition("/")[0] for file in line.reports[-1].files} == {f"{FIRST}-2"}
    line.rows = 3
    again(world)
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [f"{FIRST}-2", f"{FIRST}-3"], "what was given up stays as it is"


def test_a_stick_that_is_pulled_while_it_is_written_anew_gets_no_further_folder(world: World) -> None:
    line = FakeLine("Line 1", world)
    pulled_while_writing(world, line)
    world.spoiled = FIRST
    for at in range(20, 70, 10):
        world.there, world.steps, world.fault, world.at = True, 0, Fault.YANKED, at
        assert insert(world, line).outcome is Came.PULLED_EARLY
    again(world)
    world.spoiled = FIRST
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [f"{FIRST}-2"]
    assert {one.name for one in world.folder.glob("sunline-*")} == {FIRST, f"{FIRST}-2"}


def test_a_stick_somebody_else_pulled_out_stays_refused(world: World) -> None:
    line = FakeLine("Line 1", world)
    for _ in range(3):
        again(world)
        world.dirty = True
        assert insert(world, line).outcome is Came.UNREADABLE
    assert line.exports == 1


def test_a_damaged_folder_in_which_no_file_was_finished_is_left_too(world: World) -> None:
    line = FakeLine("Line 1", world)
    pulled_while_writing(world, line)
    world.spoiled, line.forgets = FIRST, True
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [f"{FIRST}-2"]


def test_an_interrupted_export_that_reads_back_differently_is_written_anew_and_no_longer_called_complete(
    world: World,
) -> None:
    line = FakeLine("Line 1", world)
    pulled_while_writing(world, line)

    def rot() -> None:
        (world.folder / FIRST / "export.json").write_bytes(b"{}")

    world.rot = rot
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [f"{FIRST}-2"]


def test_a_medium_that_fails_for_good_after_an_interrupted_visit_is_unreadable(world: World) -> None:
    line = FakeLine("Line 1", world)
    pulled_while_writing(world, line)
    world.fault, world.at = Fault.BROKEN, 12
    assert insert(world, line).outcome is Came.UNREADABLE
    assert world.took.count("mount") == 2, "it was tried once more, and no more"


def test_a_line_that_starts_again_in_the_middle_is_gone_on_with(world: World) -> None:
    line = FakeLine("Line 1", world, fallible=True)
    world.fault = Fault.LINE_RESTARTS
    world.at = steps_of("rows", world.folder.parent / "probe")
    assert insert(world, line).outcome is Came.EXPORTED
    assert (complete_folders(world.folder), outcomes(line), line.exports) == ([FIRST], [Came.EXPORTED], 1)


def test_what_a_lost_line_left_on_the_stick_is_not_called_nothing(world: World) -> None:
    world.fault, world.at = Fault.LINE_GONE, steps_of("rows", world.folder.parent / "probe")
    ended = insert(world, FakeLine("Line 1", world, fallible=True))
    assert ended.outcome is Came.LINE_NOT_RUNNING
    assert ended.message.startswith("What was written to the stick is not complete.")
    assert "Nothing was written" not in ended.message


def test_a_line_that_forgot_what_was_finished_has_nothing_written_twice(world: World) -> None:
    line = FakeLine("Line 1", world, fallible=True, forgets=True)
    world.fault, world.at = Fault.LINE_RESTARTS, steps_of("rows", world.folder.parent / "probe")
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [FIRST]
    assert world.took.count("rename") == len(list((world.folder / FIRST).rglob("*.*")))


def steps_of(what: str, folder: Path) -> int:
    """Find the last step of this kind in an undisturbed visit."""
    probe = made(folder)
    insert(probe, FakeLine("Line 1", probe, fallible=True))
    return len(probe.took) - probe.took[::-1].index(what)


def test_two_exports_of_the_same_days_have_a_folder_each(world: World) -> None:
    line = FakeLine("Line 1", world)
    insert(world, line)
    line.rows = 3
    again(world)
    assert insert(world, line).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [FIRST, f"{FIRST}-2"]


@pytest.mark.parametrize("kind", ["file", "link", "full of things"])
def test_something_else_under_our_name_is_left_alone(world: World, kind: str) -> None:
    place, outside = world.folder / FIRST, world.folder.parent / "outside"
    outside.mkdir()
    match kind:
        case "file":
            place.write_bytes(b"mine")
        case "link":
            place.symlink_to(outside)
        case _:
            place.mkdir()
            (place / "mine.txt").write_bytes(b"mine")
    before = contents(world.folder)
    assert insert(world, FakeLine("Line 1", world)).outcome is Came.EXPORTED
    assert complete_folders(world.folder) == [f"{FIRST}-2"]
    assert contents(world.folder).items() >= before.items()
    assert not list(outside.iterdir())


def assert_one_outcome(world: World, lines: tuple[FakeLine, ...], ended: Ending) -> None:
    """Everybody who listens has heard exactly one thing, and it is true."""
    for line in lines:
        assert len(line.reports) == (0 if line.fallible and world.away else 1), line
    safe = {Came.EXPORTED, Came.NOTHING_NEW}
    told_safe = [line for line in lines if outcomes(line) == [Came.EXPORTED]]
    assert ended.message.startswith("Safe to remove") == (ended.outcome in safe or bool(told_safe))
    complete = complete_folders(world.folder)
    assert len(complete) >= len(told_safe)
    assert contents(world.folder).items() >= FOREIGN.items()


EXPECTED = {
    Fault.NONE: {Came.EXPORTED},
    Fault.ONE_ERROR: {Came.UNREADABLE, Came.EXPORTED},
    Fault.BROKEN: {Came.UNREADABLE, Came.EXPORTED},
    Fault.FULL: {Came.FULL, Came.EXPORTED},
    Fault.WRITE_PROTECTED: {Came.READ_ONLY, Came.EXPORTED},
    Fault.YANKED: {Came.PULLED_EARLY, Came.EXPORTED},
    Fault.LINE_GONE: {Came.LINE_NOT_RUNNING, Came.EXPORTED},
    Fault.LINE_RESTARTS: {Came.LINE_NOT_RUNNING, Came.EXPORTED},
    Fault.STOPPED: {Came.PULLED_EARLY, Came.EXPORTED},
    Fault.BUG: {Came.INTERNAL, Came.EXPORTED},
}


def struck(folder: Path, fault: Fault, at: int) -> None:
    """Let something go wrong at one moment, and then plug the stick in once more."""
    world = made(folder)
    world.fault, world.at = fault, at
    lines = FakeLine("Line 1", world, fallible=True), FakeLine("Line 2", world, number=2)
    ended = insert(world, *lines)
    assert ended.outcome in EXPECTED[fault], (fault, at, world.took[at - 3 : at + 3], ended)
    assert_one_outcome(world, lines, ended)
    again(world)
    for line in lines:
        line.reports.clear()
    second = insert(world, *lines)
    assert second.outcome in {Came.EXPORTED, Came.NOTHING_NEW}, (fault, at, second)
    if fault not in (Fault.LINE_GONE, Fault.LINE_RESTARTS):  # then it may not have heard that all went well
        assert (second.outcome is Came.NOTHING_NEW) == (ended.outcome is Came.EXPORTED)
    assert complete_folders(world.folder) == [FIRST, SECOND]
    assert [line.exports for line in lines] == [1 + (line.is_open) for line in lines], "nothing was exported twice"


@pytest.mark.parametrize("stride", SIZES)
@pytest.mark.parametrize("fault", list(Fault))
def test_whatever_goes_wrong_at_whichever_moment_the_next_insert_completes(
    fault: Fault, stride: int, tmp_path: Path
) -> None:
    probe = made(tmp_path / "probe")
    insert(probe, FakeLine("Line 1", probe, fallible=True), FakeLine("Line 2", probe, number=2))
    for at in range(1, probe.steps + 1, stride):
        struck(tmp_path / f"{at}", fault, at)


TROUBLES = st.lists(st.tuples(st.sampled_from(list(Fault)), st.integers(1, 340), st.booleans()), min_size=2, max_size=5)


@pytest.mark.parametrize("examples", [pytest.param(150, marks=pytest.mark.faults), 8])
def test_after_any_row_of_bad_visits_a_good_one_completes(
    examples: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(troubles=TROUBLES, rows=st.integers(1, 4))
    def visits(troubles: list[tuple[Fault, int, bool]], rows: int) -> None:
        world = made(tmp_path_factory.mktemp("stick"))
        lines = FakeLine("Line 1", world, fallible=True, rows=rows), FakeLine("Line 2", world, number=2, rows=rows)
        for fault, at, is_known in troubles:
            before = contents(world.folder)
            again(world)
            world.fault, world.at = fault, at
            for line in lines:
                line.reports.clear()
                line.knows = is_known
            ended = insert(world, *lines)
            assert_one_outcome(world, lines, ended)
            assert is_known or contents(world.folder) == before, "a stranger was written to"
        again(world)
        for line in lines:
            line.knows = True
        assert insert(world, *lines).outcome in {Came.EXPORTED, Came.NOTHING_NEW}
        complete = complete_folders(world.folder)
        assert {name[: len(FIRST)] for name in complete} == {FIRST, SECOND}, "what was written anew has a number behind"
        assert {file.name.partition("/")[0] for line in lines for file in line.reports[-1].files} <= {*complete}

    visits()
