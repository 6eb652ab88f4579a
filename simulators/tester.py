"""A live tester that writes text lines, as a model: a flash goes out, and again if its host did not take it."""

from collections import deque
from dataclasses import dataclass

from simulators.rig import Flash
from simulators.wire.testers import AsciiForm

_ACK, _NAK = 0x06, 0x15
_ANSWER_S = 1.0
_REPEATS = 3


@dataclass(slots=True)
class _Sent:
    frame: bytes
    sent_s: float | None = None
    repeats: int = 0


class AsciiTester:
    """Sends each flash once, or until acknowledged where its form says so (at most three repeats)."""

    def __init__(self, form: AsciiForm) -> None:
        self._form = form
        self._out: deque[bytes] = deque()
        self._unanswered: _Sent | None = None
        self.delivered = 0

    def plug(self, now_s: float) -> None:
        """Get a link: a tester says nothing about it."""

    def report(self, flash: Flash) -> None:
        """Queue the frame of a flash."""
        frame = self._form.write(flash)
        self._out.append(frame)
        if self._form.acknowledged:
            self._unanswered = _Sent(frame)
        else:
            self.delivered += 1

    def take_frame(self) -> bytes | None:
        """Return the next frame to write, if any."""
        return self._out.popleft() if self._out else None

    def written(self, now_s: float) -> None:
        """Note that the last taken frame is out."""
        if self._unanswered:
            self._unanswered.sent_s = now_s

    def receive(self, data: bytes, now_s: float) -> None:
        """Take the host's answer: 06h ends the wait, 15h repeats the frame."""
        for byte in data:
            if self._unanswered is None:
                return
            if byte == _ACK:
                self._unanswered = None
                self.delivered += 1
            elif byte == _NAK:
                self._repeat(self._unanswered, now_s)

    @property
    def wake_at_s(self) -> float | None:
        """When an unanswered frame is repeated."""
        if self._unanswered is None or self._unanswered.sent_s is None:
            return None
        return self._unanswered.sent_s + _ANSWER_S

    def advance(self, now_s: float) -> None:
        """Let time pass: repeat what was not answered, give up in the end."""
        due_s = self.wake_at_s
        if self._unanswered is not None and due_s is not None and now_s >= due_s:
            self._repeat(self._unanswered, now_s)

    def unplug(self) -> None:
        """Lose the link: nothing unsent survives."""
        self._out.clear()
        self._unanswered = None

    def _repeat(self, sent: _Sent, now_s: float) -> None:
        if sent.repeats >= _REPEATS:
            self._unanswered = None
            return
        sent.repeats += 1
        sent.sent_s = now_s
        self._out.append(sent.frame)
