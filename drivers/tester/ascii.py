"""An IV tester that sends its results as text over a serial line, in a configured dialect.

Whether the numbers make sense is not judged here.
"""

from collections.abc import Sequence
from datetime import datetime

from drivers.framing import Cutter, Frame, Noise
from drivers.instrument import Answer
from drivers.protocol import Chunk, Output
from drivers.readings import Flash, Garbled, Reading, TesterFault
from drivers.tester.cells import WrongShape, is_header, split_parts
from drivers.tester.checksums import hex_checksum
from drivers.tester.dialect import Dialect
from drivers.tester.result import read_result, to_flash

_BLANKS = str.maketrans("", "", "\t\r\n")


class AsciiTester:
    """Reads one flash a frame; frames the dialect cannot read become Garbled with a plain reason."""

    speaks_unasked = False

    def __init__(self, dialect: Dialect, device: str) -> None:
        self._dialect = dialect
        self._device = device
        self._cutter = Cutter(dialect.framing)
        self._header: Sequence[str] | None = None
        self._refused = 0

    @property
    def idle_after_s(self) -> float | None:
        """The frame gap while part of a frame waits, else None."""
        return self._cutter.idle_after_s

    @property
    def noise(self) -> Noise:
        """Bytes outside any frame."""
        return self._cutter.noise

    def opened(self) -> bytes:
        """Forget a partial frame and the header line; nothing to send."""
        self._cutter.reset()
        self._header, self._refused = None, 0
        return b""

    def feed(self, chunk: Chunk) -> Output:
        """Return the flashes that `chunk` completes, and the replies due at once."""
        return self._read(self._cutter.feed(chunk.data), chunk.wall, chunk.monotonic_ns)

    def idle(self, wall: datetime, monotonic_ns: int) -> Output:
        """End the waiting frame, or give it up."""
        return self._read(self._cutter.idle(), wall, monotonic_ns)

    def answer(self, reading: Reading, answer: Answer) -> bytes:
        """Return the dialect's reply to a stored flash: `good`, or `bad` for one that was refused or not stored.

        Empty for unreadable frames, which were answered at once, and in dialects that reply on receipt.
        """
        if self._dialect.reply.when == "received" or isinstance(reading, Garbled):
            return b""
        return self._refusal() if answer is Answer.BAD else self._good()

    def arm(self, serial: str | None) -> bytes | None:
        """Return the dialect's arm command with `serial` in it (None: its disarm command), empty when it has none.

        None when the serial cannot be said in the dialect's encoding.
        """
        template = self._dialect.trigger.disarm if serial is None else self._dialect.trigger.arm
        text = serial or ""
        if "{serial}" in template and not text.isprintable():
            return None
        try:
            return template.replace("{serial}", text).encode(self._dialect.encoding)
        except UnicodeEncodeError:
            return None

    def _read(self, frames: list[Frame], wall: datetime, monotonic_ns: int) -> Output:
        readings = [self._reading(frame, wall, monotonic_ns) for frame in frames]
        said = tuple(reading for reading in readings if reading is not None)
        return Output(said, b"".join(self._reply_to(reading) for reading in said))

    def _reading(self, frame: Frame, wall: datetime, monotonic_ns: int) -> Reading | None:
        """Return what one frame says; None for chatter and header lines."""
        try:
            text = self._text(frame)
            if text.startswith(self._dialect.ignore):
                return None
            if text.startswith(self._dialect.faults):
                reason = f"The tester reports: {text.strip()}"
                return TesterFault(
                    device=self._device, raw=frame.raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason
                )
            if self._names_columns(text):
                return None
            result = read_result(text, self._dialect, self._header)
        except WrongShape as error:
            reason = f"The tester's result cannot be read: {error}."
            return Garbled(device=self._device, raw=frame.raw, wall=wall, monotonic_ns=monotonic_ns, reason=reason)
        return to_flash(result, self._dialect, frame.raw, self._device, wall, monotonic_ns)

    def _text(self, frame: Frame) -> str:
        """Return the checked text of a frame. Raises WrongShape."""
        if frame.fault:
            raise WrongShape(frame.fault)
        try:
            text = self._checked(frame.raw).decode(self._dialect.encoding)
        except UnicodeDecodeError as error:
            raise WrongShape(f"it is not valid {self._dialect.encoding}") from error
        if not text.translate(_BLANKS).isprintable():
            raise WrongShape("it holds bytes that are no printable text")
        return text

    def _checked(self, raw: bytes) -> bytes:
        """Return the bytes before the check value. Raises WrongShape when it is absent or wrong."""
        checksum = self._dialect.checksum
        if checksum is None:
            return raw
        body, found, trailer = raw.rpartition(checksum.mark.encode(self._dialect.encoding))
        if not found:
            raise WrongShape("its checksum is missing")
        if trailer.strip().upper() != hex_checksum(checksum.kind, body):
            raise WrongShape("its checksum is wrong")
        return body

    def _names_columns(self, text: str) -> bool:
        if not self._dialect.header:
            return False
        parts = split_parts(text, self._dialect)
        found = is_header(parts, self._dialect)
        if found:
            self._header = parts
        return found

    def _reply_to(self, reading: Reading) -> bytes:
        if isinstance(reading, Garbled):
            return self._refusal()
        if isinstance(reading, Flash | TesterFault) and self._dialect.reply.when == "received":
            return self._good()
        return b""

    def _good(self) -> bytes:
        self._refused = 0
        return self._dialect.reply.good.encode(self._dialect.encoding)

    def _refusal(self) -> bytes:
        """Return the bad reply, a limited number of times in a row: a tester may repeat for ever."""
        self._refused += 1
        over = self._refused > self._dialect.reply.bad_limit
        return b"" if over else self._dialect.reply.bad.encode(self._dialect.encoding)
