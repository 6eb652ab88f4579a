"""Everything a scanner sent in a test, as it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.scantest.bursts import Burst, Press, presses_of
from daemon.scantest.findings import Expected
from daemon.scantest.forms import Form, needed_form
from daemon.scantest.manners import Manner
from daemon.scantest.traces import Trace, common_manner, trace_all


@dataclass(frozen=True, slots=True)
class Evidence:
    """`traced` are the texts that are test codes, `manner` how most of them were said.

    `form` is what the line should be set to; None: as it is set, or nothing that it can be set to.
    """

    expected: Expected
    bursts: tuple[Burst, ...]
    traced: tuple[tuple[Press, Trace], ...]
    manner: Manner
    form: Form | None
    is_framed: bool

    @property
    def presses(self) -> list[Press]:
        """The texts that are test codes."""
        return [press for press, _ in self.traced]

    @property
    def traces(self) -> list[Trace]:
        """How each of them comes from its code."""
        return [one for _, one in self.traced]


def evidence_of(bursts: Sequence[Burst], expected: Expected) -> Evidence:
    """Sort out what was heard."""
    heard = tuple(presses_of(bursts))
    found = zip(heard, trace_all([press.text for press in heard]), strict=True)
    traced = tuple((press, one) for press, one in found if one is not None)
    presses = [press for press, _ in traced]
    framed = expected.framed or any(is_packet(one.data) for one in bursts)
    form = None if framed else needed_form(presses, expected.form)
    return Evidence(expected, tuple(bursts), traced, common_manner([one for _, one in traced]), form, framed)


def is_packet(data: bytes) -> bool:
    """Tell whether bytes are one SSI packet with a barcode: length, F3, source, status, code type, text, checksum."""
    return len(data) > 6 and data[1] == 0xF3 and data[0] == len(data) - 2
