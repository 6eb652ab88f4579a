"""Which of two versions stands."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from storage.changes import NOBODY, Change, Stamp
from storage.records import Order, Override, Panel, PanelStatus
from storage.sync.contact import corrected
from storage.sync.outgoing import Outgoing
from storage.sync.plan import Plan, Server, Standing, plan
from storage.sync.verdict import Rule, Version
from tests.storage.sync.changes import HERE, START, THERE, change, contact, uuid
from tests.storage.sync.test_sender import panel


def order(**changes: object) -> Order:
    it = Order(uuid=uuid("order"), mo_number="MO-1", panel_type="60", line_number=1, quantity=5, created_at=START)
    return replace(it, **changes)  # type: ignore[arg-type]


def server(*standing: Change, seen: dict[UUID, int] | None = None, kin: frozenset[UUID] = frozenset({HERE})) -> Server:
    now = contact()
    return Server(
        {it.uuid: Standing(Version(Stamp(it.hlc, it.store_id), corrected(it, now)), it.body) for it in standing},
        seen or {}, kin,
    )  # fmt: skip


def planned(*changes: Change, upon: Server, bases: dict[int, Stamp] | None = None, offset_s: float = 0.0) -> Plan:
    return plan(changes, Outgoing(changes, bases or {}, {}, 0), upon, contact(offset_s))


def test_of_several_versions_in_a_batch_the_last_is_written_once() -> None:
    made = planned(change(order(), 1), change(order(notes="x"), 2), upon=server())
    (edit,) = made.edits["order"]
    assert (edit.change.seq, edit.was) == (2, None)
    assert made.seen == {HERE: 2}


def test_the_same_version_again_writes_nothing() -> None:
    first = change(order(), 1)
    assert not planned(first, upon=server(first, seen={HERE: 1})).edits


def test_an_older_version_of_ones_own_is_not_news_after_all_was_sent_again() -> None:
    theirs = change(order(notes="theirs"), 9, store=THERE, hlc=50)
    made = planned(change(order(), 1), upon=server(theirs, seen={HERE: 40}))
    assert not made.edits
    assert not made.conflicts


def test_an_edit_made_upon_what_came_down_follows_it() -> None:
    theirs = change(order(notes="theirs"), 9, store=THERE, hlc=50)
    made = planned(change(order(notes="mine"), 7), upon=server(theirs), bases={7: Stamp(50, THERE)})
    assert made.edits["order"][0].was == Stamp(50, THERE)
    assert not made.conflicts


def test_defaults_lose_against_everything_and_without_a_trace() -> None:
    default = change(order(notes="default"), 1, store=NOBODY)
    default = default._replace(hlc=0)
    mine = change(order(notes="mine"), 2)
    assert planned(mine, upon=server(default)).edits["order"][0].was == Stamp(0, NOBODY)
    assert not planned(default, upon=server(mine)).edits


@pytest.mark.parametrize(("mine_s", "theirs_s", "wins"), [(100, 50, True), (50, 100, False)])
def test_of_two_edits_made_unaware_the_later_stands_and_the_other_is_kept(
    mine_s: float, theirs_s: float, wins: bool
) -> None:
    """Hybrid logical clocks say the opposite here: the real time decides."""
    theirs = change(order(notes="theirs"), 1, at_s=theirs_s, store=THERE, hlc=5000 - int(theirs_s))
    made = planned(change(order(notes="mine"), 3, at_s=mine_s, hlc=5000 - int(mine_s)), upon=server(theirs))
    (conflict,) = made.conflicts
    assert conflict.rule is Rule.TIME
    assert (b"mine" in conflict.winner.body) is wins
    assert bool(made.edits) is wins


def test_a_clock_hours_wrong_does_not_win() -> None:
    """The line's clock is three hours ahead; its edit was made before the other one."""
    theirs = change(order(notes="theirs"), 1, at_s=100, store=THERE, hlc=1)
    mine = change(order(notes="mine"), 3, at_s=50, hlc=999)
    mine = mine._replace(wall=mine.wall + timedelta(hours=3), boot_id="an earlier boot")
    assert not planned(mine, upon=server(theirs), offset_s=3 * 3600).edits
    assert not planned(mine._replace(boot_id="boot"), upon=server(theirs), offset_s=3 * 3600).edits


def test_an_edit_made_long_after_the_clocks_were_compared_is_as_late_as_it_was() -> None:
    """A line stays connected; its clocks are compared now and then, and its wall clock is three hours behind."""
    theirs = change(order(notes="theirs"), 1, at_s=3500, store=THERE, hlc=999)
    mine = change(order(notes="mine"), 3, at_s=3660, hlc=1)
    mine = mine._replace(wall=mine.wall - timedelta(hours=3))
    (conflict,) = planned(mine, upon=server(theirs), offset_s=-3 * 3600).conflicts
    assert conflict.rule is Rule.TIME
    assert b"mine" in conflict.winner.body


def test_a_time_still_ahead_of_the_server_is_ordered_by_stamp() -> None:
    theirs = change(order(notes="theirs"), 1, at_s=100, store=THERE, hlc=10)
    mine = change(order(notes="mine"), 3, hlc=9)._replace(wall=START + timedelta(days=900), boot_id="")
    (conflict,) = planned(mine, upon=server(theirs)).conflicts
    assert conflict.rule is Rule.HLC
    assert b"theirs" in conflict.winner.body


def test_the_same_said_twice_is_no_conflict() -> None:
    theirs = change(order(created_at=START + timedelta(hours=1)), 1, store=THERE)
    made = planned(change(order(), 3), upon=server(theirs))
    assert not made.conflicts
    assert not made.edits


def test_an_override_wins_whatever_the_clocks_say() -> None:
    theirs = change(replace(panel(0), notes="theirs"), 1, at_s=3000, store=THERE, hlc=9000)
    said = Override(
        uuid=uuid("override"), panel_uuid=panel(0).uuid, action="scrap", station_number=None, reason="r",
        decided_by=uuid("boss"), created_at=START,
    )  # fmt: skip
    scrapped: Panel = replace(panel(0), status=PanelStatus.FAILED)
    made = planned(change(said, 3), change(scrapped, 4), upon=server(theirs))
    assert made.conflicts[0].rule is Rule.OVERRIDE
    assert b"failed" in made.conflicts[0].winner.body


def test_a_finished_panel_is_not_begun_again_by_a_line_that_does_not_know_it() -> None:
    done = change(replace(panel(0), status=PanelStatus.COMPLETED), 1, at_s=10, store=THERE, hlc=5)
    anew = replace(panel(0), created_at=START + timedelta(hours=1))
    made = planned(change(anew, 3, at_s=3500, hlc=9000), upon=server(done))
    assert not made.edits
    assert made.conflicts[0].rule is Rule.ENDED


def test_the_same_conflict_has_the_same_name_seen_from_either_side() -> None:
    a = change(order(notes="a"), 1, at_s=10, hlc=100)
    b = change(order(notes="b"), 1, at_s=20, store=THERE, hlc=90)
    one = planned(a, upon=server(b)).conflicts[0]
    other = planned(b, upon=server(a, kin=frozenset({THERE}))).conflicts[0]
    assert one.uuid == other.uuid
    assert one.winner.body == other.winner.body


def test_what_came_down_follows_what_its_receiver_had_sent() -> None:
    """A server set back is fed again: first this line's version, then the other's it took over."""
    theirs = change(order(notes="theirs"), 5, store=THERE, hlc=2, received=True)
    made = planned(change(order(), 4, hlc=4), theirs, upon=server())
    assert not made.conflicts
    assert made.edits["order"][0].change is theirs
