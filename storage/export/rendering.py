"""The SQL that turns rows into a piece of text: one way for every database, so that both write the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Literal

from storage.export.columns import COLUMNS
from storage.export.lists import ExportList
from storage.export.pieces import Piece

Form = ExportList | Literal["pallet_sheets"]
"""A list, or the sheets of its pallets: what `daemon.printing` needs of each, as JSON objects."""

SHEETS: Final[Form] = "pallet_sheets"
MOST_CHARACTERS: Final = 256 * 1024
"""What a piece may have; where rows are larger it has fewer."""
ROWS: Final[Mapping[Form, int]] = {
    ExportList.ORDERS: 300, ExportList.PANELS: 400, ExportList.RESULTS: 400, ExportList.PALLETS: 300,
    ExportList.FAILED: 300, ExportList.COSMETIC: 300, SHEETS: 10,
}  # fmt: skip
"""How many rows a piece has."""
LOOKS: Final[Mapping[Form, int]] = {
    ExportList.ORDERS: 8, ExportList.PANELS: 1_000, ExportList.PALLETS: 40, ExportList.FAILED: 1_500,
    ExportList.COSMETIC: 1_500, SHEETS: 40,
}  # fmt: skip
"""How many rows a piece looks at where not all are in scope."""


class Kind(Enum):
    """What a column of a list holds, as the text of an export sees it."""

    PLAIN = auto()
    """Text of ours that needs no escaping: uuids, times, words out of a fixed list."""
    NUMBER = auto()
    TEXT = auto()
    """What people or devices wrote: anything."""
    JSON = auto()
    """JSON text; a person reads the column of the same name that ends in `_text`."""


_NUMBERS: Final = frozenset({
    "quantity", "line_number", "year", "current_station", "station_number", "attempt", "panel_count",
    "Pmax", "Voc", "Isc", "Vmp", "Imp",
})  # fmt: skip
_PLAIN: Final = frozenset({
    "id", "mo_id", "panel_id", "operator_id", "result_id", "created_by", "supersedes", "status", "result",
    "created_at", "completed_at", "updated_at", "time",
})  # fmt: skip
_JSON: Final = frozenset({"electrical_data", "criteria"})


def kind_of(name: str) -> Kind:
    """Say what a column holds."""
    for kind, names in ((Kind.NUMBER, _NUMBERS), (Kind.PLAIN, _PLAIN), (Kind.JSON, _JSON)):
        if name in names:
            return kind
    return Kind.TEXT


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database says it.

    `quoted` makes a JSON string of text, `calculates` tells what a spreadsheet would run. `in_order` puts aggregated
    rows in order; empty where they come so from rows that lie in order.
    """

    quoted: str
    calculates: str
    in_order: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What such a SELECT gave. Without rows, the last one's place and the texts are None."""

    count: int
    place: Any
    json: str | None
    csv: str | None

    def is_longer_than(self, most: int) -> bool:
        """Say whether there is too much of it, and fewer rows would be less."""
        return self.count > 1 and len(self.json or "") + len(self.csv or "") > most

    def piece(self, after: str | None) -> Piece:
        """Give it as a piece."""
        return Piece(self.json or "", self.csv or "", self.count, after)


def rendered(of: ExportList, dialect: Dialect, rows: str) -> str:
    """Make the SELECT of one piece: what `Made` takes, in its order.

    `rows` names what to select from: it has the columns of the list by their names, and their `place`.
    """
    columns = COLUMNS[of]
    texts = [f"'{_comma(n)}\"{name}\":', {_json(name, dialect)}" for n, name in enumerate(columns.keys)]
    fields = [f"'{_comma(n)}', {_csv(name, dialect)}" for n, name in enumerate(columns.header)]
    return (
        f"SELECT count(*), max(place),"  # noqa: S608 -- our own names
        f" string_agg(concat('{{', {', '.join(texts)}, '}}'), ',{_LINE_FEED}'{dialect.in_order}),"
        f" string_agg(concat({', '.join(fields)}, '\r{_LINE_FEED}'), ''{dialect.in_order}) FROM {rows}"
    )


_LINE_FEED: Final = "\n"


def _comma(number: int) -> str:
    return "," if number else ""


def _json(name: str, dialect: Dialect) -> str:
    match kind_of(name):
        case Kind.PLAIN:
            return f"coalesce('\"' || {name} || '\"', 'null')"
        case Kind.NUMBER:
            return f"coalesce(CAST({name} AS text), 'null')"
        case Kind.JSON:
            return f"coalesce({name}, 'null')"
        case Kind.TEXT:
            return f"coalesce({dialect.quoted.format(name)}, 'null')"


def _csv(name: str, dialect: Dialect) -> str:
    match kind_of(name):
        case Kind.PLAIN:
            return f"'\"' || {name} || '\"'"
        case Kind.NUMBER:
            return name
        case Kind.JSON:
            return _field(f"{name}_text", dialect)
        case Kind.TEXT:
            return _field(name, dialect)


def _field(name: str, dialect: Dialect) -> str:
    """Double the quotes, and let no spreadsheet calculate what somebody wrote."""
    harmless = f"CASE WHEN {dialect.calculates.format(name)} THEN '''' || {name} ELSE {name} END"
    return f"'\"' || replace({harmless}, '\"', '\"\"') || '\"'"
