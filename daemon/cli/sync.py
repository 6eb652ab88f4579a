"""The exchange with the central server: how it is, what it refused, which edits contradicted each other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.exits import Exit
from daemon.cli.showing import Column, Row, answer, at, said, text, when
from daemon.cli.status import changes, room_left
from daemon.cli.tables import facts, table
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from rich.console import RenderableType

app = group("sync", "The exchange with the central server.")
quarantine = group("quarantine", "What the central server refused, and what waits for that.")
conflicts = group("conflicts", "Edits of one thing, made at two places that did not know of each other.")
app.command(quarantine)
app.command(conflicts)

Reason = Annotated[str, Parameter(help="Why; it is kept with your name.")]

_RULES: dict[str, str] = {
    "time": "later edit",
    "hlc": "higher count",
    "override": "override",
    "ended": "it was finished",
}
_KEPT: dict[str, str] = {"local": "the version that lost was brought back", "central": "left as it stands"}


def _what(row: Row) -> str:
    return text(row.get("kind")).replace("_", " ")


def _because(row: Row) -> str:
    if row.get("discarded_at"):
        return f"Discarded: {row.get('discarded_because')}"
    return f"It waits for number {row['waits_for']}." if row.get("waits_for") else text(row.get("reason"))


_LONG_S = 60
_PARKED = (
    Column("Number", "number", right=True),
    Column("What", _what),
    Column("Which", "key"),
    Column("Since", at("parked_at")),
    Column("Tries", "attempts", right=True),
    Column("Holds up", lambda row: row.get("holds_up") or "", right=True),
    Column("Because", _because, flex=True),
)
_CONFLICTS = (
    Column("Conflict", lambda row: text(row.get("id"))[:8]),
    Column("What", _what),
    Column("Which", "key"),
    Column("Found", at("found_at")),
    Column("Stands", "winner_from"),
    Column("Lost", "loser_from"),
    Column("Differs in", lambda row: ", ".join(row.get("differs") or ()), flex=True),
    Column("Settled", lambda row: _KEPT.get(text(row.get("ruling")), ""), flex=True),
)


@app.command
def status(*, to: To = HERE) -> None:
    """Show whether the line is connected, what waits to go up, and for how long the disk lasts."""
    found = ask(to, "sync.status")
    answer(to, found, lambda: facts(_facts(found)))


@app.command
def now(*, to: To = HERE) -> int:
    """Carry everything up at once, and show how it went; not all of it went: exit code 1."""
    found = ask(to, "sync.now")
    answer(to, found, lambda: facts(_facts(found)))
    return Exit.OK if found.get("connected") and not found.get("waiting") else Exit.REFUSED


@quarantine.command(name="list")
def parked(
    *,
    every: Annotated[bool, Parameter(name="--all", negative="", help="Also what only waits for another.")] = False,
    to: To = HERE,
) -> None:
    """List what the server refused, and how much waits for each. Everything else goes up past it."""
    rows = ask(to, "sync.parked")
    answer(to, rows, lambda: table(rows if every else _causes(rows), _PARKED, "Nothing is parked."))


@quarantine.command
def retry(number: Annotated[int | None, Parameter(help="Its number; none: all.")] = None, *, to: To = HERE) -> None:
    """Try parked changes again, after their cause was removed."""
    found = ask(to, "sync.retry", number=number)
    left = [row for row in found["parked"] if not row.get("discarded_at")]
    why = ": see sunline sync quarantine list" if left else ""
    said(to, found, f"{found['tried'] - len(left)} of {found['tried']} went up, {len(left)} are still parked{why}.")


@quarantine.command
def discard(number: int, *, reason: Reason, to: To = HERE) -> None:
    """Let a parked change be: it stays on this line and never goes up."""
    row = ask(to, "sync.discard", number=number, reason=reason)
    said(to, row, f"Number {number} stays on this line.")


@conflicts.command(name="list")
def conflicts_list(
    *,
    every: Annotated[bool, Parameter(name="--all", negative="", help="Also those settled.")] = False,
    to: To = HERE,
) -> None:
    """List the conflicts found. One version of each stands already; the other is kept here."""
    rows = ask(to, "sync.conflicts", settled=every)
    answer(to, rows, lambda: table(rows, _CONFLICTS, "There are no conflicts."))


@conflicts.command
def show(conflict: Annotated[str, Parameter(help="Its id or the first digits of it.")], *, to: To = HERE) -> None:
    """Show both versions of a conflict where they differ; with --json, all of both."""
    found = ask(to, "sync.conflict", conflict=conflict)
    answer(to, found, lambda: _both(found))


@conflicts.command
def resolve(
    conflict: Annotated[str, Parameter(help="Its id or the first digits of it.")],
    *,
    keep: Annotated[
        Literal["local", "central"], Parameter(help="local: bring back the one that lost; central: leave it.")
    ],
    reason: Reason,
    to: To = HERE,
) -> None:
    """Settle a conflict: keep the version that stands, or bring back the one that lost."""
    row = ask(to, "sync.resolve", conflict=conflict, keep=keep, reason=reason)
    stays = "The version that lost is the newest again" if keep == "local" else "The version that stands stays"
    said(to, row, f"{stays}: {_what(row)} {row['key']}.")


def _causes(rows: Sequence[Row]) -> list[Row]:
    """Give what waits for nothing else, with how much waits for it, directly or not."""
    waits_for = {row["number"]: row.get("waits_for") for row in rows}
    cause = {number: _cause(number, waits_for) for number in waits_for}
    held_up = Counter(cause.values())
    return [{**row, "holds_up": held_up[row["number"]] - 1} for row in rows if cause[row["number"]] == row["number"]]


def _cause(number: int, waits_for: Mapping[int, int | None]) -> int:
    while (next_ := waits_for.get(number)) is not None and next_ < number:
        number = next_
    return number


def _facts(found: Row) -> list[tuple[str, object]]:
    here, offset, days = found.get("connected"), found.get("clock_offset_s"), found.get("days_left")
    return [
        ("Central server", f"{'connected' if here else 'not connected'} since {when(found.get('since'))}"),
        ("Address", found.get("server")),
        ("Trouble", found.get("trouble")),
        ("What to do", found.get("todo")),
        ("Waiting", changes(found["waiting"], "to go up", "to go up") if found.get("waiting") else "nothing"),
        ("Oldest", _age(found.get("oldest_age_s")) if found.get("waiting") else ""),
        ("Held back", _held_back(found.get("held_back_s") or 0.0)),
        ("Parked", f"{found['parked']}: see sunline sync quarantine list" if found.get("parked") else ""),
        (
            "Not taken",
            f"{found['refused']} from the server fit no rule here: see the log" if found.get("refused") else "",
        ),
        ("Disk", f"{room_left(days)} at this week's pace" if days else ""),
        ("Clock", "" if offset is None or not here else _clock(offset)),
        ("Other daemon", f"on {found['rival']} runs this line too: stop one of the two" if found.get("rival") else ""),
        ("Redis", _redis(found["redis"]) if found.get("redis") else ""),
    ]


def _held_back(seconds: float) -> str:
    """Say that nothing comes down; a minute is no reason to."""
    if seconds < _LONG_S:
        return ""
    return f"what comes down, for {seconds / _LONG_S:.0f} min: a transaction was left open on the server; end it there"


def _redis(found: Row) -> str:
    if not found.get("since"):
        return "not asked yet"
    state = f"{'connected' if found.get('connected') else 'not connected'} since {when(found['since'])}"
    return " ".join(part for part in (f"{state}." if found.get("trouble") else state, *_trouble(found)) if part)


def _trouble(found: Row) -> tuple[str, str]:
    return text(found.get("trouble")), text(found.get("todo"))


def _clock(offset_s: float) -> str:
    if abs(offset_s) < 1:
        return "agrees with the server's"
    side = "ahead of" if offset_s > 0 else "behind"
    return f"{_span(abs(offset_s))} {side} the server's: check time synchronisation on this PC and the server"


def _age(seconds: float | None) -> str:
    return f"{_span(seconds)} ago" if seconds else ""


def _span(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def _both(found: Row) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415 -- only where people look

    rule = _RULES.get(found["rule"], found["rule"])
    told = facts([
        ("Conflict", f"{_what(found)} {found['key']}, found {when(found['found_at'])}"),
        ("Stands", f"{found['winner_from']}, {_edited(found['winner'])} ({rule})"),
        ("Lost", f"{found['loser_from']}, {_edited(found['loser'])}"),
        ("Settled", _KEPT.get(text(found.get("ruling")))),
    ])  # fmt: skip
    return Group(told, "", table(_fields(found), _SIDES, "Both say the same."))


_SIDES = (Column("Field", "field"), Column("Stands", "winner", flex=True), Column("Lost", "loser", flex=True))


def _edited(side: Row) -> str:
    edited = when(side.get("edited_at"))
    return f"edited {edited}" if edited else "edited at an unknown time"


def _fields(found: Row) -> list[Row]:
    winner, loser = found["winner"]["values"], found["loser"]["values"]
    return [{"field": name, "winner": winner.get(name), "loser": loser.get(name)} for name in found["differs"]]
