"""The clock: whether it can be right, who keeps it right, and what it begins with after a power cut."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.question import Question, Row

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Before this program was written."""
LATEST: Final = datetime(2056, 1, 1, tzinfo=UTC)
BACK: Final = timedelta(hours=1)
RTC_OFF_S: Final = 60.0
OFFSET_WARN_S, OFFSET_BAD_S = 30.0, 600.0


@dataclass(frozen=True, slots=True)
class Rtc:
    """The clock that goes on without power: how far it is ahead of the system's, if it is held to be in UTC.

    `zone_s` is how far the PC's zone is ahead of UTC now; `said_local`: the system takes it to be in local time.
    """

    ahead_s: float
    zone_s: float
    said_local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """`newest` is when a store was last written, None where there is none; `keeper` the program that keeps the time."""

    now: datetime
    newest: datetime | Unseen | None
    synchronised: bool | Unseen
    keeper: str | Unseen | None
    rtc: Rtc | Unseen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClock:
    """What one line adds: its plant's zone, whether this PC's differs, and the offset from the server's clock.

    None: no server, or none measured yet.
    """

    plant_zone: str | Unseen
    pc_zone: str | Unseen
    zones_differ: bool | Unseen
    offset_s: float | Unseen | None


def _in_local(facts: ClockFacts) -> bool:
    rtc = facts.rtc
    if not isinstance(rtc, Rtc):
        return False
    return rtc.said_local or (abs(rtc.zone_s) > RTC_OFF_S and abs(rtc.ahead_s - rtc.zone_s) <= RTC_OFF_S)


def _rtc_off(facts: ClockFacts) -> bool:
    return isinstance(facts.rtc, Rtc) and abs(facts.rtc.ahead_s) > RTC_OFF_S


def span(seconds: float) -> str:
    """Write a length of time for people."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if abs(seconds) >= 2 * size:
            return f"{abs(seconds) / size:.0f} {unit}"
    return f"{abs(seconds):.0f} s"


def _offset(facts: LineClock) -> float:
    return facts.offset_s if isinstance(facts.offset_s, int | float) else 0.0


def _side(facts: LineClock) -> str:
    return f"{span(_offset(facts))} {'ahead of' if _offset(facts) > 0 else 'behind'} the server's"


_SET: Final = "Set it: timedatectl set-time 'YYYY-MM-DD hh:mm'; then see to it that something keeps it right."

TIME: Final[Question[ClockFacts]] = Question(
    "time", Area.CLOCK, "the newest record's time", ("newest",),
    (
        Row("impossible-year", Severity.BAD, lambda f: not EARLIEST <= f.now < LATEST,
            lambda f: (f"The clock says {f.now:%Y-%m-%d}: that cannot be.", _SET)),
        Row("gone-back", Severity.BAD, lambda f: isinstance(f.newest, datetime) and f.newest > f.now + BACK,
            lambda f: (f"The clock says {f.now:%Y-%m-%d %H:%M} UTC, but a store was written later than that.", _SET)),
    ),
    lambda f: f"{f.now.astimezone():%Y-%m-%d %H:%M %Z}",
)  # fmt: skip
KEPT: Final[Question[ClockFacts]] = Question(
    "kept", Area.CLOCK, "whether something keeps the clock right", ("synchronised", "keeper"),
    (
        Row("nobody-keeps-it", Severity.WARN, lambda f: f.synchronised is False and f.keeper is None,
            lambda _: ("Nothing keeps the clock right.",
                       "apt install systemd-timesyncd, then: timedatectl set-ntp true")),
        Row("not-synchronised", Severity.WARN, lambda f: f.synchronised is False,
            lambda f: (f"The clock is not synchronised{_waiting(f)}.",
                       "See whether it reaches its server: timedatectl timesync-status, or: chronyc sources")),
    ),
    lambda f: f"synchronised{_by(f)}",
)  # fmt: skip


def _waiting(facts: ClockFacts) -> str:
    return f": {facts.keeper} has no answer from its server" if isinstance(facts.keeper, str) else ""


def _by(facts: ClockFacts) -> str:
    return f" by {facts.keeper}" if isinstance(facts.keeper, str) else ""


BATTERY: Final[Question[ClockFacts]] = Question(
    "hardware-clock", Area.CLOCK, "the hardware clock", ("rtc",),
    (
        Row("no-hardware-clock", Severity.WARN, lambda f: f.rtc is None,
            lambda _: ("The PC has no clock that goes on without power: after a power cut it begins with a wrong time.",
                       "Let the line start after the time is known: systemctl enable systemd-time-wait-sync")),
        Row("hardware-clock-local", Severity.WARN, _in_local,
            lambda _: ("The hardware clock runs in local time: twice a year the PC begins with a wrong hour.",
                       "timedatectl set-local-rtc 0")),
        Row("hardware-clock-wrong", Severity.WARN, _rtc_off,
            lambda f: (f"The hardware clock is {span(f.rtc.ahead_s if isinstance(f.rtc, Rtc) else 0)} off.",
                       "hwclock --systohc; if it is off again after a night without power, replace the battery.")),
    ),
    lambda _: "hardware clock right",
)  # fmt: skip
ZONE: Final[Question[LineClock]] = Question(
    "zone", Area.CLOCK, "the plant's time zone", ("plant_zone", "pc_zone", "zones_differ"),
    (
        Row("other-zone", Severity.WARN,
            lambda f: f.zones_differ is True and isinstance(f.plant_zone, str) and isinstance(f.pc_zone, str),
            lambda f: (f"This PC shows the time of {f.pc_zone}, exports count days by that of {f.plant_zone}.",
                       f"timedatectl set-timezone {f.plant_zone}, or: sunline rule set plant_time_zone {f.pc_zone}")),
    ),
    lambda f: f"zone {f.plant_zone}",
)  # fmt: skip
OFFSET: Final[Question[LineClock]] = Question(
    "offset", Area.CLOCK, "the difference to the central server's clock", ("offset_s",),
    (
        Row("far-off", Severity.BAD, lambda f: abs(_offset(f)) >= OFFSET_BAD_S,
            lambda f: (f"This PC's clock is {_side(f)}.", _MEND)),
        Row("off", Severity.WARN, lambda f: abs(_offset(f)) >= OFFSET_WARN_S,
            lambda f: (f"This PC's clock is {_side(f)}.", _MEND)),
    ),
    lambda f: "agrees with the server's" if f.offset_s is not None else "",
)  # fmt: skip
_MEND: Final = "Look which of the two is right (date), and synchronise that PC: timedatectl set-ntp true"

QUESTIONS: Final = (TIME, KEPT, BATTERY)
LINE_QUESTIONS: Final = (ZONE, OFFSET)
