"""People, their roles and their badges."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, given
from daemon.cli.exits import Exit, Failed
from daemon.cli.papers import write_pages
from daemon.cli.parameters import Username
from daemon.cli.showing import Column, Row, answer, at, said
from daemon.cli.tables import table
from daemon.cli.where import HERE, To

app = group("user", "People, their roles and printed badges.")

RoleName = Literal["operator", "supervisor", "admin"]
Pdf = Annotated[Path | None, Parameter(help="Write the badge card to this PDF.")]
Html = Annotated[Path | None, Parameter(help="Write the badge card to this HTML file.")]

_COLUMNS = (
    Column("User", "username"),
    Column("Role", "role"),
    Column("Station", lambda row: row.get("station_assignment") or row.get("station")),
    Column("Login", "os_user"),
    Column("Active", "active"),
    Column("Last seen", at("last_login")),
    Column("E-mail", "email", flex=True),
)


@app.command
def add(  # noqa: PLR0913 -- one parameter an option
    username: Username,
    role: Annotated[RoleName, Parameter(help="What the person may do; each role may do what those before it may.")],
    *,
    email: Annotated[str | None, Parameter(help="E-mail address.")] = None,
    station: Annotated[int | None, Parameter(help="The only station to work at; none: every one.")] = None,
    os_user: Annotated[str | None, Parameter(help="Login on the line computer that is this person.")] = None,
    badge: Annotated[bool, Parameter(negative="", help="Give a badge; its token is shown once.")] = False,
    password: Annotated[bool, Parameter(negative="", help="Ask for a password.")] = False,
    pdf: Pdf = None,
    html: Html = None,
    to: To = HERE,
) -> None:
    """Add a person. Root may add the first admin."""
    words = _password() if password else None
    wanted = badge or pdf is not None or html is not None
    more = given(email=email, station=station, os_user=os_user, password=words)
    user = ask(to, "user.add", username=username, role=role, badge=wanted, **more)
    said(to, user, f"{username} is now {role}." + _badge_sentence(user, username, role, pdf, html))


@app.command(name="list")
def list_(*, to: To = HERE) -> None:
    """List people."""
    users = ask(to, "user.list")
    answer(to, users, lambda: table(users, _COLUMNS, "There are no users: as root, add the first admin."))


@app.command
def badge(username: Username, *, pdf: Pdf = None, html: Html = None, to: To = HERE) -> None:
    """Give a new badge; the old one stops working at once. Print it with --pdf or --html."""
    user = ask(to, "user.badge", username=username)
    role = user.get("role") or (user.get("user") or {}).get("role") or ""
    said(to, user, f"{username} has a new badge." + _badge_sentence(user, username, role, pdf, html))


@app.command
def password(
    username: Username,
    *,
    stdin: Annotated[bool, Parameter(negative="", help="Read it from the first line of stdin.")] = False,
    to: To = HERE,
) -> None:
    """Set a password; it is asked for, never given on the command line."""
    done = ask(to, "user.password", username=username, password=_stdin_line() if stdin else _password())
    said(to, done, f"{username} has a new password.")


@app.command(name="sign-in")
def sign_in(
    username: Username,
    *,
    station: Annotated[int, Parameter(help="Where to work.")],
    stdin: Annotated[bool, Parameter(negative="", help="Read the password from the first line of stdin.")] = False,
    to: To = HERE,
) -> None:
    """Sign in at a station by name and password, where no badge is at hand."""
    password = _stdin_line() if stdin else _asked("Password: ")
    user = ask(to, "user.sign_in", station=station, username=username, password=password)
    said(to, user, f"{username} is signed in at station {station}.")


@app.command(name="set")
def set_(  # noqa: PLR0913 -- one parameter an option
    username: Username,
    *,
    role: Annotated[RoleName | None, Parameter(help="What the person may do.")] = None,
    station: Annotated[int | None, Parameter(help="The only station to work at.")] = None,
    email: Annotated[str | None, Parameter(help="E-mail address.")] = None,
    os_user: Annotated[str | None, Parameter(help="Login on the line computer that is this person.")] = None,
    active: Annotated[bool | None, Parameter(negative="--inactive", help="May sign in.")] = None,
    anywhere: Annotated[bool, Parameter(negative="", help="May work at every station.")] = False,
    to: To = HERE,
) -> None:
    """Change a person's role, station, e-mail, login, or whether they may sign in."""
    changes = given(role=role, station=station, email=email, os_user=os_user, active=active)
    changes |= {"station": None} if anywhere else {}
    user = ask(to, "user.set", username=username, **changes)
    said(to, user, f"{username} is changed.")


def _badge_sentence(user: Row, username: str, role: str, pdf: Path | None, html: Path | None) -> str:
    token = user.get("badge_token")
    if not token:
        return ""
    if pdf is None and html is None:
        return f" Badge token, shown only now: {token}"
    from daemon.printing import Badge, badge_pages  # noqa: PLC0415 -- only where a badge is printed

    pages = badge_pages(Badge(username, role, str(token)))
    written = write_pages(pages, f"Badge of {username}", pdf, html)
    return f" Badge written to {' and '.join(written)}: print it, then delete the file.{_boxes(username, pdf)}"


def _boxes(username: str, pdf: Path | None) -> str:
    from daemon.printing.pdf import unprintable  # noqa: PLC0415 -- as above

    missing = unprintable(username) if pdf else ""
    return f" The PDF cannot show {missing}: use --html." if missing else ""


def _asked(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        raise Failed(Exit.USAGE, "There is no terminal to ask for a password.", "Give it with --stdin.") from error


def _password() -> str:
    first, again = _asked("New password: "), _asked("Once more: ")
    if first != again:
        raise Failed(Exit.USAGE, "The two passwords differ.", "Try again.")
    return first


def _stdin_line() -> str:
    words = sys.stdin.readline().rstrip("\n")
    if not words:
        raise Failed(Exit.USAGE, "There is no password on stdin.", "Give it as the first line.")
    return words
