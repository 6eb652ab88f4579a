"""Rows on their way: a piece of a list as text, built by a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from storage.export.lists import ExportList
from storage.export.scope import Scope


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a list, in order.

    `json` holds their objects with a comma and a line feed between them, none at either end; `csv` their records, each
    with its line end. `after` is where the next piece begins, None behind the last row; a list without rows is one
    empty piece.
    """

    json: str
    csv: str
    count: int
    after: str | None


class Rows(Protocol):
    """A store as an export sees it."""

    def pieces(self, of: ExportList, scope: Scope, after: str = "") -> Iterator[Piece]:
        """Give a list in short reads, oldest row first, from its beginning or from where a piece ended."""
