"""What each station looks at."""

from typing import Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, given
from daemon.cli.parameters import Station
from daemon.cli.showing import Column, answer, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("criterion", "What each station looks at. Print new command sheets after a change.")

OfLine = Annotated[int | None, Parameter(name="--only-line", help="Only on this line; N/A on the others.")]

_COLUMNS = (
    Column("Station", lambda row: row.get("station_number") or row.get("station"), right=True),
    Column("No.", lambda row: row.get("order_index") or row.get("number"), right=True),
    Column("Code", "code"),
    Column("Name", lambda row: row.get("criterion_name") or row.get("name"), flex=True),
    Column("Line", "line_number", right=True),
    Column("Active", "active"),
)


@app.command(name="list")
def list_(
    *, station: Annotated[int | None, Parameter(help="Only of this station, 1 to 4.")] = None, to: To = HERE
) -> None:
    """List the criteria, of one station or all."""
    rows = ask(to, "criterion.list", **given(station=station))
    answer(to, rows, lambda: table(rows, _COLUMNS, "There are no criteria."))


@app.command
def add(
    code: Annotated[str, Parameter(help="Lasting name for programs, like glass_placement.")],
    station: Station,
    name: Annotated[str, Parameter(help="What the operator reads.")],
    number: Annotated[int, Parameter(help="Number on the command sheet, 1 to 99.")],
    *,
    only_line: OfLine = None,
    to: To = HERE,
) -> None:
    """Add a criterion: its lasting code, its station, its name, its number on the command sheet."""
    where = given(line_number=only_line)
    row = ask(to, "criterion.add", code=code, station=station, name=name, order_index=number, **where)
    said(to, row, f"Station {station} now looks at {name} ({number}). Print its command sheet again.")


@app.command(name="set")
def set_(
    code: Annotated[str, Parameter(help="Code of the criterion, as listed.")],
    *,
    name: Annotated[str | None, Parameter(help="What the operator reads.")] = None,
    number: Annotated[int | None, Parameter(help="Number on the command sheet, 1 to 99.")] = None,
    active: Annotated[bool | None, Parameter(negative="--inactive", help="Is looked at.")] = None,
    only_line: OfLine = None,
    every_line: Annotated[bool, Parameter(negative="", help="On every line again.")] = False,
    to: To = HERE,
) -> None:
    """Reword, renumber, switch off or on a criterion, or bind it to one line."""
    changes = given(name=name, order_index=number, active=active, line_number=only_line)
    changes |= {"line_number": None} if every_line else {}
    row = ask(to, "criterion.set", code=code, **changes)
    said(to, row, f"{code} is changed. Print the command sheets again.")
