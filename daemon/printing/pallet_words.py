"""Read what the records say of a pallet as a sheet that can be drawn."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from daemon.printing.pallet_sheet import PalletRow, PalletSheet

_STATUS: Final = {"in_progress": "open", "completed": "closed"}

Json = Mapping[str, Any]


def read_pallet(found: Json, zone: tzinfo | None, printed_on: str) -> PalletSheet:
    """Read what `pallet.show` says; its times become those of a time zone (None: this computer's)."""
    pallet, order = found["pallet"], found.get("order") or {}
    return PalletSheet(
        number=pallet["pallet_number"],
        order=str(order.get("mo_number") or ""),
        panel_type=str(order.get("panel_type") or ""),
        status=_STATUS.get(str(pallet.get("status")), ""),
        closed=_when(pallet.get("completed_at"), zone),
        rows=tuple(_row(row, zone) for row in found.get("rows") or ()),
        holds=tuple(str(one.get("reason") if isinstance(one, Mapping) else one) for one in found.get("holds") or ()),
        printed_on=printed_on,
    )


def _row(row: Json, zone: tzinfo | None) -> PalletRow:
    values = row.get("values") or {}
    pmax, voc, isc, vmp, imp = (values.get(name) for name in ("Pmax", "Voc", "Isc", "Vmp", "Imp"))
    return PalletRow(
        position=row["position"],
        serial=row["serial"],
        values=(pmax, voc, isc, vmp, imp),
        result=row.get("result") or "",
        operator=row.get("operator") or "",
        time=_when(row.get("time"), zone),
    )


def _when(text: str | None, zone: tzinfo | None) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M") if text else ""
