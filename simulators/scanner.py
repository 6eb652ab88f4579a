"""A barcode scanner as a model: triggered, it sends, waits for its host as its kind does, and remembers the answer.

Time is passed in as seconds of any steady clock. The model never sleeps and knows no port.
"""

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum

from simulators.wire.scanners import (
    TERMINATORS,
    AckNakEar,
    Deaf,
    Ear,
    Heard,
    HostAckEar,
    SsiEar,
    SsiForm,
    TextForm,
)

ScanForm = TextForm | SsiForm


class Verdict(StrEnum):
    """What the person at the scanner hears after a scan."""

    GOOD = "good"
    BAD = "bad"
    SEEN = "seen"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Feedback:
    """The answer to one scan: last byte out at `sent_s` (None: never), first byte of the answer in at `heard_s`."""

    text: str
    verdict: Verdict
    sent_s: float | None
    heard_s: float | None

    @property
    def latency_s(self) -> float | None:
        """From the last byte of the scan to the first byte of the answer; None without answer."""
        if self.sent_s is None or self.heard_s is None:
            return None
        return self.heard_s - self.sent_s


@dataclass(frozen=True, slots=True)
class Habits:
    """How a kind of scanner waits.

    `answer_s`: gives up after this. `tail_s`: an answer may have a second part within this; `alone` is what the
    first part means when none comes. `resends`: repeats of an unanswered scan, each after `resend_s`. `nak_resends`:
    repeats that the host may ask for.
    """

    answers: bool = True
    answer_s: float = 10.0
    tail_s: float = 0.0
    alone: Verdict = Verdict.SEEN
    resends: int = 0
    resend_s: float = 1.0
    nak_resends: int = 3


HABITS = {
    "plain": Habits(answers=False),
    "honeywell-host-ack": Habits(answer_s=10.0, tail_s=0.1),
    "honeywell-ack-nak": Habits(answer_s=2.0, tail_s=0.05, alone=Verdict.GOOD),
    "ssi": Habits(answer_s=4.0, tail_s=0.25, resends=3),
}
"""By kind. The tail is the second half of a bad escape string, or the beep after an ACK."""

_EARS: dict[str, type[Ear]] = {
    "plain": Deaf,
    "honeywell-host-ack": HostAckEar,
    "honeywell-ack-nak": AckNakEar,
    "ssi": SsiEar,
}


@dataclass(slots=True)
class _Waiting:
    text: str
    sent_s: float | None = None
    heard_s: float | None = None
    repeats: int = 0
    naks: int = 0
    heard: Heard | None = None


