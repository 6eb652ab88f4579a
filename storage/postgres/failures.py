"""What psycopg's errors mean for us: wait and try again, a row nobody takes, or a person is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from storage.errors import CentralAway, CentralUnfit, RowsRefused, StorageError
from storage.postgres.tables import is_written

_PASSING: Final = ("08", "40", "53", "55", "57", "25006", "25P03", "25P04", "26000")
"""Lost connection, serialisation, no resources, lock not available, shutdown; a server that became a standby; a
transaction ended for its silence or length; a statement prepared on another server behind the same address."""

_POISON: Final = ("21", "22", "23", "54")
"""Cardinality, data, constraint, limits."""

_PLAIN: Final = {
    "22001": "A text is too long for the central server",
    "22003": "A number is too large for the central server",
    "22021": "A text holds a character the central server does not store, such as NUL",
    "22P02": "A value cannot be read: it is no number, or not valid JSON",
    "22P05": "A text holds a NUL character, which the central server does not store",
    "23502": "A value is missing that the central server needs",
    "23503": "It refers to something the central server does not have",
    "23505": "The central server has another thing with the same name or number",
    "23514": "A word or number is none of those the central server knows",
}
"""Refusals in words for people; the server's own stand behind."""

_NUMBERING: Final = "_id_key"
"""Ends the names of constraints on numbers the server gives itself: no row is to blame for those."""
_TODO_NUMBERS: Final = (
    "Run there: SELECT setval(pg_get_serial_sequence('sunline.{0}', 'id'), (SELECT max(id) FROM sunline.{0}));"
)

_FORBIDDEN: Final = "42501"
_TODO_RIGHTS: Final = (
    "Lines connect as a member of the role sunline_daemon; `sunline central migrate` as the owner of the database."
)
_TODO_LOGIN: Final = "Check user, password and database in its address, and the server's pg_hba.conf."

_REFUSED_LOGIN: Final = (
    "password authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist",
    "authentication failed", "permission denied for database", "is not permitted to log in",
    "certificate verify failed",
)  # fmt: skip
"""Refusals at the door come without sqlstate: only their words, in the server's language, say it was no cut cable."""


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn what psycopg raises, and a time-out, into CentralAway, RowsRefused or CentralUnfit."""
    try:
        yield
    except TimeoutError as error:
        raise CentralAway("The central server does not answer.") from error
    except psycopg.Error as error:
        raise meaning(error) from error


def meaning(error: psycopg.Error) -> StorageError:
    """Say what an error of psycopg means."""
    said = _first_line(error)
    state = error.sqlstate
    if state is None:
        return _unstated(error, said)
    if state.startswith(_PASSING):
        return CentralAway(f"The central server cannot take anything now: {said}.")
    diag = error.diag
    if state == "23505" and (diag.constraint_name or "").endswith(_NUMBERING):
        return CentralUnfit(
            f"The central server's own numbers in {diag.table_name} begin anew, and are taken.",
            todo=_TODO_NUMBERS.format(diag.table_name),
        )
    if state == "23502" and diag.table_name and not is_written(diag.table_name, diag.column_name or ""):
        return CentralUnfit(
            f"The central server wants a {diag.column_name} in {diag.table_name}, which this program does not know.",
            todo="Update sunline on this line. Until then everything waits here.",
        )
    if state.startswith(_POISON):
        return RowsRefused(
            f"{_PLAIN.get(state, 'The central server refuses it')} ({said}).",
            sqlstate=state,
            table=diag.table_name,
            constraint=diag.constraint_name,
            detail=diag.message_detail,
        )
    if state == _FORBIDDEN:
        return CentralUnfit(f"The central server does not allow this user what is asked: {said}.", todo=_TODO_RIGHTS)
    return CentralUnfit(f"The central server does not do what this program asks ({state}): {said}.")


def _unstated(error: psycopg.Error, said: str) -> StorageError:
    if isinstance(error, psycopg.DataError):
        return RowsRefused(f"A row cannot be sent to the central server: {said}.")
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return CentralUnfit(f"Talking to the central server failed: {said}.")
    if any(words in said for words in _REFUSED_LOGIN):
        return CentralUnfit(f"The central server does not let this user in: {said}.", todo=_TODO_LOGIN)
    return CentralAway(f"The central server cannot be reached: {said}.")


def _first_line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error) or type(error).__name__
    line = text.strip().splitlines()[0].removeprefix("connection failed: ").removeprefix("connection is bad: ")
    return line.replace("FATAL:  ", "").rstrip(".")
