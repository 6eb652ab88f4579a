"""What is said of sticks, and for how long."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from daemon.line.stickboard import FORGOTTEN, HELLO, KEPT, LATE, SILENT, StickBoard, Work
from stations.office.visits import WrittenFile
from storage.records import StickOutcome

AT = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)
S = timedelta(seconds=1)
WORK = Work(UUID(int=1), UUID(int=2))
FILE = WrittenFile("csv/panels.csv", 12, "0" * 64)


def said(board: StickBoard) -> list[str]:
    return [f"{one.name}: {one.text}" for one in board.standing()]


def plugged(board: StickBoard, *, at: datetime = AT) -> None:
    board.seen({}, at)
    board.seen({"sdb": "Ultra"}, at)


def work(board: StickBoard, device: str, name: str, state: str, share: float, at: datetime) -> None:
    board.named(device, name, WORK.stick_uuid, at)
    board.working(device, state, share, at)


def test_what_was_there_before_this_program_is_not_spoken_of() -> None:
    board = StickBoard()
    assert board.seen({"sdb": "Backup disk"}, AT) == ()
    assert said(board) == []
    assert board.seen({"sdb": "Backup disk", "sdc": "Ultra"}, AT + S) == ("sdc",)
    assert said(board) == ["Ultra: plugged in."]


def test_a_stick_nobody_works_on_is_forgotten_soon() -> None:
    board = StickBoard()
    plugged(board)
    assert not board.forget(AT + HELLO - S)
    assert board.forget(AT + HELLO)
    assert said(board) == []


def test_work_is_shown_with_how_much_of_it_is_done() -> None:
    board = StickBoard()
    plugged(board)
    work(board, "sdb", "BLUE", "writing", 0.434, AT + S)
    assert said(board) == ["BLUE: writing 43 %"]
    board.working("sdb", "comparing", None, AT + 2 * S)
    assert said(board) == ["BLUE: comparing"]
    assert board.standing()[0].since == AT + S
    assert not board.forget(AT + 2 * FORGOTTEN)


def test_an_end_is_said_for_a_while_after_the_stick_is_pulled() -> None:
    board = StickBoard()
    plugged(board)
    board.ended("sdb", "BLUE", good=True, text="Safe to remove.", at=AT)
    board.seen({}, AT + 60 * S)
    assert not board.forget(AT + 60 * S + KEPT - S)
    assert board.forget(AT + 60 * S + KEPT)


def test_an_end_is_said_no_longer_than_ten_minutes() -> None:
    board = StickBoard()
    plugged(board)
    board.ended("sdb", "BLUE", good=False, text="It is full.", at=AT)
    assert not board.forget(AT + FORGOTTEN - S)
    assert board.forget(AT + FORGOTTEN)


def test_a_stick_that_was_switched_off_is_still_safe_to_remove_when_its_owner_comes() -> None:
    board = StickBoard()
    plugged(board)
    board.ended("sdb", "BLUE", good=True, text="Safe to remove.", at=AT)
    board.seen({}, AT + S)
    assert not board.forget(AT + FORGOTTEN - S)
    assert board.forget(AT + FORGOTTEN)


def test_a_visit_whose_end_nobody_told_is_pulled_early_once_with_its_whole_files() -> None:
    board = StickBoard()
    plugged(board)
    work(board, "sdb", "BLUE", "writing", 0.1, AT)
    board.began(WORK)
    board.wrote(WORK.export_uuid, FILE)
    board.seen({}, AT + 5 * S)
    assert board.lost(AT + 5 * S + LATE - S) == ()
    (lost,) = board.lost(AT + 5 * S + LATE)
    assert (lost.outcome, lost.work, lost.files) == (StickOutcome.PULLED_EARLY, WORK, (FILE,))
    assert "goes on where it stopped" in said(board)[0]
    assert board.lost(AT + 60 * S) == ()
    assert board.files(WORK.export_uuid) == ()


def test_the_visitors_own_report_comes_first() -> None:
    board = StickBoard()
    plugged(board)
    work(board, "sdb", "BLUE", "writing", 0.1, AT)
    board.seen({}, AT + S)
    board.ended("sdb", "BLUE", good=False, text="Pulled out too early.", at=AT + 4 * S)
    assert board.lost(AT + 2 * LATE) == ()
    assert said(board) == ["BLUE: Pulled out too early."]


def test_whoever_falls_silent_in_the_middle_is_not_waited_for() -> None:
    board = StickBoard()
    work(board, "sdb", "BLUE", "writing", 0.1, AT)
    assert board.lost(AT + SILENT - S) == ()
    (lost,) = board.lost(AT + SILENT)
    assert lost.outcome is StickOutcome.INTERNAL
    assert "call a technician" in said(board)[0]


def test_who_works_on_a_stick_may_be_faster_than_the_look_that_finds_it() -> None:
    board = StickBoard()
    board.seen({}, AT)
    board.ended("sdb", "Ultra", good=False, text="Nobody enrolled it.", at=AT)
    board.seen({"sdb": "Ultra"}, AT + S)
    assert said(board) == ["Ultra: Nobody enrolled it."]
    board.seen({}, AT + 9 * S)
    work(board, "sdb", "BLUE", "writing", 0.0, AT + 10 * S)
    board.seen({"sdb": "Ultra"}, AT + 11 * S)
    assert said(board) == ["BLUE: writing 0 %"]
    assert board.lost(AT + 10 * S + LATE) == (), "it is there again"


def test_a_stick_that_comes_again_is_greeted_anew() -> None:
    board = StickBoard()
    plugged(board)
    board.ended("sdb", "BLUE", good=True, text="Safe to remove.", at=AT + S)
    board.seen({}, AT + 5 * S)
    assert board.seen({"sdb": "Ultra"}, AT + 6 * S) == ("sdb",)
    assert said(board) == ["Ultra: plugged in."]


def test_what_is_remembered_has_an_end() -> None:
    board = StickBoard()
    for number in range(100):
        board.wrote(UUID(int=number), FILE)
    assert board.files(UUID(int=99)) == (FILE,)
    assert sum(bool(board.files(UUID(int=number))) for number in range(100)) == 16


def test_several_sticks_are_told_apart_the_newest_first() -> None:
    board = StickBoard()
    work(board, "sdb", "BLUE", "writing", 0.5, AT)
    work(board, "sdc", "RED", "writing", 0.1, AT + S)
    board.ended("sdb", "BLUE", good=True, text="Safe to remove.", at=AT + 2 * S)
    assert said(board) == ["BLUE: Safe to remove.", "RED: writing 10 %"]
