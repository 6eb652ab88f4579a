"""A shadow run: the line beside paper, which counts, and where the two differ."""

import sys
from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, given
from daemon.cli.exits import Exit, Failed
from daemon.cli.papers import write_pages
from daemon.cli.parameters import Reason
from daemon.cli.showing import Column, Row, answer, at, more, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from daemon.shadow.typed import Typed

app = group("shadow", "A line that runs beside paper, for acceptance: paper in, differences out.")

_PAPERS = (
    Column("ID", "id"),
    Column("Paper", "name"),
    Column("Came", at("at")),
    Column("By", "by"),
    Column("Panels", "panels", right=True),
    Column("Rows", "rows", right=True),
    Column("Unread", lambda row: len(row["faults"]) or "", right=True),
    Column("", "unfit", flex=True),
)
_DIFFERENCES = 40

First = Annotated[date | None, Parameter(name="--from", help="First plant day, like 2026-11-09.")]
Last = Annotated[date | None, Parameter(name="--to", help="Last plant day, included.")]
Cause = Annotated[str | None, Parameter(help="Only differences with this cause, as the report names it.")]


@app.command
def template(
    file: Annotated[Path, Parameter(help="File to write, like paper.csv.")],
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")] = False,
) -> None:
    """Write an empty CSV file with the columns paper is copied into, each explained."""
    from daemon.shadow.template import TEMPLATE  # noqa: PLC0415 -- only here

    try:
        with file.open("x", encoding="utf-8-sig", newline="") as out:
            out.write(TEMPLATE)
    except FileExistsError as error:
        raise Failed(Exit.REFUSED, f"{file} is there already.", "Name another file.") from error
    sentence = f"{file} is written: one row for each verdict on the paper. Then: sunline shadow import {file}"
    said(To(json=as_json), {"written": str(file)}, sentence)


@app.command(name="import")
def import_(
    *files: Annotated[Path, Parameter(help="CSV files of paper.")],
    to: To = HERE,
) -> int:
    """Take in paper that was copied into CSV files. The same file twice changes nothing; bad rows are named."""
    if not files:
        raise Failed(Exit.USAGE, "FILE is missing.", "Name the files to take in.")
    found = []
    for name, raw in [(file.name, _read(file)) for file in files]:
        found.append(_brought(to, name, raw))
        if not to.json:
            said(to, found[-1], _brought_words(found[-1]))
    if to.json:
        said(to, found, "")
    return _told_faults(to, found)


@app.command
def enter(*, to: To = HERE) -> int:
    """Type or scan paper panel by panel: the serial, then what it says of each station. An empty serial ends."""
    from daemon.shadow.typed import typed_panels  # noqa: PLC0415 -- only here

    found = [_entered(to, one) for one in typed_panels(_asked)]
    said(to, found, f"{len(found)} panel{'' if len(found) == 1 else 's'} entered.")
    return _told_faults(to, found)


@app.command
def papers(*, to: To = HERE) -> None:
    """List the paper that came in."""
    found = ask(to, "shadow.papers")
    answer(to, found, lambda: table(found, _PAPERS, "No paper came in."))


@app.command
def withdraw(
    what: Annotated[str, Parameter(help="A sheet by name or id, or one row of it: monday.csv:12.")],
    *,
    reason: Reason,
    to: To = HERE,
) -> None:
    """Let paper that was copied wrongly no longer count. What is right is brought in again, corrected."""
    found = ask(to, "shadow.withdraw", what=what, reason=reason)
    said(to, found, f"{found['withdrawn']} no longer counts.")


