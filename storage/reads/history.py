"""The whole life of one panel, as either store tells it."""

from dataclasses import dataclass

from storage.records import (
    CriterionResult,
    FlashRuling,
    Hold,
    HoldRelease,
    Override,
    PalletPanel,
    PalletRemoval,
    Panel,
    ScanOutcome,
    StationResult,
)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened to one panel, each kind oldest first."""

    panel: Panel
    outcomes: tuple[ScanOutcome, ...]
    results: tuple[StationResult, ...]
    criteria: tuple[CriterionResult, ...]
    rulings: tuple[FlashRuling, ...]
    holds: tuple[Hold, ...]
    releases: tuple[HoldRelease, ...]
    overrides: tuple[Override, ...]
    placements: tuple[PalletPanel, ...]
    removals: tuple[PalletRemoval, ...]
