"""How a live tester writes a flash as text lines: one table of fields, four layouts, a handful of knobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from simulators.rig import Flash


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its label in named layouts, its text, and the unit some testers print behind it."""

    label: str
    text: Callable[[Flash], str]
    unit: str = ""


FIELDS: Mapping[str, Field] = {
    "serial": Field("SN", lambda flash: flash.serial),
    "number": Field("NO", lambda flash: str(flash.number)),
    "date": Field("DATE", lambda flash: f"{flash.at:%Y-%m-%d}"),
    "time": Field("TIME", lambda flash: f"{flash.at:%H:%M:%S}"),
    "pmax": Field("PM", lambda flash: f"{flash.values.pmax_w:.4f}", "W"),
    "isc": Field("ISC", lambda flash: f"{flash.values.isc_a:.5f}", "A"),
    "voc": Field("VOC", lambda flash: f"{flash.values.voc_v:.4f}", "V"),
    "imp": Field("IPM", lambda flash: f"{flash.values.imp_a:.5f}", "A"),
    "vmp": Field("VPM", lambda flash: f"{flash.values.vmp_v:.4f}", "V"),
    "ff": Field("FF", lambda flash: f"{flash.values.fill_factor:.5f}"),
    "ff_percent": Field("FF", lambda flash: f"{flash.values.fill_factor * 100:.3f}", "%"),
    "pmax_kw": Field("PM", lambda flash: f"{flash.values.pmax_w / 1000:.7f}", "kW"),
    "isc_ma": Field("ISC", lambda flash: f"{flash.values.isc_a * 1000:.2f}", "mA"),
    "imp_ma": Field("IPM", lambda flash: f"{flash.values.imp_a * 1000:.2f}", "mA"),
    "rs": Field("RS", lambda flash: f"{flash.values.rs_ohm:.5f}"),
    "rsh": Field("RSH", lambda flash: f"{flash.values.rsh_ohm:.2f}"),
    "irradiance": Field("IRR", lambda flash: f"{flash.irradiance_w_m2:.2f}"),
    "temperature": Field("TEMP", lambda flash: f"{flash.temperature_c:.2f}"),
}

COMMON = ("serial", "date", "time", "pmax", "isc", "voc", "imp", "vmp", "ff", "temperature", "irradiance")


@dataclass(frozen=True, slots=True)
class AsciiForm:
    """A tester's way to write a flash.

    `layout`: csv (values by position), key-value (`PM=199.5` joined by the separator), block (one `PM:199.5` a
    line between the markers) or fixed (columns of `width`). `checksum`: none, xor or sum8, as `*` and two hex
    digits before the line end, over the text before the `*`. `acknowledged`: waits for 06h, repeats on 15h.
    `labels` renames fields. Without `serial_sent` the serial's place stays empty; named layouts leave it out.
    """

    layout: str = "csv"
    fields: tuple[str, ...] = COMMON
    separator: str = ","
    line_end: str = "\r\n"
    start: str = ""
    end: str = ""
    decimal: str = "."
    width: int = 18
    units: bool = False
    checksum: str = "none"
    acknowledged: bool = False
    encoding: str = "utf-8"
    labels: Mapping[str, str] = field(default_factory=dict)
    serial_sent: bool = True

    def write(self, flash: Flash) -> bytes:
        """Return the frame of one flash."""
        body = _LAYOUTS[self.layout](self, flash)
        return (self.start + _CHECKSUMS[self.checksum](self, body) + self.end).encode(self.encoding)

    def text(self, name: str, flash: Flash) -> str:
        """Return the text of one field, with decimal mark and unit."""
        if name == "serial":
            return flash.serial if self.serial_sent else ""
        text = FIELDS[name].text(flash)
        if name not in {"date", "time"}:
            text = text.replace(".", self.decimal)
        return text + FIELDS[name].unit if self.units else text

    def named(self, flash: Flash, assign: str) -> list[str]:
        """Return label and text of every field that is sent."""
        sent = [name for name in self.fields if name != "serial" or self.serial_sent]
        labels = {name: self.labels.get(name, FIELDS[name].label) for name in sent}
        return [labels[name] + assign + self.text(name, flash) for name in sent]


def _csv(form: AsciiForm, flash: Flash) -> str:
    return form.separator.join(form.text(name, flash) for name in form.fields)


def _key_value(form: AsciiForm, flash: Flash) -> str:
    return form.separator.join(form.named(flash, "="))


def _block(form: AsciiForm, flash: Flash) -> str:
    return form.line_end.join(form.named(flash, ":"))


def _fixed(form: AsciiForm, flash: Flash) -> str:
    return "".join(form.text(name, flash).rjust(form.width) for name in form.fields)


_LAYOUTS: Mapping[str, Callable[[AsciiForm, Flash], str]] = {
    "csv": _csv,
    "key-value": _key_value,
    "block": _block,
    "fixed": _fixed,
}


def xor8(data: bytes) -> int:
    """Return all bytes combined by exclusive or."""
    return reduce(lambda total, byte: total ^ byte, data, 0)


def sum8(data: bytes) -> int:
    """Return the low byte of the sum."""
    return sum(data) & 0xFF


def _checked(algorithm: Callable[[bytes], int]) -> Callable[[AsciiForm, str], str]:
    def write(form: AsciiForm, body: str) -> str:
        return f"{body}*{algorithm(body.encode(form.encoding)):02X}{form.line_end}"

    return write


_CHECKSUMS: Mapping[str, Callable[[AsciiForm, str], str]] = {
    "none": lambda form, body: body + form.line_end,
    "xor": _checked(xor8),
    "sum8": _checked(sum8),
}

FORMS: Mapping[str, AsciiForm] = {
    "csv-lines": AsciiForm(),
    "key-value": AsciiForm(layout="key-value", separator=";"),
    "block": AsciiForm(layout="block", start="BEGIN\r\n", end="END\r\n"),
    "fixed-width": AsciiForm(layout="fixed"),
    "csv-checked": AsciiForm(checksum="xor", acknowledged=True, start="\x02", end="\x03"),
}
"""Forms by name. A plan may override single knobs."""


def ascii_form(name: str, **knobs: Any) -> AsciiForm:  # noqa: ANN401 - plan data
    """Return a form by name with knobs changed."""
    return replace(FORMS[name], **{key: _hashable(value) for key, value in knobs.items()})


def _hashable(value: Any) -> Any:  # noqa: ANN401 - plan data
    return tuple(value) if isinstance(value, list) else value
