"""The rules of the factory (`system_config`)."""

from typing import Annotated

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask
from daemon.cli.showing import Column, answer, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("rule", "The rules of the factory: sizes, patterns, times.")

_COLUMNS = (
    Column("Rule", "key"),
    Column("Value", "value", flex=True),
    Column("Meaning", "description", flex=True),
    Column("Takes", "takes", flex=True),
)


@app.command(name="list")
def list_(*, to: To = HERE) -> None:
    """List every rule with its value, what it means and what it takes."""
    rows = ask(to, "rule.list")
    answer(to, rows, lambda: table(rows, _COLUMNS, "There are no rules."))


@app.command(name="set")
def set_(
    key: Annotated[str, Parameter(help="Name of the rule.")],
    value: Annotated[str, Parameter(help="New value, in quotes where it has blanks.")],
    *,
    to: To = HERE,
) -> None:
    """Change a rule. `sunline rule list` says what each one takes; a value that cannot work is refused."""
    row = ask(to, "rule.set", key=key, value=value)
    said(to, row, f"{key} is now {value}.")