@app.command
def report(
    *,
    first: First = None,
    last: Last = None,
    cause: Cause = None,
    every: Annotated[bool, Parameter(name="--all", negative="", help="List every difference.")] = False,
    pdf: Annotated[Path | None, Parameter(help="Write the report to this PDF.")] = None,
    to: To = HERE,
) -> None:
    """Hold the paper against the line: where they differ, what it adds up to, what may be said of it."""
    found = _report(to, first, last)
    if pdf is not None:
        from daemon.printing.shadow_report import report_pages  # noqa: PLC0415 -- fpdf costs a quarter of a second

        printed = f"printed {datetime.now().astimezone():%Y-%m-%d %H:%M}"
        write_pages(report_pages(found, _between(first, last), printed), "Shadow report", pdf, None)
        more(to, f"The report is written to {pdf}.")
    from daemon.cli.shadowshow import picture  # noqa: PLC0415 -- only where people look

    answer(to, found, lambda: picture(found, cause, None if every or cause else _DIFFERENCES))


@app.command
def explain(
    *differences: Annotated[str, Parameter(help="Ids of differences, as the report shows them.")],
    right: Annotated[
        Literal["line", "paper", "both", "neither", "unclear"],
        Parameter(help="Who was right; both: they say the same in other words."),
    ],
    reason: Reason,
    cause: Annotated[str | None, Parameter(help="Every open difference with this cause.")] = None,
    first: First = None,
    last: Last = None,
    to: To = HERE,
) -> None:
    """Say what differences come from, and who was right. It is kept with your name, and they are no longer open."""
    ids = list(differences)
    if cause is not None:
        found = _report(to, first, last)["differences"]
        ids += [one["id"] for one in found if one["cause"] == cause and not one["explained"]]
    if not ids:
        raise Failed(Exit.REFUSED, "That is no difference.", "sunline shadow report shows each with its id.")
    done = ask(to, "shadow.explain", differences=ids, right=right, reason=reason)
    count = len(done["explained"])
    said(to, done, f"{count} difference{'' if count == 1 else 's'} explained; {done['open']} open.")


@app.command
def carry(
    store: Annotated[Path, Parameter(help="The store that stood in [shadow].")],
    *,
    to: To = HERE,
) -> None:
    """Take over people with their badges, rules and criteria of a shadow run, before the first real panel."""
    done = ask(to, "shadow.carry", store=str(store.absolute()))
    people, rules, criteria = len(done["users"]), len(done["rules"]), done["criteria"]
    said(to, done, f"Taken over: {people} people, {rules} changed rules, {criteria} changed criteria.")


def _report(to: To, first: date | None, last: date | None) -> Row:
    days = given(first=first and first.isoformat(), last=last and last.isoformat())
    found: Row = ask(to, "shadow.report", **days)
    return found


def _between(first: date | None, last: date | None) -> str:
    said_ = (f"from {first}" if first else "", f"to {last}" if last else "")
    return " ".join(part for part in said_ if part) or "from the beginning"


def _read(file: Path) -> bytes:
    from daemon.shadow.reading import LARGEST_SHEET  # noqa: PLC0415 -- only here

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Failed(Exit.REFUSED, f"{file}: {error.strerror}.", "Check the path.") from error
    if len(raw) > LARGEST_SHEET:
        raise Failed(Exit.REFUSED, f"{file} has {len(raw)} bytes.", "Split it: a file for each day or week.")
    return raw


def _brought(to: To, name: str, raw: bytes) -> Row:
    found: Row = ask(to, "shadow.import", name=name, raw=b64encode(raw).decode())
    return found


def _entered(to: To, typed: "Typed") -> Row:
    found = _brought(to, f"desk-{typed.serial}", typed.raw)
    more(to, _brought_words(found))
    return found


def _asked(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    try:
        return input()
    except EOFError:
        return ""


def _brought_words(found: Row) -> str:
    rows, new = found["rows"], found["new"]
    return f"{found['name']}: {rows} row{'' if rows == 1 else 's'}, {new or 'nothing'} new."


def _told_faults(to: To, found: Sequence[Row]) -> int:
    faults = [(one["name"], fault) for one in found for fault in one["faults"]]
    for name, fault in faults:
        more(to, f"{name}:{fault['row']}: {fault['why']}")
    if faults:
        more(to, "Correct these rows and bring the file again; the others are kept.")
    return Exit.REFUSED if faults else Exit.OK
