"""Parameters that many commands share, each with one help text."""

from typing import Annotated

from cyclopts import Parameter

Serial = Annotated[str, Parameter(help="Serial of the panel, as on its barcode.")]
Station = Annotated[int, Parameter(help="Station, 1 to 4.")]
Order = Annotated[str, Parameter(help="Number of the order (MO), as on its paper.")]
PanelType = Annotated[str, Parameter(help="Panel type: the number of cells in its serial, like 60.")]
PalletNumber = Annotated[str, Parameter(help="Number of the pallet, as on its sheet.")]
Username = Annotated[str, Parameter(help="Name of the person here.")]
Limit = Annotated[int, Parameter(help="Show this many at most.")]
Reason = Annotated[str, Parameter(help="Why; it is kept with your name.")]