class Scanner:
    """One scanner. Triggers queue; the next scan leaves when the last one is answered or given up."""

    def __init__(self, kind: str, form: ScanForm, habits: Habits | None = None) -> None:
        self.kind = kind
        self._form = form
        self._habits = habits or HABITS[kind]
        self._ear = _EARS[kind]()
        self._queue: deque[str] = deque()
        self._waiting: _Waiting | None = None
        self._out: deque[bytes] = deque()
        self._feedback: deque[Feedback] = deque()

    @property
    def answers(self) -> bool:
        """Whether this kind hears its host at all."""
        return self._habits.answers

    @property
    def busy(self) -> bool:
        """Whether a scan still waits, for its turn or for its answer."""
        return self._waiting is not None or bool(self._queue)

    def plug(self, now_s: float) -> None:
        """Get power: a scanner says nothing about it."""

    def trigger(self, text: str) -> None:
        """Read a barcode: sent at once, or when the scan before it is answered."""
        self._queue.append(text)
        self._start_next()

    def take_frame(self) -> bytes | None:
        """Return the next frame to write, if any. Call `written` when its last byte is out."""
        return self._out.popleft() if self._out else None

    def written(self, now_s: float) -> None:
        """Note that the last taken frame is out: the wait for an answer starts."""
        if self._waiting is None:
            return
        self._waiting.sent_s = now_s
        if not self._habits.answers:
            self._finish(Verdict.NONE)

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host. Bytes that answer nothing are forgotten."""
        for heard in self._ear.hear(data):
            if self._waiting is not None and self._waiting.sent_s is not None:
                self._take(self._waiting, heard, now_s)

    def _take(self, waiting: _Waiting, heard: Heard, now_s: float) -> None:
        if waiting.heard_s is None:
            waiting.heard_s = now_s
        if heard is Heard.RESEND:
            self._repeat_on_request(waiting, now_s)
        elif self._needs_tail(waiting, heard):
            waiting.heard = heard
        else:
            self._finish(self._verdict(heard))

    def _needs_tail(self, waiting: _Waiting, heard: Heard) -> bool:
        if heard is Heard.ACKED:
            return waiting.heard is None
        return self.kind == "honeywell-host-ack" and heard is Heard.BAD and waiting.heard is None

    def advance(self, now_s: float) -> None:
        """Let time pass: end tails, repeat what nobody acknowledged, give up in the end."""
        waiting = self._waiting
        due_s = self.wake_at_s
        if waiting is None or due_s is None or now_s < due_s:
            return
        if waiting.heard is not None:
            self._finish(self._verdict(waiting.heard))
        elif waiting.repeats < self._habits.resends:
            self._repeat(waiting, now_s)
        else:
            self._finish(Verdict.NONE)

    @property
    def wake_at_s(self) -> float | None:
        """When `advance` has something to do, if nothing is heard before."""
        waiting = self._waiting
        if waiting is None or waiting.sent_s is None:
            return None
        if waiting.heard is not None and waiting.heard_s is not None:
            return waiting.heard_s + self._habits.tail_s
        habits = self._habits
        patience_s = habits.resend_s if waiting.repeats < habits.resends else habits.answer_s
        return waiting.sent_s + patience_s

    def take_feedback(self) -> Feedback | None:
        """Return the oldest answer not taken yet."""
        return self._feedback.popleft() if self._feedback else None

    def unplug(self) -> None:
        """Lose power: what was queued or waited for is gone, the person hears nothing."""
        self._queue.clear()
        self._out.clear()
        self._ear = _EARS[self.kind]()
        if self._waiting is not None:
            self._finish(Verdict.NONE)

    def _verdict(self, heard: Heard) -> Verdict:
        if heard is Heard.ACKED:
            return self._habits.alone
        return {Heard.GOOD: Verdict.GOOD, Heard.BAD: Verdict.BAD}.get(heard, Verdict.SEEN)

    def _repeat_on_request(self, waiting: _Waiting, now_s: float) -> None:
        waiting.naks += 1
        if waiting.naks > self._habits.nak_resends:
            self._finish(Verdict.NONE)
        else:
            self._repeat(waiting, now_s)

    def _repeat(self, waiting: _Waiting, now_s: float) -> None:
        waiting.repeats += 1
        waiting.sent_s = now_s
        waiting.heard_s = None
        self._out.append(self._form.write(waiting.text, again=True))

    def _finish(self, verdict: Verdict) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            heard_s = None if verdict is Verdict.NONE else waiting.heard_s
            self._feedback.append(Feedback(waiting.text, verdict, waiting.sent_s, heard_s))
        self._start_next()

    def _start_next(self) -> None:
        if self._waiting is None and self._queue:
            self._waiting = _Waiting(self._queue.popleft())
            self._out.append(self._form.write(self._waiting.text))


def scanner(
    kind: str,
    *,
    terminator: str = "cr",
    stx: bool = False,
    aim: str = "",
    answer_s: float | None = None,
    flaw: str = "",
) -> Scanner:
    """Build a scanner by kind.

    `terminator` is cr, lf, crlf, etx or none; `aim` such as `]C0` goes in front; `answer_s` shortens the wait; `flaw`
    makes it sick, see FLAWS.
    """
    form = SsiForm() if kind == "ssi" else TextForm(TERMINATORS[terminator], b"\x02" if stx else b"", aim, flaw)
    habits = HABITS[kind] if answer_s is None else replace(HABITS[kind], answer_s=answer_s)
    return Scanner(kind, form, habits)
