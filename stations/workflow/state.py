"""What a station knows between two steps. Plain data: it commits with the facts and survives any restart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from stations.rules.flashes import Arm
from stations.rules.judge import Judgement
from storage.records import StationResult, Verdict


class Phase(StrEnum):
    """Which row of the transition table a station is in. Computed from the state, never stored beside it."""

    WARNED = "warned"
    SIGNED_OUT = "signed_out"
    IDLE = "idle"
    INSPECTING = "inspecting"
    ENTERING = "entering"


class Colour(StrEnum):
    """What the screen shows from two metres."""

    WHITE = "white"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Banner:
    """The last thing said to the operator: a headline to read from two metres, why, and what to do next.

    `serial` is the panel it is about, `expected_station` where that panel belongs when it is refused here.
    """

    colour: Colour = Colour.WHITE
    headline: str = ""
    detail: str = ""
    todo: str = ""
    serial: str = ""
    expected_station: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in here."""

    uuid: UUID
    user_uuid: UUID
    username: str
    role: str
    expires_at: datetime


class MarkKind(StrEnum):
    """One thing an operator says about the open panel."""

    PASS_ALL = "pass_all"  # noqa: S105 -- a mark, not a password
    FAIL = "fail"
    OTHER = "other"
    COSMETIC = "cosmetic"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class MarkStep:
    """One mark in the order given, so that undo clears the last. `code` is the criterion or defect code."""

    kind: MarkKind
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Electrical:
    """The five values the open panel will be judged by; `source` is live, late or manual."""

    pmax_w: float
    voc_v: float
    isc_a: float
    vmp_v: float
    imp_a: float
    source: str
    judgement: Judgement
    reason: str = ""
    flash_uuid: UUID | None = None
    has_window: bool = True


@dataclass(frozen=True, slots=True)
class OpenPanel:
    """The panel on the table: what was marked so far and what was measured."""

    panel_uuid: UUID
    order_uuid: UUID
    serial: str
    panel_type: str
    opened_at: datetime
    attempt: int
    marks: tuple[MarkStep, ...] = ()
    electrical: Electrical | None = None
    pending: bool = False
    entry: tuple[str, ...] | None = None

    def has(self, kind: MarkKind) -> bool:
        """Tell whether a mark of this kind was given."""
        return any(mark.kind is kind for mark in self.marks)

    @property
    def failed(self) -> bool:
        """Tell whether anything marked or measured makes this a FAIL."""
        measured = self.electrical is not None and self.electrical.judgement is Judgement.FAIL
        return measured or self.has(MarkKind.FAIL) or self.has(MarkKind.OTHER)

    @property
    def note(self) -> str:
        """The note as it will be stored: "Other" and defects in the order scanned, then what the measurement said."""
        texts = [mark.text for mark in self.marks if mark.kind is MarkKind.NOTE]
        if texts and self.has(MarkKind.OTHER):
            texts.insert(0, "Other")
        if self.electrical and self.electrical.judgement is Judgement.FAIL:
            texts.append(self.electrical.reason)
        return "; ".join(texts)


@dataclass(frozen=True, slots=True)
class LastScan:
    """For telling a bounce from a second scan."""

    device: str
    text: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """For undo within its window: the row, whose it was, and the panel as it lay on the table."""

    result: StationResult
    open: OpenPanel

    @property
    def verdict(self) -> Verdict:
        """What was said."""
        return self.result.result


@dataclass(frozen=True, slots=True)
class StationState:
    """Everything one station knows. `warning` blocks every scan but DONE until it is read.

    `aside` is said beside the banner until the next words. `garbles` counts the tester's unreadable lines since it was
    last understood. `last_scans` has the newest scan of every device here. `retest_uuid` is the finished panel scanned
    last, which RETEST would open again. `last_order_uuid` is the order of the panel completed last, whose pallet CLOSE
    means.
    """

    station_number: int
    session: Session | None = None
    open: OpenPanel | None = None
    arms: tuple[Arm, ...] = ()
    warning: str = ""
    banner: Banner = Banner()
    aside: str = ""
    garbles: int = 0
    last_scans: tuple[LastScan, ...] = ()
    last_verdict: LastVerdict | None = None
    retest_uuid: UUID | None = None
    last_order_uuid: UUID | None = None

    @property
    def phase(self) -> Phase:
        """The row of the transition table."""
        if self.warning:
            return Phase.WARNED
        if self.session is None:
            return Phase.SIGNED_OUT
        if self.open is None:
            return Phase.IDLE
        return Phase.INSPECTING if self.open.entry is None else Phase.ENTERING

    @property
    def on_table(self) -> OpenPanel:
        """The open panel; LookupError when there is none: the transition table sends such events elsewhere."""
        if self.open is None:
            raise LookupError(f"no panel is open at station {self.station_number}")
        return self.open

    @property
    def signed_in(self) -> Session:
        """The session; LookupError when nobody is signed in."""
        if self.session is None:
            raise LookupError(f"nobody is signed in at station {self.station_number}")
        return self.session
