"""What a row of each list holds: the keys of its JSON object, which are the seed's, and the columns of its CSV file.

Sources build their rows after this table and in its order. A CSV file names people and things beside their uuids, so
that it can be read without the other files.
"""

from dataclasses import dataclass
from typing import Final

from storage.export.lists import ExportList


@dataclass(frozen=True, slots=True)
class Columns:
    """The keys of a list's JSON rows and the header of its CSV file, each in order."""

    keys: tuple[str, ...]
    header: tuple[str, ...]


def _columns(keys: str, header: str) -> Columns:
    return Columns(tuple(keys.split()), tuple(header.split()))


_FINDING: Final = "serial_number mo_number station_number criteria notes operator time"

COLUMNS: Final = {
    ExportList.ORDERS: _columns(
        "id mo_number panel_type quantity created_at completed_at status created_by notes",
        "id mo_number panel_type line_number quantity created_at completed_at status created_by created_by_username"
        " notes",
    ),
    ExportList.PANELS: _columns(
        "id serial_number mo_id panel_type frame_type backsheet_type year line_number created_at status"
        " current_station notes",
        "id serial_number mo_id mo_number panel_type frame_type backsheet_type year line_number created_at status"
        " current_station notes",
    ),
    ExportList.RESULTS: _columns(
        "id panel_id station_number operator_id result notes electrical_data created_at updated_at",
        "id panel_id serial_number mo_number station_number attempt operator_id operator result supersedes notes"
        " Pmax Voc Isc Vmp Imp created_at updated_at",
    ),
    ExportList.PALLETS: _columns(
        "id pallet_number mo_id panel_count created_at completed_at status created_by",
        "id pallet_number mo_id mo_number panel_count created_at completed_at status created_by created_by_username",
    ),
    ExportList.FAILED: _columns(_FINDING, f"result_id panel_id {_FINDING}"),
    ExportList.COSMETIC: _columns(_FINDING, f"result_id panel_id {_FINDING}"),
}
"""Every list's columns.

`id` and keys that end in `_id` hold uuids, `created_by` the uuid of a user, `supersedes` the uuid of the result a VOID
takes back. Pmax, Voc, Isc, Vmp and Imp are in W, V, A, V and A. In CSV text, uuids and times stand in double quotes,
numbers bare, and what is missing is nothing between two commas; `criteria` is one text there, each mark as
`name: result` or `name: result (notes)`, with `; ` between them.
"""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""How text begins that a spreadsheet would calculate: in CSV such text stands behind an apostrophe; numbers never."""
