"""The exchange with the central server, as people read it on 80 columns."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from daemon.cli.showing import at, when
from tests.daemon.cli import samples as s
from tests.daemon.cli.fake import FakeLine

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli, Ended

Body = dict[str, Any]
UP: Body = {
    "connected": True, "since": s.AT, "trouble": "", "todo": "", "waiting": 0, "oldest": None, "oldest_age_s": 0.0,
    "parked": 0, "days_left": 812.4, "rival": "", "at": s.AT, "clock_offset_s": 0.2, "held_back_s": 0.0,
    "server": "user=line1 dbname=sunline host=db.plant", "redis": {"connected": True, "since": s.AT},
}  # fmt: skip
AWAY: Body = {
    **UP, "connected": False, "trouble": "The central server cannot be reached: Connection refused.",
    "todo": "Nothing to do at the line: it works on.", "waiting": 1204, "oldest_age_s": 3 * 86400.0, "parked": 2,
    "days_left": 90_000.0,
}  # fmt: skip
ID = "d55f566a-0000-7000-8000-000000000001"
CONFLICT: Body = {
    "id": ID, "kind": "order_choice", "key": "60", "rule": "time", "found_at": s.AT, "differs": ["quantity"],
    "winner_from": "line 2", "loser_from": "the server", "ruling": None,
    "winner": {"from": "line 2", "edited_at": s.AT, "values": {"quantity": 70, "status": "active"}},
    "loser": {"from": "the server", "edited_at": None, "values": {"quantity": 60, "status": "active"}},
}  # fmt: skip
PARKED: Body = {
    "number": 48, "kind": "order", "key": "MO-4", "uuid": ID, "reason": "A text is too long.", "sqlstate": "22001",
    "because_of": None, "waits_for": None, "attempts": 1, "parked_at": s.AT, "discarded_at": None,
    "discarded_because": None,
}  # fmt: skip
WAITS: Body = {**PARKED, "number": 49, "kind": "order_choice", "key": "60", "because_of": ID, "waits_for": 48}
LET_BE: Body = {**PARKED, "number": 50, "discarded_at": s.AT, "discarded_because": "ordered twice"}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def told(cli: "Cli", line: FakeLine, command: str, op: str, answer: object) -> "Ended":
    line.answers[op] = answer
    return cli(*command.split(), socket=line.path)


def words(ended: "Ended") -> str:
    assert not ended.err
    assert all(len(text) <= 80 for text in ended.out.splitlines())
    return " ".join(ended.out.split())


@pytest.mark.usefixtures("narrow")
def test_a_connected_line_says_so_and_nothing_that_would_worry(cli: "Cli", line: FakeLine) -> None:
    said = words(told(cli, line, "sync status", "sync.status", UP))
    assert f"Central server connected since {when(s.AT)}" in said
    assert "Waiting nothing" in said
    assert "about 812 days left at this week's pace" in said
    assert "agrees with the server's" in said
    assert "Redis connected since" in said
    assert not {"Trouble", "Parked", "Oldest", "Other"} & set(said.split())


@pytest.mark.usefixtures("narrow")
def test_a_line_that_is_away_says_why_what_to_do_and_what_waits(cli: "Cli", line: FakeLine) -> None:
    redis = {"connected": False, "since": s.AT, "trouble": "Redis is full.", "todo": "Nothing is lost."}
    said = words(told(cli, line, "sync status", "sync.status", {**AWAY, "redis": redis}))
    assert "not connected since" in said
    assert "Trouble The central server cannot be reached: Connection refused." in said
    assert "What to do Nothing to do at the line: it works on." in said
    assert "Waiting 1204 changes to go up Oldest 3.0 days ago" in said
    assert "Parked 2: see sunline sync quarantine list" in said
    assert "room for more than ten years" in said
    assert "Clock" not in said  # what it was before is not what it is
    assert ". Redis is full. Nothing is lost." in said


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("seconds", "said"), [(59.0, False), (300.0, True)])
def test_news_held_back_for_long_is_told(cli: "Cli", line: FakeLine, seconds: float, said: bool) -> None:
    found = words(told(cli, line, "sync status", "sync.status", {**UP, "held_back_s": seconds}))
    assert ("Held back what comes down, for 5 min" in found) == said


def test_names_keep_their_underscores(cli: "Cli", line: FakeLine) -> None:
    answer = {**AWAY, "trouble": "permission denied for table line_leases", "server": "dbname=sun_line"}
    said = words(told(cli, line, "sync status", "sync.status", answer))
    assert "line_leases" in said
    assert "sun_line" in said


@pytest.mark.parametrize(("answer", "status"), [(UP, 0), (AWAY, 1), ({**UP, "waiting": 1}, 1)])
def test_now_ends_with_1_while_something_waits(cli: "Cli", line: FakeLine, answer: Body, status: int) -> None:
    assert told(cli, line, "sync now", "sync.now", answer).status == status
    ended = told(cli, line, "sync now --json", "sync.now", answer)
    assert (ended.status, json.loads(ended.out)) == (status, answer)


@pytest.mark.parametrize(
    ("central", "said"),
    [
        ({"connected": True, "since": s.AT, "waiting": 0, "parked": 0}, "Central server connected since"),
        ({"connected": True, "since": s.AT, "waiting": 1, "parked": 0}, ", 1 change waits"),
        ({"connected": False, "since": s.AT, "waiting": 7, "parked": 2},
         ", 7 changes wait, 2 parked (sunline sync status)"),
        ({"connected": False, "since": s.AT, "waiting": None, "parked": None}, " (sunline sync status)"),
        ({"connected": True, "since": s.AT, "waiting": 0, "parked": 0, "rival": "pc9"},
         ", pc9 runs this line too (sunline sync status)"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("narrow")
def test_the_status_of_a_line_has_one_row_about_the_server(
    cli: "Cli", line: FakeLine, central: Body, said: str
) -> None:
    out = told(cli, line, "status", "line.status", {**s.STATUS, "central": central}).out
    assert said in " ".join(out.split())
    assert out.count("Central server") == 1


def test_a_line_without_a_central_server_says_nothing_about_one(cli: "Cli", line: FakeLine) -> None:
    assert "Central" not in told(cli, line, "status", "line.status", {**s.STATUS, "central": None}).out


@pytest.mark.usefixtures("narrow")
def test_what_is_parked_is_named_with_what_it_waits_for(cli: "Cli", line: FakeLine) -> None:
    last = {**WAITS, "number": 51, "kind": "panel", "waits_for": 49}
    said = words(told(cli, line, "sync quarantine list", "sync.parked", [PARKED, WAITS, LET_BE, last]))
    assert f"48 order MO-4 {at('at')({'at': s.AT})} 1 2 " in said
    assert "49 order choice" not in said
    assert "Discarded: ordered twice" in said
    said = words(told(cli, line, "sync quarantine list --all", "sync.parked", [PARKED, WAITS, LET_BE, last]))
    assert "48 order MO-4" in said
    assert "A text is too long." in said
    assert "49 order choice 60" in said
    assert "It waits for number 48." in said
    empty = told(cli, line, "sync quarantine list", "sync.parked", [])
    assert "Nothing is parked." in empty.out


def test_a_retry_counts_what_went_and_says_where_to_read_on(cli: "Cli", line: FakeLine) -> None:
    found = told(cli, line, "sync quarantine retry", "sync.retry", {"tried": 3, "parked": [PARKED]})
    assert words(found) == "2 of 3 went up, 1 are still parked: see sunline sync quarantine list."
    found = told(cli, line, "sync quarantine retry 48", "sync.retry", {"tried": 1, "parked": []})
    assert words(found) == "1 of 1 went up, 0 are still parked."
    assert line.asked[-1] == ("sync.retry", {"number": 48})


@pytest.mark.usefixtures("narrow")
def test_a_conflict_shows_who_stands_who_lost_and_only_what_differs(cli: "Cli", line: FakeLine) -> None:
    said = words(told(cli, line, "sync conflicts show d55f566a", "sync.conflict", CONFLICT))
    assert "Conflict order choice 60, found" in said
    assert f"Stands line 2, edited {when(s.AT)} (later edit)" in said
    assert "Lost the server, edited at an unknown time" in said
    assert "quantity 70 60" in said
    assert "status" not in said
    assert "Settled" not in said
    settled = {**CONFLICT, "ruling": "local", "differs": []}
    said = words(told(cli, line, "sync conflicts show d55f566a", "sync.conflict", settled))
    assert "Settled the version that lost was brought back" in said
    assert "Both say the same." in said


@pytest.mark.usefixtures("narrow")
def test_conflicts_are_listed_with_how_they_were_settled(cli: "Cli", line: FakeLine) -> None:
    settled = {**CONFLICT, "ruling": "central"}
    said = words(told(cli, line, "sync conflicts list --all", "sync.conflicts", [CONFLICT, settled]))
    assert "d55f566a order choice 60" in said
    assert "Differs in: quantity" in said
    assert "Settled: left as it stands" in said
    assert line.asked[-1] == ("sync.conflicts", {"settled": True})


@pytest.mark.parametrize(("keep", "said"), [("local", "is the newest again"), ("central", "stays")])
def test_a_ruling_says_which_version_counts_now(cli: "Cli", line: FakeLine, keep: str, said: str) -> None:
    ended = told(cli, line, f"sync conflicts resolve d55f566a --keep {keep} --reason x", "sync.resolve", CONFLICT)
    assert f"{said}: order choice 60." in words(ended)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    ("offset_s", "said"),
    [(0.4, "agrees with the server's"), (-12.0, "12 s behind the"), (10_800.0, "3.0 h ahead of the"),
     (-864_000.0, "10.0 days behind the")],
)  # fmt: skip
def test_a_wrong_clock_is_told_in_units_people_use(cli: "Cli", line: FakeLine, offset_s: float, said: str) -> None:
    assert said in words(told(cli, line, "sync status", "sync.status", {**UP, "clock_offset_s": offset_s}))
