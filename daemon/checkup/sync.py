"""The exchange with the central server. A line needs none, and goes on without."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daemon.checkup.clock import span
from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.lines import STATUS, Json, LineHere
from daemon.checkup.question import Question, Row
from daemon.config import LineConfig

HELD_BACK_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFacts:
    """One line's exchange. `has_central` False: its file names no server. `conflicts` nobody ruled on."""

    has_central: bool | Unseen
    told: Json | Unseen
    conflicts: int | Unseen

    @property
    def needed(self) -> Json | Unseen:
        """What has to be seen: nothing, where there is no server."""
        return {} if self.has_central is False else self.told

    def get(self, key: str) -> object:
        """Give one thing the daemon said; None where it said nothing."""
        return None if isinstance(self.told, Unseen) else self.told.get(key)

    def number(self, key: str) -> float:
        """Give a number the daemon said; 0 where it said none."""
        value = self.get(key)
        return value if isinstance(value, int | float) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFacts:
    """The file that a line's file names for the address of its server, and whether `user` may read it."""

    file: str
    user: str
    there: bool | Unseen
    readable: bool | Unseen


def sync_facts(line: LineHere) -> SyncFacts:
    """Put together what is known of a line's exchange; the daemon knows better than its file, which may be newer."""
    status, conflicts = line.answer(STATUS), line.rows("sync.conflicts")
    has_central: bool | Unseen = status if isinstance(status, Unseen) else status.get("central") is not None
    if isinstance(has_central, Unseen) and isinstance(line.config, LineConfig):
        has_central = line.config.central is not None
    found = conflicts if isinstance(conflicts, Unseen) else len(conflicts)
    return SyncFacts(has_central=has_central, told=line.answer("sync.status"), conflicts=found)


def _there(facts: SyncFacts) -> bool:
    return facts.has_central is True and not isinstance(facts.told, Unseen)


def _since(facts: SyncFacts) -> str:
    try:
        return f" since {datetime.fromisoformat(str(facts.get('since'))).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return ""


def _trouble(facts: SyncFacts) -> tuple[str, str]:
    why = str(facts.get("trouble") or "").strip()
    said = f"Not connected to the central server{_since(facts)}; the line goes on, nothing is lost."
    return f"{said} {why}".strip(), str(facts.get("todo") or "See: sunline sync status")


def _changes(number: float, one: str, more: str) -> str:
    return f"{number:.0f} change {one}" if number == 1 else f"{number:.0f} changes {more}"


def _redis_away(facts: SyncFacts) -> bool:
    redis = facts.get("redis")
    return isinstance(redis, dict) and bool(redis.get("since")) and redis.get("connected") is False


def _well(facts: SyncFacts) -> str:
    if facts.has_central is False:
        return "no central server, that is fine"
    waiting = facts.number("waiting")
    return f"connected{_since(facts)}, {_changes(waiting, 'waits', 'wait') if waiting else 'nothing waits'}"


def _connected(facts: SyncFacts) -> bool:
    return _there(facts) and facts.get("connected") is True


EXCHANGE: Final[Question[SyncFacts]] = Question(
    "exchange", Area.SYNC, "the exchange with the central server", ("has_central", "needed"),
    (
        Row("rival", Severity.BAD, lambda f: _there(f) and bool(f.get("rival")),
            lambda f: (f"Another PC runs this line too: {f.get('rival')}.", "Stop the line on one of the two.")),
        Row("not-connected", Severity.WARN, lambda f: _there(f) and f.get("connected") is not True, _trouble),
        Row("held-back", Severity.WARN, lambda f: _there(f) and f.number("held_back_s") >= HELD_BACK_S,
            lambda f: (f"Nothing has come down for {span(f.number('held_back_s'))}.",
                       "End the transaction that was left open on the server.")),
        Row("redis-away", Severity.WARN, _redis_away,
            lambda _: ("Redis does not answer; nothing is lost, news only comes some seconds later.",
                       "See why: sunline sync status")),
    ),
    _well,
)  # fmt: skip
ADDRESS: Final[Question[AddressFacts]] = Question(
    "address", Area.SYNC, "the file with the address of the central server", ("there", "readable"),
    (
        Row("no-address", Severity.WARN, lambda f: f.there is False,
            lambda f: (f"The address of the central server is to stand in {f.file}, which is not there.",
                       "Put it there, or correct dsn_file in the line's file.")),
        Row("address-closed", Severity.WARN, lambda f: f.readable is False,
            lambda f: (f"The user {f.user} may not read {f.file}, where the address of the central server stands.",
                       f"chown {f.user} {f.file} && chmod 400 {f.file}")),
    ),
    lambda _: "",
)  # fmt: skip
REFUSED: Final[Question[SyncFacts]] = Question(
    "refused", Area.SYNC, "what the central server refused", ("has_central", "needed"),
    (
        Row("parked", Severity.WARN, lambda f: _there(f) and f.number("parked") > 0,
            lambda f: (f"The central server refused {_changes(f.number('parked'), '', '').strip()}.",
                       "See why, and try them again: sunline sync quarantine list")),
        Row("not-taken", Severity.WARN, lambda f: _there(f) and f.number("refused") > 0,
            lambda f: (f"{f.number('refused'):.0f} things from the server fit no rule of this line.",
                       "See which: journalctl -t sunline -p warning")),
    ),
    lambda f: "nothing is parked" if f.has_central else "",
)  # fmt: skip
CONFLICTS: Final[Question[SyncFacts]] = Question(
    "conflicts", Area.SYNC, "the conflicts", ("conflicts",),
    (
        Row("conflicts", Severity.WARN, lambda f: isinstance(f.conflicts, int) and f.conflicts > 0,
            lambda f: (f"{f.conflicts} edits contradicted each other, and nobody has looked at them.",
                       "See both versions: sunline sync conflicts list")),
    ),
    lambda _: "no conflicts",
)  # fmt: skip


def questions(facts: SyncFacts) -> tuple[Question[SyncFacts], ...]:
    """Give what is to be asked: conflicts are asked of the server, and only while it is there."""
    if facts.has_central is False:
        return (EXCHANGE,)
    return (EXCHANGE, REFUSED, CONFLICTS) if _connected(facts) else (EXCHANGE, REFUSED)
