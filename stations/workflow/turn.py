"""One turn of a station: what comes in, what is known, what goes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from drivers.readings import Answer
from stations.rules.commands import Code
from stations.rules.orders import OrderProgress
from stations.rules.pallets import Loaded
from stations.rules.serials import Serial
from stations.rules.settings import Rules
from stations.workflow.state import Banner, Colour, StationState
from storage.records import (
    Criterion,
    Hold,
    Order,
    OrderCounts,
    Override,
    Pallet,
    PalletPanel,
    Panel,
    RawFlash,
    Record,
    StationResult,
    User,
    Waiver,
)

Ids = Callable[[], UUID]
"""Gives a new UUIDv7 at each call: the only thing a step takes from outside beside its arguments."""


class TesterMode(StrEnum):
    """Where the five values of station 4 come from right now."""

    LIVE = "live"
    DEAD = "dead"  # configured, but not answering
    LATE = "late"  # a result file, hours or days later
    NONE = "none"  # switched off, or none configured


@dataclass(frozen=True, slots=True)
class Place:
    """Which line this is."""

    site: str
    line_number: int


_NONE_YET = OrderCounts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class OpenPallet:
    """A pallet being loaded: the places taken, and why it may not be closed as it is, if it may not."""

    pallet: Pallet
    places: tuple[int, ...] = ()
    held: bool = False
    loaded: tuple[Loaded, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known about the one panel an event is about."""

    panel: Panel
    order: Order
    results: tuple[StationResult, ...] = ()
    holds: tuple[Hold, ...] = ()
    counts: OrderCounts = _NONE_YET  # of the order
    alerts: frozenset[str] = frozenset()
    pallet: OpenPallet | None = None  # of the order, with room
    on_pallet: tuple[Pallet, PalletPanel] | None = None
    overrides: tuple[Override, ...] = ()
    open_at: tuple[int, ...] = ()  # other stations where it is open right now
    seen_at: tuple[int, ...] = ()  # other stations that scanned it a moment ago
    seen_since: tuple[int, ...] = ()  # other stations that scanned it since the verdict to be taken back


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read from the store for one event, in the same transaction that will write its outcome."""

    place: Place
    rules: Rules = field(default_factory=Rules)
    criteria: tuple[Criterion, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    tester: TesterMode = TesterMode.NONE
    serial: Serial | None = None
    dossier: Dossier | None = None
    candidates: tuple[OrderProgress, ...] = ()
    chosen: UUID | None = None
    badge_user: User | None = None
    operator: User | None = None
    last_pallet_number: str | None = None
    open_pallets: tuple[OpenPallet, ...] = ()  # of the line
    names: Mapping[UUID, str] = field(default_factory=dict)
    flashes: tuple[RawFlash, ...] = ()  # late rows that may fill in the panel's values, oldest first
    measured_live: tuple[RawFlash, ...] = ()  # live flashes attached to the panel
    first_of_key: RawFlash | None = None
    serials_with_values: tuple[str, ...] = ()

    @property
    def known(self) -> Dossier:
        """The dossier; LookupError when the event is about no known panel."""
        if self.dossier is None:
            raise LookupError("this event is about no known panel")
        return self.dossier


@dataclass(frozen=True, slots=True)
class ScanEvent:
    """A scan, already stored raw under `uuid`."""

    uuid: UUID
    device: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One event at one station with all that is needed to decide on it."""

    state: StationState
    facts: Facts
    at: datetime
    ids: Ids
    code: Code


@dataclass(frozen=True, slots=True)
class ArmTester:
    """Tell the tester which panel comes next; None: none."""

    serial: str | None


@dataclass(frozen=True, slots=True)
class TellLine:
    """Log a message of an order, once; screens and status go on saying it for as long as it holds."""

    code: str
    message: str


Action = ArmTester | TellLine


@dataclass(frozen=True, slots=True)
class Step:
    """What a turn leads to. Nothing of it happens before `records` and `state` are committed."""

    state: StationState
    code: str
    answer: Answer
    records: tuple[Record, ...] = ()
    actions: tuple[Action, ...] = ()


def say(state: StationState, colour: Colour, headline: str, detail: str = "", todo: str = "") -> StationState:
    """Put words on the station's screen."""
    return replace(state, banner=Banner(colour, headline, detail, todo), aside="")


def beside(state: StationState, text: str) -> StationState:
    """Say something beside the words on the screen, which stay; a white screen turns amber."""
    colour = Colour.AMBER if state.banner.colour is Colour.WHITE else state.banner.colour
    return replace(state, banner=replace(state.banner, colour=colour), aside=text)


def refuse(turn: Turn, code: str, headline: str, detail: str = "", todo: str = "") -> Step:
    """Refuse a scan in red: nothing changes but what the screen says."""
    return Step(say(turn.state, Colour.RED, headline, detail, todo), code, Answer.BAD)


def also(step: Step, *records: Record) -> Step:
    """Write more records behind a step's own."""
    return replace(step, records=(*step.records, *records))


def warn(turn: Turn, step: Step, text: str) -> Step:
    """Let a step also put up a warning that blocks further scans until DONE is scanned."""
    banner = replace(step.state.banner, todo=f"{step.state.banner.todo} Then scan DONE.".strip())
    return replace(step, state=replace(step.state, warning=text, banner=banner), answer=Answer.BAD)
