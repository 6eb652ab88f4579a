from drivers.files.listing import Seen
from drivers.files.settling import Due, Settling, Stage

A1, A2 = Seen("a.csv", 10, 1, 1), Seen("a.csv", 12, 2, 1)
B = Seen("b.csv", 5, 1, 2)


def settling() -> Settling:
    return Settling(settle_s=0.5, patience_s=10)


def test_a_file_is_due_once_it_rests() -> None:
    watch = settling()
    assert watch.update([A1], 0.0) == []
    assert watch.fresh
    assert watch.update([A1], 0.4) == []
    assert watch.update([A1], 0.5) == [Due(A1, complete=False)]


def test_every_change_starts_the_rest_anew() -> None:
    watch = settling()
    watch.update([A1], 0.0)
    assert watch.update([A2], 0.4) == []
    assert watch.update([A2], 0.8) == []
    assert watch.update([A2], 0.9) == [Due(A2, complete=False)]


def test_a_file_that_is_done_is_not_due_again_until_it_changes() -> None:
    watch = settling()
    watch.update([A1], 0.0)
    watch.update([A1], 1.0)
    watch.settle(A1, Stage.DONE)
    assert watch.update([A1], 100.0) == []
    assert not watch.fresh
    watch.update([A2], 101.0)
    assert watch.update([A2], 102.0) == [Due(A2, complete=False)]


def test_a_file_that_was_held_is_due_when_it_has_rested_long() -> None:
    watch = settling()
    watch.update([A1], 0.0)
    watch.update([A1], 1.0)
    watch.settle(A1, Stage.HELD)
    assert not watch.fresh
    assert watch.update([A1], 9.9) == []
    assert watch.update([A1], 10.0) == [Due(A1, complete=True)]


def test_a_file_that_could_not_be_opened_stays_due() -> None:
    watch = settling()
    watch.update([A1, B], 0.0)
    assert watch.update([A1, B], 1.0) == [Due(A1, complete=False), Due(B, complete=False)]
    watch.settle(B, Stage.DONE)
    assert watch.update([A1, B], 20.0) == [Due(A1, complete=True)]


def test_settling_a_version_that_is_gone_has_no_effect() -> None:
    watch = settling()
    watch.update([A1], 0.0)
    watch.update([A2], 1.0)
    watch.settle(A1, Stage.DONE)
    watch.settle(B, Stage.DONE)
    assert watch.update([A2], 2.0) == [Due(A2, complete=False)]


def test_a_file_that_left_and_came_back_rests_anew() -> None:
    watch = settling()
    watch.update([A1], 0.0)
    watch.update([], 1.0)
    assert watch.update([A1], 2.0) == []
