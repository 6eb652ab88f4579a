"""The configurable serial dialect of an IV tester, as a frozen model loaded from TOML.

Every knob was seen in a real device; a dialect file says which apply. Unknown keys are refused with the nearest
known name.
"""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from drivers.errors import NeedsPerson
from drivers.framing import Ending, Framing
from drivers.tester.checksums import ChecksumKind
from drivers.tester.numbers import DecimalMark


class DialectRefused(NeedsPerson):
    """A dialect file cannot be used. The message names the file, the place and the fault."""

    todo = "Correct the dialect file; the shipped examples show every key."


class Meaning(StrEnum):
    """What a field of a result says. Fields without a meaning are kept as text."""

    SERIAL = "serial"
    DATE = "date"
    TIME = "time"
    KIND = "kind"
    PMAX = "pmax_w"
    VOC = "voc_v"
    ISC = "isc_a"
    VMP = "vmp_v"
    IMP = "imp_a"
    IRRADIANCE = "irradiance_w_m2"
    TEMPERATURE = "temperature_c"


class Layout(StrEnum):
    """How the fields of one result lie."""

    SEPARATED = "separated"  # a,b,c
    FIXED = "fixed"  # columns of fixed width
    PAIRS = "pairs"  # key=value or NAME:value


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class LinkSettings(_Model):
    """The serial line. Not used by the codec: whoever opens the port reads it here."""

    baud: Annotated[int, Field(gt=0, le=4_000_000)] = 9600
    parity: Literal["none", "even", "odd"] = "none"
    data_bits: Literal[7, 8] = 8
    stop_bits: Literal[1, 2] = 1


class FrameSettings(_Model):
    """Where one result begins and ends; `start` and `end` as text (U+0002 is STX)."""

    ending: Ending = Ending.LINE
    start: str = ""
    end: str = ""
    gap_s: Annotated[float, Field(gt=0)] = 0.2
    stale_s: Annotated[float, Field(gt=0)] = 1.0
    max_length: Annotated[int, Field(gt=0)] = 4096


class FieldSettings(_Model):
    """One field: where it is and what it says.

    Where: `position` (separated, from 1), `name` (pairs, or separated with a header line) or `column` and `width`
    (fixed, from 1, in characters). `scale` multiplies the printed number (0.001 for mA); `unit` is text to strip.
    A field that is not `required` may be missing.
    """

    is_: Annotated[Meaning | None, Field(alias="is")] = None
    position: Annotated[int | None, Field(ge=1)] = None
    name: str | None = None
    column: Annotated[int | None, Field(ge=1)] = None
    width: Annotated[int | None, Field(ge=1)] = None
    unit: str = ""
    scale: float = 1.0
    required: bool = True

    @property
    def label(self) -> str:
        """What the field is called in messages and in `Flash.extra`."""
        where = f"column {self.column}" if self.column else f"field {self.position}"
        return self.name or (self.is_.value if self.is_ else where)


class ChecksumSettings(_Model):
    """Hexadecimal check value at the end of a frame behind `mark`, over the bytes before the mark."""

    kind: ChecksumKind
    mark: str = "*"


class ReplySettings(_Model):
    """What the tester waits for: `good` and `bad` as text (U+0006 is ACK, U+0015 is NAK).

    `when`: after the flash is durably stored, or at once when it was received whole. An unreadable frame gets
    `bad` at once in both cases, at most `bad_limit` times in a row.
    """

    good: str = ""
    bad: str = ""
    when: Literal["stored", "received"] = "stored"
    bad_limit: Annotated[int, Field(ge=0)] = 3


class TriggerSettings(_Model):
    """Commands to the tester: `arm` with `{serial}` where the serial goes, `disarm` to take it back."""

    arm: str = ""
    disarm: str = ""


