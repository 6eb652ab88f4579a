"""Pallets: their numbers, `P<site>-<line>-<year>-<6 digits>` and never reused, and when one may be closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.records import Pallet, PalletStatus, Panel, PanelStatus


@dataclass(frozen=True, slots=True)
class Loaded:
    """A panel as it lies on a pallet: whether it is on hold, and the other pallet it lies on too, if any."""

    panel: Panel
    held: bool = False
    also_on: str = ""


def why_not_closed(pallet: Pallet, held: bool, loaded: Sequence[Loaded]) -> str:
    """Say why a pallet may not be closed; empty when it may. `held`: the pallet itself is on hold."""
    number = pallet.pallet_number
    if pallet.status is PalletStatus.COMPLETED:
        return f"Pallet {number} is closed already."
    if not loaded:
        return f"Pallet {number} is empty."
    if held:
        return f"Pallet {number} is on hold."
    return next((why for why in (_why_not_shipped(pallet, one, loaded) for one in loaded) if why), "")


def _why_not_shipped(pallet: Pallet, one: Loaded, loaded: Sequence[Loaded]) -> str:
    serial = one.panel.serial_number
    if one.held:
        return f"{serial} is on hold."
    if one.panel.status is not PanelStatus.COMPLETED:
        return f"{serial} is not completed, it is {one.panel.status.replace('_', ' ')}."
    if one.panel.order_uuid != pallet.order_uuid:
        return f"{serial} belongs to another order, {one.panel.mo_number}."
    if one.also_on or sum(other.panel.uuid == one.panel.uuid for other in loaded) > 1:
        return f"{serial} lies here twice or also on pallet {one.also_on or pallet.pallet_number}."
    return ""


def number_prefix(site: str, line_number: int, year: int) -> str:
    """Give what all pallet numbers of a site, line and year begin with."""
    return f"P{site}-{line_number}-{year}-"


def next_number(prefix: str, last: str | None) -> str:
    """Number the next pallet after `last`, the highest number with this prefix ever given."""
    count = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{count + 1:06d}"
