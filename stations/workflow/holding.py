"""Holds that a measurement raises, and how far two measurements of a panel lie apart."""

import json
from uuid import UUID

from stations.rules.flashes import values_of
from stations.workflow.turn import Dossier, Turn
from storage.records import Hold, RawFlash, StationResult, Subject

_NAMES = ("Pmax", "Voc", "Isc", "Vmp", "Imp")


def stale_hold(turn: Turn, dossier: Dossier, reason: str) -> Hold:
    """Hold a panel whose values are another panel's."""
    return Hold(
        uuid=turn.ids(), subject=Subject.PANEL, subject_uuid=dossier.panel.uuid, code="stale", reason=reason,
        created_at=turn.at,
    )  # fmt: skip


def late_holds(turn: Turn, panel: UUID, pallet: UUID | None, reason: str) -> tuple[Hold, ...]:
    """Hold a panel, and the pallet it lies on, for a late value; one hold a panel is enough."""
    if any(hold.code == "late_value" for hold in turn.facts.known.holds):
        return ()
    subjects = [(Subject.PANEL, panel), *([(Subject.PALLET, pallet)] if pallet else [])]
    return tuple(
        Hold(uuid=turn.ids(), subject=what, subject_uuid=uuid, code="late_value", reason=reason, created_at=turn.at)
        for what, uuid in subjects
    )


def difference(row: RawFlash, final: StationResult, tolerance: float) -> str:
    """Say by how much a late row differs from values entered by hand; empty when it agrees or none were."""
    body = json.loads(final.electrical_data) if final.electrical_data else {}
    if body.get("source") != "manual":
        return ""
    for name, late in zip(_NAMES, values_of(row).five, strict=True):
        entered = body.get(name)
        if late is not None and entered and abs(late - entered) / entered > tolerance:
            return f"{name} was entered as {entered:g}, the tester measured {late:g}."
    return ""


def same_measurement(row: RawFlash, others: tuple[RawFlash, ...]) -> bool:
    """Tell whether a file's row is a live flash seen before: each of the five values within a thousandth."""
    return any(_alike(row, other) for other in others)


def _alike(row: RawFlash, other: RawFlash) -> bool:
    pairs = zip(values_of(row).five, values_of(other).five, strict=True)
    return all(a is not None and b is not None and abs(a - b) <= 1e-3 * abs(b) for a, b in pairs)
