"""Scanners with faults: what they send for the test codes, said without any help of the doctor's own tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from daemon.scantest.bursts import Burst
from daemon.scantest.findings import Expected, Fault
from daemon.scantest.forms import Form
from stations.rules.commands import TEST_CODES

S = 10**9
ENDS = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "gap": b""}
AS_CONFIGURED = Expected(kind="plain", form=Form("line"))


def german(text: str) -> str:
    """Y and Z lie swapped; hyphen is where the USA has the slash; seven, dot, comma, zero carry other signs."""
    keys = {
        "y": "z",
        "z": "y",
        "Y": "Z",
        "Z": "Y",
        "-": "/",
        "_": "?",
        "/": "&",
        ":": ">",
        ";": "<",
        "+": "]",
        "=": ")",
    }
    return "".join(keys.get(one, one) for one in text)


def german_pc(text: str) -> str:
    """A scanner of the USA at a German computer: hyphen becomes a sharp s."""
    keys = {"y": "z", "z": "y", "Y": "Z", "Z": "Y", "-": "ß", "_": "?", "/": "-", ":": "Ö", ";": "ö", "=": "´"}
    return "".join(keys.get(one, one) for one in text)


def french(text: str) -> str:
    """A, Q, Z, W and M lie elsewhere; digits need shift."""
    keys = dict(zip("aqzwAQZWmM", "qawzQAWZ;:", strict=True)) | dict(zip("1234567890", "!@#$%^&*()", strict=True))
    keys |= {"-": "6", "_": "8", "/": ">", ":": ".", ";": ",", ".": "<", ",": "m"}
    return "".join(keys.get(one, one) for one in text)


@dataclass(frozen=True)
class Sick:
    """What a fault does to every text, or to every burst of one code."""

    fault: Fault
    text: Callable[[str], str] = str
    data: Callable[[bytes], bytes] = bytes
    cured: Form | None = None


ALWAYS: Mapping[str, Sick] = {
    "no end": Sick(Fault.ENDING, data=lambda data: data.rstrip(b"\r"), cured=Form("gap")),
    "markers": Sick(Fault.MARKERS, data=lambda data: b"\x02" + data.rstrip(b"\r") + b"\x03", cured=Form("line", True)),
    "German": Sick(Fault.LAYOUT, text=german),
    "German PC": Sick(Fault.LAYOUT, text=german_pc),
    "French": Sick(Fault.LAYOUT, text=french),
    "caps lock": Sick(Fault.CASE, text=str.swapcase),
    "upper": Sick(Fault.CASE, text=str.upper),
    "lower": Sick(Fault.CASE, text=str.lower),
    "AIM": Sick(Fault.AIM, text=lambda text: f"]C1{text}"),
    "prefix": Sick(Fault.EXTRA, text=lambda text: f"#7{text}"),
    "tab": Sick(Fault.EXTRA, data=lambda data: data.replace(b"\r", b"\t\r")),
}
"""What a scanner does with every code."""

ONCE: Mapping[str, Sick] = {
    "lost": Sick(Fault.LOST, data=lambda data: data[1:]),
    "cut": Sick(Fault.CUT, data=lambda data: data[:13] + b"\r"),
    "suffix": Sick(Fault.EXTRA, data=lambda data: data.replace(b"\r", b"xy\r")),
    "twice": Sick(Fault.DOUBLE, data=lambda data: 2 * data),
    "glued": Sick(Fault.DOUBLE, data=lambda data: 2 * data.rstrip(b"\r") + b"\r"),
    "unended": Sick(Fault.ENDING, data=lambda data: data.rstrip(b"\r")),
    "changed": Sick(Fault.CHANGED, data=lambda data: data[:12] + b"~" + data[13:]),
    "garbled": Sick(Fault.GARBLED, data=lambda data: bytes(byte ^ 0xE3 for byte in data)),
}
"""What can happen to a single code."""


@dataclass
class Desk:
    """A technician who scans the sheet from top to bottom, two seconds a code."""

    ending: bytes = b"\r"
    always: tuple[Sick, ...] = ()
    once: Mapping[int, Sick] = field(default_factory=dict)

    def bursts(self) -> list[Burst]:
        return [self._burst(number, text) for number, text in enumerate(TEST_CODES)]

    def _burst(self, number: int, text: str) -> Burst:
        for sick in self.always:
            text = sick.text(text)
        data = text.encode() + self.ending
        for sick in (*self.always, *([self.once[number]] if number in self.once else [])):
            data = sick.data(data)
        return Burst(data=data, began_ns=number * 2 * S, ended_ns=number * 2 * S + S // 50)


def over_the_wire(data: bytes, sent_baud: int, read_baud: int) -> bytes:
    """Send bytes as 8N1 at one rate and read them at another: a UART looks at the middle of each bit."""
    wire = [level for byte in data for level in (0, *((byte >> bit) & 1 for bit in range(8)), 1)]

    def level(at_s: float) -> int:
        bit = int(at_s * sent_baud)
        return wire[bit] if bit < len(wire) else 1

    end_s, at_s, found = len(wire) / sent_baud, 0.0, bytearray()
    while at_s < end_s:
        if level(at_s):
            at_s += 0.1 / read_baud
            continue
        bits = [level(at_s + (1.5 + bit) / read_baud) for bit in range(8)]
        found.append(sum(one << bit for bit, one in enumerate(bits)))
        at_s += 9.5 / read_baud
        while not level(at_s) and at_s < end_s:  # no stop bit: wait for the line to rest
            at_s += 0.1 / read_baud
    return bytes(found)
