"""Pieces of an export, built inside the database: one statement makes the text of some hundred rows."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final, Self

import apsw
import orjson

from storage.changes.codec import time_text
from storage.errors import StoreDamaged
from storage.export import ExportList, Piece, Scope
from storage.export.rendering import LOOKS, MOST_CHARACTERS, ROWS, SHEETS, Dialect, Form, Made, rendered
from storage.sqlite.queries import QUERIES

Binding = str | int
BY_NUMBER: Final[frozenset[Form]] = frozenset({ExportList.RESULTS, ExportList.COSMETIC})
"""Lists of results: within a stretch of the change log they are found by their numbers."""

_FROM: Final[Mapping[Form, Form]] = {ExportList.FAILED: ExportList.PANELS, SHEETS: ExportList.PALLETS}
"""Whose rows a list without rows of its own is made of."""
_STRETCH: Final = 5_000
_NO_END: Final = (1 << 63) - 1
_BEYOND: Final = "~"
"""Stands behind every time and every uuid."""
_DIALECT: Final = Dialect("json_quote({0})", "{0} GLOB '[=+@' || char(9, 13) || '-]*'")


def _statement(find: str, of: Form) -> str:
    rows = QUERIES[f"export_rows_{of}"]
    if isinstance(of, ExportList):
        return f"WITH picked AS MATERIALIZED ({find}), found AS NOT MATERIALIZED ({rows}) " + rendered(
            of, _DIALECT, "found"
        )
    return f"WITH picked AS MATERIALIZED ({find}) {rows}"


_FORMS: Final[tuple[Form, ...]] = (*ExportList, SHEETS)
_WALK: Final = {of: _statement(QUERIES[f"export_find_{of}"], of) for of in _FORMS}
_TAKE: Final = {of: _statement(QUERIES.get(f"export_take_{of}", QUERIES["export_take"]), of) for of in _FORMS}


@dataclass(frozen=True, slots=True)
class Bounds:
    """A scope in terms of this file: times as they stand in it, and the local numbers of the results.

    Things are in when they were made until `before`, results when their number is above `first` and up to `last`.
    """

    since: str
    until: str
    before: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Named:
    """Local numbers of things, each list in order."""

    orders: tuple[int, ...] = ()
    panels: tuple[int, ...] = ()
    pallets: tuple[int, ...] = ()

    @classmethod
    def of_all(cls, parts: Sequence["Named"]) -> Self:
        """Give what is in any of some."""
        return cls(
            orders=_merged(one.orders for one in parts),
            panels=_merged(one.panels for one in parts),
            pallets=_merged(one.pallets for one in parts),
        )

    def of(self, of: Form) -> tuple[int, ...]:
        """Give the numbers that a list is made of."""
        match _FROM.get(of, of):
            case ExportList.ORDERS:
                return self.orders
            case ExportList.PALLETS:
                return self.pallets
            case _:
                return self.panels


class Exports:
    """Reads for exports over one connection. Every read is short: what goes on and on is taken piece by piece."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def bounds(self, scope: Scope) -> Bounds:
        """Say what a scope comes to here."""
        upto = scope.upto_seq if scope.upto_seq is not None else _NO_END
        moments = self._rows("export_moment", upto)
        return Bounds(
            since=time_text(scope.since),
            until=time_text(scope.until),
            before=moments[0][0] if moments else _BEYOND,
            first=self._results_until(scope.after_seq) if scope.after_seq else 0,
            last=self._results_until(upto),
        )

    def walked(self, of: Form, bounds: Bounds, after: str = "", limit: int = 0) -> Piece:
        """Give a piece of a list of everything within bounds, oldest first."""
        limit = limit or ROWS[of]
        at, _, uuid = (after or (bounds.since if of in BY_NUMBER else "")).partition(" ")
        reach = self._reach(of, at)
        place = {"at": at, "uuid": uuid, "reach": reach, "limit": limit}
        made = self._made(_WALK[of], asdict(bounds) | place)
        if made.is_longer_than(MOST_CHARACTERS):
            return self.walked(of, bounds, after, made.count // 2)
        if made.count == limit:
            return made.piece(made.place)
        return made.piece(None if reach == _BEYOND else f"{reach} {_BEYOND}")

    def added(self, of: Form, bounds: Bounds, after: str = "", limit: int = 0) -> Piece:
        """Give a piece of the results, or of the cosmetic defects, by their numbers."""
        limit = limit or ROWS[of]
        first = int(after or bounds.first)
        last = min(bounds.last, first + _STRETCH)
        made = self._made(_TAKE[of], asdict(bounds) | {"first": first, "last": last, "limit": limit})
        if made.is_longer_than(MOST_CHARACTERS):
            return self.added(of, bounds, after, made.count // 2)
        end = made.place if made.count == limit else last
        return made.piece(str(end) if end < bounds.last else None)

    def named(self, of: Form, ids: Sequence[int], after: str = "", limit: int = 0) -> Piece:
        """Give a piece of a list of things, from the numbers of all of them in order."""
        limit = limit or ROWS[of]
        begin = bisect_right(ids, int(after or 0))
        some = ids[begin : begin + limit]
        made = self._made(_TAKE[of], {"ids": _json(some)})
        if made.is_longer_than(MOST_CHARACTERS):
            return self.named(of, ids, after, limit // 2)
        return made.piece(str(some[-1]) if begin + limit < len(ids) else None)

    def touched(self, bounds: Bounds, after_seq: int, upto_seq: int) -> Named:
        """Name what changed in a stretch of the change log; give short ones."""
        stretch: dict[str, Binding] = {
            "after": after_seq,
            "upto": upto_seq,
            "since": bounds.since,
            "until": bounds.until,
        }
        return Named(*(self._ids(f"export_touched_{of}", stretch) for of in ("orders", "panels", "pallets")))

    def around(self, panels: Sequence[int]) -> Named:
        """Name the pallets that carry some panels, and the orders of these panels."""
        given = {"ids": _json(panels)}
        orders, pallets = self._ids("export_orders_of_panels", given), self._ids("export_pallets_carrying", given)
        return Named(orders=orders, pallets=pallets)

    def orders_of_pallets(self, pallets: Sequence[int]) -> Named:
        """Name the orders of some pallets."""
        return Named(orders=self._ids("export_orders_of_pallets", {"ids": _json(pallets)}))

    def counts(self, bounds: Bounds) -> dict[ExportList, int]:
        """Say about how many rows the lists have, for those who wait."""
        days = {"since": bounds.since, "until": bounds.until}
        rows: Any = self._connection.execute(QUERIES["export_count"], days).fetchall()
        return dict(zip(ExportList, rows[0], strict=True))

    def store_id(self) -> str:
        """Say which store this is now."""
        ((store_id, *_),) = self._rows("meta")
        return str(store_id)

    def ends(self) -> tuple[datetime, ...]:
        """Give times between which everything was recorded; none where there is nothing."""
        return tuple(datetime.fromisoformat(at) for (at,) in self._rows("export_ends"))

    def _results_until(self, seq: int) -> int:
        """Give the number of the last result that was stored by then: the one before the first stored later."""
        rows = self._rows("export_first_result_after", seq)
        return rows[0][0] - 1 if rows else self._rows("export_last_result")[0][0] or 0

    def _reach(self, of: Form, at: str) -> str:
        """Say up to which time a piece looks."""
        query = f"export_reach_{_FROM.get(of, of)}"
        rows = self._rows(query, at, LOOKS[of]) if query in QUERIES else []
        return str(rows[0][0]) if rows else _BEYOND

    def _made(self, statement: str, bindings: Mapping[str, Binding]) -> Made:
        try:
            rows: Any = self._connection.execute(statement, bindings).fetchall()
        except UnicodeDecodeError as error:
            raise StoreDamaged(f"The store is damaged: a row is not as it was written ({error}).") from error
        return Made(*rows[0])

    def _ids(self, query: str, bindings: Mapping[str, Binding]) -> tuple[int, ...]:
        rows: Any = self._connection.execute(QUERIES[query], bindings)
        return tuple(sorted(number for (number,) in rows))

    def _rows(self, query: str, *bindings: Binding) -> list[Any]:
        return self._connection.execute(QUERIES[query], bindings).fetchall()


def _merged(parts: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(sorted(chain.from_iterable(parts))))


def _json(ids: Sequence[int]) -> str:
    return orjson.dumps(ids).decode()
