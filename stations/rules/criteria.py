"""Which criteria apply where, and which of them the tester answers."""

from collections.abc import Collection, Mapping, Sequence

from storage.records import Criterion

ELECTRICAL: Mapping[str, str] = {
    "manual_entry_pmax": "pmax_w",
    "manual_entry_voc": "voc_v",
    "manual_entry_isc": "isc_a",
    "manual_entry_vmp": "vmp_v",
    "manual_entry_imp": "imp_a",
}
"""Criteria answered by the five values of the flash, in the order they are entered by hand."""


def of_station(criteria: Sequence[Criterion], station_number: int, also: Collection[str] = ()) -> tuple[Criterion, ...]:
    """All active criteria of a station in their printed order, those of other lines included.

    `also` names codes that count although they are no longer active: they were marked before.
    """
    rows = [one for one in criteria if one.station_number == station_number and (one.active or one.code in also)]
    return tuple(sorted(rows, key=lambda one: (one.order_index, one.code)))


def applies(criterion: Criterion, line_number: int) -> bool:
    """Tell whether a criterion is judged on this line; the others are N_A there."""
    if criterion.criterion_type == "N_A":
        return False
    return not criterion.line_specific or criterion.line_number in (None, line_number)


def to_inspect(criteria: Sequence[Criterion], station_number: int, line_number: int) -> tuple[Criterion, ...]:
    """The criteria a person judges at a station: those that apply and are not answered by the tester."""
    rows = of_station(criteria, station_number)
    return tuple(one for one in rows if applies(one, line_number) and one.code not in ELECTRICAL)


def by_number(
    criteria: Sequence[Criterion], station_number: int, line_number: int, order_index: int
) -> Criterion | None:
    """Find the criterion that a printed "fail n" code means; None when n is no criterion of this station and line."""
    rows = (one for one in of_station(criteria, station_number) if applies(one, line_number))
    return next((one for one in rows if one.order_index == order_index), None)
