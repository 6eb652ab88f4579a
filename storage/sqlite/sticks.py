"""What is stored of USB sticks: who may take what, what each was given, what became of its visits."""

from typing import Any, Final, TypeVar
from uuid import UUID

import apsw

from storage.records import Record, Stick, StickExport, StickVisit
from storage.sqlite.queries import QUERIES
from storage.sqlite.tables import table_of

R = TypeVar("R", bound=Record)

_LOOKED_BACK: Final = 1000


class StickView:
    """Reads about sticks over one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[Stick, ...]:
        """Give every stick by name, revoked ones too."""
        return self._all(Stick, "sticks")

    def one(self, uuid: UUID) -> Stick | None:
        """Find a stick."""
        return next(iter(self._all(Stick, "stick", str(uuid))), None)

    def export(self, uuid: UUID) -> StickExport | None:
        """Find what a stick was given."""
        return next(iter(self._all(StickExport, "stick_export", str(uuid))), None)

    def exports(self, stick_uuid: UUID, log_store: UUID) -> tuple[tuple[StickExport, bool], ...]:
        """Give what a stick was given of one store, newest first, each with whether a visit completed it."""
        decode = table_of(StickExport).decode
        rows = self._rows("stick_exports", str(stick_uuid), str(log_store), _LOOKED_BACK)
        return tuple((decode(row[1:]), bool(row[0])) for row in rows)

    def visit(self, uuid: UUID) -> StickVisit | None:
        """Find a visit."""
        return next(iter(self._all(StickVisit, "stick_visit", str(uuid))), None)

    def visits(self, limit: int) -> tuple[StickVisit, ...]:
        """Give the visits of all sticks, newest first."""
        return self._all(StickVisit, "stick_visits", limit)

    def last_visits(self) -> tuple[StickVisit, ...]:
        """Give the last visit of each enrolled stick."""
        return self._all(StickVisit, "stick_last_visits")

    def visits_of(self, export_uuid: UUID) -> tuple[StickVisit, ...]:
        """Give the visits that worked on an export, oldest first."""
        return self._all(StickVisit, "stick_visits_of", str(export_uuid))

    def _rows(self, query: str, *bindings: str | int) -> list[Any]:
        return self._connection.execute(QUERIES[query], bindings).fetchall()

    def _all(self, record: type[R], query: str, *bindings: str | int) -> tuple[R, ...]:
        return tuple(map(table_of(record).decode, self._rows(query, *bindings)))
