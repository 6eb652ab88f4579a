"""Parameters that many commands share, each with one help text."""

from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter

Serial = Annotated[str, Parameter(help="Serial of the panel, as on its barcode.")]
Station = Annotated[int, Parameter(help="Station, 1 to 4.")]
Order = Annotated[str, Parameter(help="Number of the order (MO), as on its paper.")]
PanelType = Annotated[str, Parameter(help="Panel type: the number of cells in its serial, like 60.")]
PalletNumber = Annotated[str, Parameter(help="Number of the pallet, as on its sheet.")]
Username = Annotated[str, Parameter(help="Name of the person here.")]
Limit = Annotated[int, Parameter(help="Show this many at most.")]
Reason = Annotated[str, Parameter(help="Why; it is kept with your name.")]
After = Annotated[str | None, Parameter(help="Go on where a list ended; the list says with what.")]
Source = Annotated[
    Literal["auto", "local", "central"],
    Parameter(
        help="Who answers: the central server (every line) or this line; auto: the server while it is connected."
    ),
]
OfOrder = Annotated[str | None, Parameter(help="Of this order (MO).")]
Since = Annotated[datetime | None, Parameter(help="Not before: 2026-12-31 or 2026-12-31T14:30.")]
Until = Annotated[datetime | None, Parameter(help="Before: 2026-12-31 or 2026-12-31T14:30.")]
