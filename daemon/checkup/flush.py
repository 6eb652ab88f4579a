"""Whether "saved" is saved: what the system does of a flush, what the drive says, and what it can have done.

A drive that keeps writes in memory of its own and answers a flush before they are safe cannot be caught by asking it.
What it cannot hide is time: a disk has to turn, flash has to be programmed. Whoever is faster has not done it, or has
a store of energy to do it later; so a fast answer is "probably" and never proof, and a slow one is no proof either.
"""

from typing import Final

from daemon.checkup.disk import DiskFacts, ms_words
from daemon.checkup.drives import Drive, Kind
from daemon.checkup.finding import Area, Severity
from daemon.checkup.question import Question, Row, Words

TURN_MS: Final = 2.0
"""Half a turn of the fastest disks made, at 15,000 a minute (4 ms); at the usual 7,200 a turn takes 8.3 ms. A block
written over itself comes under the head once a turn: the reckoning of pg_test_fsync and of PostgreSQL's manual
("Reliability"), which take a disk that syncs more often than it turns for one that does not sync."""

PROGRAM_MS: Final = 0.15
"""Flash takes 0.2 ms and more to program a page, its own bookkeeping apart; drives without a store of energy were
measured at 0.5 to 5 ms a flush, those with one (which mostly report "write through") at 0.02 to 0.1 ms."""

_OFF: Final = frozenset({"nobarrier", "barrier=0"})
_UNFLUSHED: Final = "write through"
_FLUSHED: Final = "write back"


def _answers_within(facts: DiskFacts, limit_ms: float) -> bool:
    return isinstance(facts.flush_ms, float) and facts.flush_ms < limit_ms


def _muted(facts: DiskFacts) -> Drive | None:
    """Give a drive that says it has a cache, and to which the system sends no flush all the same."""
    muted = (one for one in facts.drives if one.write_cache == _UNFLUSHED and one.cache_type == _FLUSHED)
    return next(muted, None)


def _disk_too_fast(facts: DiskFacts, kind: Kind) -> Drive | None:
    if not _answers_within(facts, TURN_MS):
        return None
    return next((one for one in facts.drives if one.rotational is True and one.kind is kind), None)


def _flash_too_fast(facts: DiskFacts) -> Drive | None:
    if not _answers_within(facts, PROGRAM_MS):
        return None
    flash = (one for one in facts.drives if one.rotational is not True and one.kind not in _HOSTED)
    return next((one for one in flash if one.write_cache == _FLUSHED), None)


_HOSTED: Final = frozenset({Kind.VIRTUAL, Kind.LOOP, Kind.MEMORY})


def _hosted(facts: DiskFacts) -> Drive | None:
    return next((one for one in facts.drives if one.kind in _HOSTED), None)


def _cache_off(drive: Drive | None) -> str:
    return f"Switch its cache off: hdparm -W0 /dev/{_name(drive)}; for good: write_cache = off in /etc/hdparm.conf"


def _too_fast(drive: Drive | None, facts: DiskFacts, than: str) -> str:
    said = f'{drive} says "saved" in {ms_words(facts.flush_ms)}, sooner than {than}'
    return f"{said}: it probably keeps results in memory that a power cut empties"


def _say_turn(facts: DiskFacts) -> Words:
    drive = _disk_too_fast(facts, Kind.SATA)
    return f"{_too_fast(drive, facts, 'it can turn')}.", _cache_off(drive)


def _say_controller(facts: DiskFacts) -> Words:
    drive = _disk_too_fast(facts, Kind.SCSI)
    todo = "Look whether the controller has a good battery for its memory; without one, set it to write through."
    return f"{_too_fast(drive, facts, 'a disk can turn')}, unless its controller has a battery.", todo


def _say_flash(facts: DiskFacts) -> Words:
    drive = _flash_too_fast(facts)
    todo = "Look for power-loss protection in its data sheet. Without it, take a drive that has it."
    return f"{_too_fast(drive, facts, 'flash is written')}, or has power-loss protection.", todo


def _say_muted(facts: DiskFacts) -> Words:
    drive = _muted(facts)
    todo = f"echo 'write back' > /sys/block/{_name(drive)}/queue/write_cache; then find out what changed it."
    return f"{drive} has a cache, and the system was told to send it no flush.", todo


def _say_off(facts: DiskFacts) -> Words:
    options = " ".join(sorted(_OFF & facts.options))
    return (
        f"Flushing is switched off ({options}): a power cut takes results that were said to be saved.",
        "Take that option out of /etc/fstab, then reboot.",
    )


def _say_hosted(facts: DiskFacts) -> Words:
    todo = "Look on the host that its disks do not ignore flushes (cache=unsafe)."
    return f"Whether a flush reaches the disk cannot be seen from here: {_hosted(facts)}.", todo


def _say_unknown(facts: DiskFacts) -> Words:
    todo = "Look for power-loss protection in the data sheet of the drive."
    return f"Whether a flush reaches the disk cannot be seen: the kernel does not tell of {facts.names}.", todo


_ROWS: Final[tuple[Row[DiskFacts], ...]] = (
    Row("flush-off", Severity.BAD, lambda f: bool(_OFF & f.options), _say_off),
    Row("flush-not-sent", Severity.BAD, lambda f: _muted(f) is not None, _say_muted),
    Row("flush-before-a-turn", Severity.BAD, lambda f: _disk_too_fast(f, Kind.SATA) is not None, _say_turn),
    Row("flush-in-controller", Severity.WARN, lambda f: _disk_too_fast(f, Kind.SCSI) is not None, _say_controller),
    Row("flush-before-flash", Severity.WARN, lambda f: _flash_too_fast(f) is not None, _say_flash),
    Row("flush-up-to-the-host", Severity.UNSEEN, lambda f: _hosted(f) is not None, _say_hosted),
    Row("flush-unknown", Severity.UNSEEN, lambda f: any(one.write_cache is None for one in f.drives), _say_unknown),
)


def _name(drive: Drive | None) -> str:
    return drive.name if drive else "sdX"


FLUSH: Final[Question[DiskFacts]] = Question(
    "flush", Area.DISK, "whether the disk is honest about saving", ("mount", "stack", "flush_ms"), _ROWS,
    lambda f: f"flushes in {ms_words(f.flush_ms)}",
)  # fmt: skip