class Dialect(_Model):
    """All that is to be known about one tester's serial language.

    `count` is the number of fields of a whole result; in a fixed layout, of its characters. `nulls` are texts that
    mean "not given". A frame beginning with one of `faults` is the tester's own error text, one beginning with one
    of `ignore` is chatter. A `calibration` text in the field of that kind marks a calibration flash.
    """

    name: str
    encoding: Literal["utf-8", "gbk", "cp1252", "latin-1"] = "utf-8"
    layout: Layout
    separator: str = ","
    assign: str = "="
    decimal: DecimalMark = "."
    header: bool = False
    count: Annotated[int | None, Field(ge=1)] = None
    nulls: tuple[str, ...] = ("", "-", "nan", "9.91E37", "9999")
    calibration: tuple[str, ...] = ("CALI",)
    faults: tuple[str, ...] = ("ERROR",)
    ignore: tuple[str, ...] = ()
    link: LinkSettings = LinkSettings()
    frame: FrameSettings = FrameSettings()
    fields: Annotated[tuple[FieldSettings, ...], Field(min_length=1)]
    checksum: ChecksumSettings | None = None
    reply: ReplySettings = ReplySettings()
    trigger: TriggerSettings = TriggerSettings()

    @property
    def framing(self) -> Framing:
        """The frame settings as the cutter takes them."""
        frame = self.frame
        return Framing(
            ending=frame.ending,
            start=frame.start.encode(self.encoding),
            end=frame.end.encode(self.encoding),
            max_length=frame.max_length,
            gap_s=frame.gap_s,
            stale_s=frame.stale_s,
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        meanings = [field.is_ for field in self.fields if field.is_]
        if len(set(meanings)) != len(meanings):
            raise ValueError("two fields have the same meaning")
        for field in self.fields:
            _check_place(field, self.layout, header=self.header)
        if "" in self.faults or "" in self.ignore:
            raise ValueError("an empty text in faults or ignore would match every frame")
        _check_texts(self)
        if self.layout is not Layout.FIXED and self.separator in {"", self.decimal}:
            raise ValueError("the separator must be given and differ from the decimal mark")
        if self.layout is Layout.PAIRS and self.assign in {"", self.separator, self.decimal}:
            raise ValueError("assign must be given and differ from separator and decimal mark")
        return self


def _check_place(field: FieldSettings, layout: Layout, *, header: bool) -> None:
    by_name = layout is Layout.PAIRS or (layout is Layout.SEPARATED and header)
    if layout is Layout.FIXED and not (field.column and field.width):
        raise ValueError(f"{field.label}: a fixed layout needs column and width")
    if by_name and not field.name:
        raise ValueError(f"{field.label}: this layout needs the field's name")
    if layout is Layout.SEPARATED and not header and not field.position:
        raise ValueError(f"{field.label}: a separated layout without header needs the field's position")


def _check_texts(dialect: Dialect) -> None:
    """Raise ValueError when a text cannot be sent or looked for in the dialect's encoding, or frames cannot be cut."""
    checksum = dialect.checksum.mark if dialect.checksum else "*"
    texts = (dialect.reply.good, dialect.reply.bad, dialect.trigger.arm, dialect.trigger.disarm, checksum)
    for text in (*texts, dialect.frame.start, dialect.frame.end):
        try:
            text.encode(dialect.encoding)
        except UnicodeEncodeError as error:
            raise ValueError(f"{text!r} cannot be written in {dialect.encoding}") from error
    if not checksum:
        raise ValueError("the checksum's mark must not be empty")
    _ = dialect.framing


def load_dialect(toml: str, origin: str) -> Dialect:
    """Return the dialect in the text of a TOML file; `origin` names the file in messages.

    Raises DialectRefused with one sentence a fault.
    """
    try:
        return Dialect.model_validate(tomllib.loads(toml))
    except tomllib.TOMLDecodeError as error:
        raise DialectRefused(f"{origin} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise DialectRefused(f"{origin}: " + " ".join(_sentences(error))) from error


def shipped_dialects() -> tuple[str, ...]:
    """Return the names of the dialect files that come with the program."""
    found = (entry.name for entry in files("drivers.tester").joinpath("dialects").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def shipped_dialect(name: str) -> Dialect:
    """Return a dialect that comes with the program. Raises DialectRefused for an unknown name."""
    if name not in shipped_dialects():
        known = ", ".join(shipped_dialects())
        raise DialectRefused(f"There is no dialect {name!r}{_nearest(name, shipped_dialects())}; known: {known}.")
    text = files("drivers.tester").joinpath("dialects", f"{name}.toml").read_text(encoding="utf-8")
    return load_dialect(text, f"{name}.toml")


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            key = str(fault["loc"][-1])
            sentences.append(f"Unknown key {where!r}{_nearest(key, _known_keys())}.")
        else:
            message = fault["msg"].removeprefix("Value error, ")
            sentences.append(f"{where}: {message}." if where else f"{message}.")
    return sentences


def _nearest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _known_keys() -> list[str]:
    models = (
        Dialect,
        LinkSettings,
        FrameSettings,
        FieldSettings,
        ChecksumSettings,
        ReplySettings,
        TriggerSettings,
    )
    return [field.alias or key for model in models for key, field in model.model_fields.items()]
