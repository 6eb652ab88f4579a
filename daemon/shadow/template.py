"""The empty file that paper is copied into."""

from typing import Final

from daemon.shadow.reading import COLUMNS

TEMPLATE: Final = "\r\n".join([
    "# One row for each verdict on the paper, in the order it was given. Lines that begin with # are not read.",
    "# serial: as written. station: 1 to 4. result: PASS, FAIL or B. These three are needed, the rest as it is there.",
    "# note: the defect. operator: name or initials. time: like 2026-11-23 14:30; the day alone is enough.",
    "# Pmax Voc Isc Vmp Imp: the values of station 4 in W, V, A, V, A. order: the MO. pallet: its number on the paper.",
    ",".join(COLUMNS),
    "",
])  # fmt: skip
"""UTF-8; spreadsheets open it as a table."""
