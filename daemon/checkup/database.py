"""A line's store, looked at from outside: its files, and what its daemon says. One that is in use is not opened."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from daemon.checkup.finding import Area, Severity, Unseen
from daemon.checkup.question import Question, Row

LOG_MB: Final = 256


class Head(StrEnum):
    """What the first bytes of the file say, where no daemon has it open."""

    OURS = "ours"
    NEWER = "newer"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    UNASKED = "unasked"  # its daemon has it open


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """A store's files. `size_mb` None: there is none. `owner` and `wanted` are users; `wanted` None: anybody.

    `open_to_all`: every user of the PC can read it. `log_mb` is the write-ahead log's size. `damaged` are copies of
    damaged stores, `kept` those from before an upgrade. `holder` is a process that has it open, in words, other than a
    daemon that answers. `opened_at` is when the daemon that runs opened and checked it.
    """

    path: str
    runs: bool
    size_mb: int | Unseen | None
    owner: str | Unseen | None
    wanted: str | Unseen | None
    open_to_all: bool | Unseen
    log_mb: int | Unseen
    damaged: tuple[str, ...] | Unseen
    kept: tuple[str, ...] | Unseen
    head: Head | Unseen
    holder: str | Unseen | None
    opened_at: datetime | None


def _foreign(facts: StoreFacts) -> bool:
    return isinstance(facts.wanted, str) and isinstance(facts.owner, str) and facts.owner != facts.wanted


def _folder(facts: StoreFacts) -> str:
    return facts.path.rpartition("/")[0]


def _words(facts: StoreFacts) -> str:
    if facts.size_mb is None:
        return "no store yet: the first start makes it"
    checked = f", found whole {facts.opened_at.astimezone():%Y-%m-%d %H:%M}" if facts.opened_at else ""
    waits = "" if facts.runs else ", checked at the next start"
    copies = () if isinstance(facts.kept, Unseen) else facts.kept
    kept = f", kept from before an upgrade: {', '.join(copies)}" if copies else ""
    return f"{facts.size_mb} MB{checked}{waits}{kept}"


def _damaged(facts: StoreFacts) -> tuple[str, ...]:
    return () if isinstance(facts.damaged, Unseen) else facts.damaged


WHOLE: Final[Question[StoreFacts]] = Question(
    "store", Area.DATABASE, "the store", ("size_mb", "head", "damaged", "holder"),
    (
        Row("store-gone", Severity.BAD, lambda f: f.runs and f.size_mb is None,
            lambda f: (f"The store {f.path} was taken away while the line runs.",
                       "Export the line's data now (sunline export), before the line is stopped.")),
        Row("store-foreign", Severity.BAD, lambda f: f.head is Head.FOREIGN,
            lambda f: (f"{f.path} is a database of another program.",
                       "Move it away, or name another file: store.path in the line's file.")),
        Row("store-newer", Severity.BAD, lambda f: f.head is Head.NEWER,
            lambda _: ("A newer version of this program has changed the store; this one cannot open it.",
                       "Install the newer version again; nothing was changed in the store.")),
        Row("store-unreadable", Severity.BAD, lambda f: f.head is Head.UNREADABLE,
            lambda f: (f"{f.path} does not begin as a store does: its first page is damaged, or it is another file.",
                       "Start the line: it saves what can be read, and keeps this file beside it.")),
        Row("store-held", Severity.BAD, lambda f: isinstance(f.holder, str),
            lambda f: (f"{f.holder} has the store open and does not answer as its line: the line cannot start.",
                       "End that process.")),
        Row("store-was-damaged", Severity.WARN, lambda f: bool(_damaged(f)),
            lambda f: (f"The store was damaged once; what could not be read lies in {', '.join(_damaged(f))}.",
                       "See what was lost (sunline status, Alarms), then move these files to another disk.")),
        Row("log-too-long", Severity.WARN, lambda f: isinstance(f.log_mb, int) and f.log_mb > LOG_MB,
            lambda f: (f"The store's log has grown to {f.log_mb} MB: something keeps it from being taken over.",
                       "Between two shifts: systemctl restart the line's service.")),
    ),
    _words,
)  # fmt: skip
OWNER: Final[Question[StoreFacts]] = Question(
    "owner", Area.DATABASE, "whose the store is", ("owner", "wanted", "open_to_all"),
    (
        Row("other-owner", Severity.BAD, _foreign,
            lambda f: (f"The store belongs to {f.owner}: the service, which runs as {f.wanted}, cannot write it.",
                       f"Stop the line, then: chown -R {f.wanted}: {_folder(f)}")),
        Row("readable-by-all", Severity.WARN, lambda f: f.open_to_all is True,
            lambda f: ("Other users of this PC can read the store.", f"chmod go= {f.path}*")),
    ),
    lambda _: "",
)  # fmt: skip

QUESTIONS: Final = (WHOLE, OWNER)
