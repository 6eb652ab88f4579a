"""From keys to what was typed: a pure state machine over input events.

Keys come in pairs, down and up, and only the kernel's own word (SYN_DROPPED) says that some are missing. So what does
not pair, what types no text and what follows a loss makes the whole scan one that cannot be used: it is never shorter
than what was typed without saying so. Time is that of the events; how late they are read means nothing.

after                            until                     what is typed meanwhile
a loss, and at the beginning     nothing for `SETTLE_S`    is torn: its head may be missing
no Enter for `STALE_S`           Enter, or `REST_S`        may be a rest without its head
anything else                    Enter, or the gap         is a scan
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from drivers.framing import Frame
from drivers.hid.events import DOWN, KEY, LED, LED_CAPS_LOCK, REPEAT, SYN_DROPPED, UP, EventCutter, InputEvent
from drivers.hid.keys import CAPS_LOCK, CHORD, ENTER, NUM_LOCK, SHIFT, control_of, name_of, typed

SETTLE_S: Final = 0.1
"""A scanner leaves less than this between two keys of one barcode."""

STALE_S: Final = 0.5
"""An Enter this late is not that of the text before it."""

REST_S: Final = 3.0
"""What is typed so soon after a text without its Enter may be the rest of it."""

LOST: Final = "keys before it were lost"
_BROKEN_OFF = "it broke off before its end"
_REST = "it may be the rest of what broke off before it"
_SILENT_KEYS = SHIFT | CHORD | {CAPS_LOCK, NUM_LOCK}


@dataclass(frozen=True, slots=True)
class Typing:
    """What ends a scan: Enter, and with `gap_s` also so much silence. `max_length` bounds it, in characters."""

    gap_s: float | None = None
    max_length: int = 128


class _Word(Enum):
    """What the kernel is telling."""

    NEWS = auto()
    GAP = auto()  # after SYN_DROPPED: the rest of a report that lost its head
    STATE = auto()  # the keys as they are now


class Typist:
    """Reads what is typed on one keyboard. A frame's `raw` is the text; keys without any stand in brackets: `<Tab>`."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing
        self._cutter = EventCutter()
        self.reset()

    def reset(self) -> None:
        """Forget everything: a keyboard begins with what it is told of its keys."""
        self._cutter.reset()
        self._word = _Word.NEWS
        self._held: set[int] = set()
        self._light = self._caps_lock = False
        self._last_ns = self._broke_off_ns = 0
        self._torn = self._began = self._entering = False
        self._text: list[str] = []
        self._faults = ""
        self.heard = b""

    @property
    def idle_after_s(self) -> float | None:
        """How long a silence means something now; None when nothing waits."""
        return self._patience_s if self._torn or self._text else None

    def feed(self, data: bytes) -> list[Frame]:
        """Take events, return the frames they complete; `heard` is then what they typed, key by key."""
        self.heard = b""
        return [frame for event in self._cutter.feed(data) for frame in self._take(event)]

    def idle(self, now_ns: int) -> list[Frame]:
        """Nothing came until now, on the events' clock: end the scan, or give it up."""
        return self._silence() if self._is_pause(now_ns) else []

    @property
    def _patience_s(self) -> float:
        return SETTLE_S if self._torn else self._typing.gap_s or STALE_S

    def _is_pause(self, now_ns: int) -> bool:
        return now_ns - self._last_ns >= self._patience_s * 1e9

    def _take(self, event: InputEvent) -> list[Frame]:
        if event.kind == 0:
            self._report(event)
        elif event.kind == LED and event.code == LED_CAPS_LOCK:
            self._light = self._caps_lock = bool(event.value)
        elif event.kind == KEY and self._word is not _Word.GAP:
            return self._key(event)
        return []

    def _report(self, event: InputEvent) -> None:
        """Follow the kernel's punctuation; see Documentation/input/event-codes.rst for SYN_DROPPED."""
        if event.code == SYN_DROPPED:
            if self._began:
                self._fault("<...>", LOST)
            self._torn, self._last_ns, self._word = True, event.at_ns, _Word.GAP
            self._held.clear()
        elif self._word is not _Word.NEWS:
            self._word = _Word.STATE if self._word is _Word.GAP else _Word.NEWS
        self._began = True

    def _key(self, event: InputEvent) -> list[Frame]:
        if self._word is _Word.STATE and event.value == REPEAT:
            self._held.add(event.code)
            return []
        if event.value == REPEAT and event.code in self._held:
            return []  # a key that stays down types once, and is no sign of life
        frames = self._silence() if self._is_pause(event.at_ns) else []
        if not self._text and event.at_ns - self._broke_off_ns >= REST_S * 1e9:
            self._broke_off_ns = 0
        self._last_ns, self._began, self._word = event.at_ns, True, _Word.NEWS
        return frames + self._moved(event.code, event.value)

    def _moved(self, code: int, value: int) -> list[Frame]:
        """A key went down or up."""
        if value not in {UP, DOWN} or (value == DOWN) == (code in self._held):
            if not self._torn:
                self._fault("<?>", f"a part of a keystroke is missing ({name_of(code)})")
            self._held -= {code}
            return []
        self._held ^= {code}
        if code in ENTER:
            self.heard += b"\r" * value
            return self._enter(value)
        if value == DOWN:
            self._pressed(code)
        return []

    def _pressed(self, code: int) -> None:
        if code in _SILENT_KEYS:
            self._caps_lock ^= code == CAPS_LOCK
            return
        text = typed(code, shift=bool(self._held & SHIFT), caps_lock=self._caps_lock)
        self.heard += (text or control_of(code)).encode()
        if text is None:
            self._fault(f"<{name_of(code)}>", f"{name_of(code)} types no character")
        elif self._held & CHORD:
            self._fault(text, f"a key was typed together with {name_of(min(self._held & CHORD))}")
        elif len(self._text) >= self._typing.max_length:
            self._fault("", f"it is longer than {self._typing.max_length} characters")
        else:
            self._text.append(text)
        if self._entering:
            self._fault("", "it went on while Enter was down")

    def _enter(self, value: int) -> list[Frame]:
        """Enter ends a scan when it comes up again: by then the last key before it has, too."""
        if self._torn:
            if value == DOWN:
                self._fault("<Enter>", LOST)
            return []
        stuck = self._held & (SHIFT | CHORD)
        if stuck and self._text:
            self._fault("", f"{name_of(min(stuck))} was held at its end")
        self._entering, ends = value == DOWN, self._entering
        return self._ended() if ends else []

    def _ended(self) -> list[Frame]:
        fault, self._broke_off_ns = _REST if self._broke_off_ns else "", 0
        return self._done(fault)

    def _silence(self) -> list[Frame]:
        """A pause: what is torn is over, and Caps Lock is what its light says; else it is the end, or too early."""
        if self._torn:
            self._torn, self._caps_lock = False, self._light
            return self._done(LOST)
        if self._typing.gap_s is not None and not self._held:
            return self._ended()
        if self._text:
            self._broke_off_ns = self._last_ns
        return self._done(_BROKEN_OFF)

    def _done(self, fault: str) -> list[Frame]:
        text, fault = "".join(self._text), self._faults or fault
        self._text, self._faults, self._entering = [], "", False
        return [Frame(text.encode(), fault)] if text else []

    def _fault(self, mark: str, reason: str) -> None:
        if mark and len(self._text) < self._typing.max_length:
            self._text.append(mark)
        self._faults = self._faults or reason
