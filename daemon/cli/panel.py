"""Panels."""

from typing import Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.parameters import After, Limit, OfOrder, Reason, Serial, Since, Source, Station, Until
from daemon.cli.pieces import moment, show_piece
from daemon.cli.showing import Column, Row, answer, at, said, when
from daemon.cli.where import HERE, To

app = group("panel", "Panels: find them, read their history, decide against the rules.")


def _verdict(row: Row) -> object:
    """Give a verdict; one that was taken back is one no more."""
    result = row.get("result")
    return f"{result} (taken back)" if row.get("voided") and result != "VOID" else result


_COLUMNS = (
    Column("Serial", "serial_number"),
    Column("Order", "mo_number"),
    Column("Type", "panel_type"),
    Column("Status", "status", styled=True),
    Column("Station", "current_station", right=True),
    Column("Since", at("created_at")),
    Column("Notes", "notes", flex=True),
)
_NOTES = (
    Column("Written", at("created_at")),
    Column("Serial", "serial_number"),
    Column("Order", "mo_number"),
    Column("Status", "status", styled=True),
    Column("Station", "station_number", right=True),
    Column("Result", _verdict, styled=True),
    Column("By", "operator"),
    Column("Criterion", "criterion", flex=True),
    Column("Note", "notes", flex=True),
)
_RESULTS = (
    Column("Decided", at("created_at")),
    Column("Serial", "serial_number"),
    Column("Order", "mo_number"),
    Column("Station", "station_number", right=True),
    Column("Result", _verdict, styled=True),
    Column("By", "operator"),
    Column("Status", "status", styled=True),
    Column("Note", "notes", flex=True),
)
_FAILED = (
    Column("Serial", "serial_number"),
    Column("Order", "mo_number"),
    Column("Type", "panel_type"),
    Column("Since", at("created_at")),
    Column("Failed", lambda row: when((row.get("verdict") or {}).get("created_at"))),
    Column("Station", lambda row: (row.get("verdict") or {}).get("station_number"), right=True),
    Column("By", lambda row: (row.get("verdict") or {}).get("operator")),
    Column("Because", lambda row: (row.get("verdict") or {}).get("notes"), flex=True),
)

PanelStatus = Annotated[
    Literal["in_production", "rework", "completed", "scrap", "failed"] | None, Parameter(help="The panel is this now.")
]


def _stored(status: str | None) -> str | None:
    return "failed" if status == "scrap" else status


@app.command
def show(serial: Serial, *, to: To = HERE) -> None:
    """Show everything that happened to a panel, oldest first."""
    from daemon.cli.timeline import history  # noqa: PLC0415 -- only here

    found = ask(to, "panel.show", serial=serial)
    answer(to, found, lambda: history(found))


@app.command(name="list")
def list_(
    *,
    status: PanelStatus = None,
    station: Annotated[int | None, Parameter(help="Expected at this station, 1 to 4.")] = None,
    order: OfOrder = None,
    limit: Limit = 100,
    after: After = None,
    source: Source = "local",
    to: To = HERE,
) -> None:
    """List panels, newest first, only those that fit everything given."""
    show_piece(
        to, "panel.list", _COLUMNS, "There are no such panels.", status=_stored(status), station=station, order=order,
        limit=limit, after=after, source=source,
    )  # fmt: skip


@app.command
def search(  # noqa: PLR0913 -- one parameter an option
    *words: Annotated[str, Parameter(help="What the note says: whole words, all of them, in any order.")],
    status: PanelStatus = None,
    order: OfOrder = None,
    station: Annotated[int | None, Parameter(help="Written at this station, 1 to 4.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    after: After = None,
    source: Source = "auto",
    to: To = HERE,
) -> None:
    """Search the notes on panels, on results and on criteria, newest first."""
    show_piece(
        to, "panel.search", _NOTES, "No note has all of these words.", text=" ".join(words), status=_stored(status),
        order=order, station=station, since=moment(since), until=moment(until), limit=limit, after=after,
        source=source,
    )  # fmt: skip


@app.command
def failed(
    *, order: OfOrder = None, limit: Limit = 50, after: After = None, source: Source = "auto", to: To = HERE
) -> None:
    """List the panels that are scrap, newest first, each with the verdict that failed it last."""
    none = "No panel is scrap."
    show_piece(to, "panel.failed", _FAILED, none, order=order, limit=limit, after=after, source=source)


@app.command
def cosmetic(  # noqa: PLR0913 -- one parameter an option
    *,
    order: OfOrder = None,
    station: Annotated[int | None, Parameter(help="Found at this station, 1 to 4.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    after: After = None,
    source: Source = "auto",
    to: To = HERE,
) -> None:
    """List the cosmetic defects (B) that nobody took back, newest first."""
    show_piece(
        to, "panel.results", _RESULTS, "There are no cosmetic defects.", result="B", standing=True, order=order,
        station=station, since=moment(since), until=moment(until), limit=limit, after=after, source=source,
    )  # fmt: skip


@app.command
def results(  # noqa: PLR0913 -- one parameter an option
    *,
    result: Annotated[Literal["PASS", "FAIL", "B", "VOID"] | None, Parameter(help="Only this verdict.")] = None,
    order: OfOrder = None,
    station: Annotated[int | None, Parameter(help="Of this station, 1 to 4.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    after: After = None,
    source: Source = "auto",
    to: To = HERE,
) -> None:
    """List the verdicts of the stations, newest first; those taken back are marked."""
    show_piece(
        to, "panel.results", _RESULTS, "There are no such results.", result=result, order=order, station=station,
        since=moment(since), until=moment(until), limit=limit, after=after, source=source,
    )  # fmt: skip


@app.command
def move(serial: Serial, station: Station, *, reason: Reason, to: To = HERE) -> None:
    """Let a panel be worked on at another station than it is expected at."""
    panel = ask(to, "panel.move", serial=serial, station=station, reason=reason)
    said(to, panel, f"{serial} is now expected at station {station}.")


@app.command
def scrap(serial: Serial, *, reason: Reason, to: To = HERE) -> None:
    """Take a panel off the line for good."""
    panel = ask(to, "panel.scrap", serial=serial, reason=reason)
    said(to, panel, f"{serial} is scrap.")


@app.command
def undo(serial: Serial, *, reason: Reason, to: To = HERE) -> None:
    """Take back the last verdict on a panel, however old."""
    panel = ask(to, "panel.undo", serial=serial, reason=reason)
    where = panel.get("current_station") if isinstance(panel, dict) else None
    said(
        to,
        panel,
        f"The last verdict on {serial} is taken back" + (f"; it is expected at station {where}." if where else "."),
    )


@app.command
def note(serial: Serial, text: Annotated[str, Parameter(help="The note, in quotes.")], *, to: To = HERE) -> None:
    """Write a note on a panel."""
    panel = ask(to, "panel.note", serial=serial, text=text)
    said(to, panel, f"Noted on {serial}.")
