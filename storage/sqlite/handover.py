"""A store that passes from one version of the program to another, and back while nothing new stands in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from storage.errors import StorageError, StoreDamaged
from storage.sqlite.connection import open_reading, our_errors
from storage.sqlite.files import Kind, Ownership, draft_of, finish_swap, kind_of, schema_in, swap_in
from storage.sqlite.migrate import steps
from storage.sqlite.queries import QUERIES
from storage.sqlite.snapshot import kept_by
from storage.sqlite.start import Place, renew, start


def assert_opens(path: Path) -> None:
    """Raise StoreForeign where this program may not work with a store. Only its head is looked at."""
    if path.is_file() and kind_of(path) is Kind.OURS:
        schema_in(path).assert_opens_with(len(steps()))


def take_over(place: Place, name: str) -> None:
    """Copy a store to `<store>.before-<name>`, then bring it to this program's schema and leave it closed.

    A store that is not there yet is left to the daemon. Raises StorageError where it, or its copy, is not fit to go
    on with; the store is then as it was.
    """
    with _owned(place.path) as ownership:
        if kind_of(place.path) is Kind.ABSENT:
            return
        with our_errors():
            connection = start(place, ownership, keep=name).connection
            try:
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            finally:
                connection.close(force=True)


def is_as_kept(path: Path, name: str) -> bool:
    """Tell whether nothing was recorded since the copy: the two change logs, of one store, end alike.

    Where that cannot be read, something may have been.
    """
    kept = kept_by(path, name)
    try:
        return kept.exists() and _end_of(path) == _end_of(kept)
    except StorageError:
        return False


def give_back(place: Place, name: str) -> bool:
    """Let the copy take the store's place, under a store id of its own: no number in the log is ever used twice.

    False where something was recorded since, and after a crash maybe: the store is then kept. Raises StorageError
    where another process has it open, or the copy is not whole.
    """
    with _owned(place.path):
        finish_swap(place.path)
        if not is_as_kept(place.path, name):
            return False
        with our_errors():
            draft = draft_of(place.path)
            shutil.copyfile(kept_by(place.path, name), draft)
            renew(place, draft)
            swap_in(place.path)
        return True


@contextmanager
def _owned(path: Path) -> Iterator[Ownership]:
    ownership = Ownership.take(path)
    try:
        yield ownership
    finally:
        ownership.give_up()


def _end_of(path: Path) -> tuple[Any, ...]:
    """Give a store's id and its newest change."""
    with our_errors():
        connection = open_reading(path)
        try:
            ids = connection.execute(QUERIES["meta"]).fetchall()
            newest = connection.execute(QUERIES["last_change"]).fetchall()
        finally:
            connection.close(force=True)
    if not ids:
        raise StoreDamaged("The store is damaged: it does not say whose it is.")
    return (ids[0][0], *newest)
