"""The exchange with the central server: how it is, what it refused, which edits contradicted each other."""

from typing import Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.showing import Column, Row, answer, at, said, text, when
from daemon.cli.tables import facts, table
from daemon.cli.where import HERE, To

app = group("sync", "The exchange with the central server.")
quarantine = group("quarantine", "What the central server refused, and what waits for that.")
conflicts = group("conflicts", "Edits of one thing, made at two places that did not know of each other.")
app.command(quarantine)
app.command(conflicts)

Reason = Annotated[str, Parameter(help="Why; it is kept with your name.")]

_RULES: dict[str, str] = {"time": "later edit", "hlc": "higher count", "override": "override"}
_PARKED = (
    Column("Number", "number", right=True),
    Column("What", "kind"),
    Column("Since", at("parked_at")),
    Column("Tries", "attempts", right=True),
    Column("Discarded", at("discarded_at")),
    Column("Because", "reason", flex=True),
)
_CONFLICTS = (
    Column("Conflict", lambda row: text(row.get("id"))[:8]),
    Column("What", "kind"),
    Column("Which", "key"),
    Column("Found", at("found_at")),
    Column("Stands", "winner_from"),
    Column("Lost", "loser_from"),
    Column("Decided by", lambda row: _RULES.get(text(row.get("rule")), row.get("rule"))),
    Column("Kept", "ruling"),
    Column("Differs in", lambda row: ", ".join(row.get("differs") or ()), flex=True),
)


@app.command
def status(*, to: To = HERE) -> None:
    """Show whether the line is connected, what waits to go up, and for how long the disk lasts."""
    found = ask(to, "sync.status")
    answer(to, found, lambda: facts(_facts(found)))


@app.command
def now(*, to: To = HERE) -> None:
    """Carry everything up at once, and show how it went."""
    found = ask(to, "sync.now")
    answer(to, found, lambda: facts(_facts(found)))


@quarantine.command(name="list")
def parked(*, to: To = HERE) -> None:
    """List what is parked. Everything else goes up past it."""
    rows = ask(to, "sync.parked")
    answer(to, rows, lambda: table(rows, _PARKED, "Nothing is parked."))


@quarantine.command
def retry(number: Annotated[int | None, Parameter(help="Its number; none: all.")] = None, *, to: To = HERE) -> None:
    """Try parked changes again, after their cause was removed."""
    found = ask(to, "sync.retry", number=number)
    left = [row for row in found["parked"] if not row.get("discarded_at")]
    said(to, found, f"{found['tried'] - len(left)} of {found['tried']} went up; {len(left)} are still parked.")


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
    """Show both versions of a conflict, field by field."""
    found = ask(to, "sync.conflict", conflict=conflict)
    answer(to, found, lambda: table(_fields(found), _sides(found)))


@conflicts.command
def resolve(
    conflict: Annotated[str, Parameter(help="Its id or the first digits of it.")],
    *,
    keep: Annotated[
        Literal["local", "central"], Parameter(help="local: the one that lost; central: the one that stands.")
    ],
    reason: Reason,
    to: To = HERE,
) -> None:
    """Settle a conflict: keep the version that stands, or bring back the one that lost."""
    row = ask(to, "sync.resolve", conflict=conflict, keep=keep, reason=reason)
    stays = "The version that lost is the newest again" if keep == "local" else "The version that stands stays"
    said(to, row, f"{stays}: {row['kind']} {row['key']}.")


def _facts(found: Row) -> list[tuple[str, object]]:
    since = when(found.get("since"))
    state = f"connected since {since}" if found.get("connected") else f"not connected since {since}"
    offset = found.get("clock_offset_s")
    return [
        ("Central server", state),
        ("Address", found.get("server")),
        ("Trouble", " ".join(part for part in (found.get("trouble"), found.get("todo")) if part)),
        ("Waiting", f"{found['waiting']} changes" if found.get("waiting") else "nothing: everything is up"),
        ("Oldest", _age(found.get("oldest_age_s")) if found.get("waiting") else ""),
        ("Parked", f"{found['parked']}: see sunline sync quarantine list" if found.get("parked") else ""),
        ("Disk", f"about {found['days_left']:.0f} days left at this week's pace" if found.get("days_left") else ""),
        ("Clock", "" if offset is None else _clock(offset)),
        ("Other daemon", f"{found['rival']} holds this line on the server: stop one" if found.get("rival") else ""),
    ]


def _clock(offset_s: float) -> str:
    if abs(offset_s) < 1:
        return "agrees with the server's"
    return f"{abs(offset_s):.0f} s {'ahead of' if offset_s > 0 else 'behind'} the server's: check time synchronisation"


def _age(seconds: float | None) -> str:
    if not seconds:
        return ""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit} ago"
    return f"{seconds:.0f} s ago"


def _sides(found: Row) -> tuple[Column, ...]:
    return (
        Column("Field", "field"),
        Column(f"Stands ({found['winner_from']}, {_edited(found['winner'])})", "winner", flex=True),
        Column(f"Lost ({found['loser_from']}, {_edited(found['loser'])})", "loser", flex=True),
        Column("", "mark"),
    )


def _edited(side: Row) -> str:
    return when(side.get("edited_at")) or "time unknown"


def _fields(found: Row) -> list[Row]:
    winner, loser = found["winner"]["values"], found["loser"]["values"]
    marks = dict.fromkeys(found["differs"], "<")
    return [
        {"field": name, "winner": winner.get(name), "loser": loser.get(name), "mark": marks.get(name)}
        for name in sorted({*winner, *loser})
    ]
