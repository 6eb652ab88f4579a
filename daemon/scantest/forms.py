"""What stands around the codes of a scanner, and the settings that read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.scantest.bursts import Press

_STX, _ETX = b"\x02", b"\x03"
_LINE_ENDS = b"\r\n"
_READS: Final[Mapping[str, frozenset[str]]] = {
    "cr": frozenset({"cr", "crlf"}),
    "lf": frozenset({"lf", "crlf"}),
    "crlf": frozenset({"crlf"}),
    "line": frozenset({"cr", "lf", "crlf"}),
    "gap": frozenset({"cr", "lf", "crlf", "gap"}),
}
"""A setting → the endings it reads well."""

ENDINGS: Final = frozenset(_READS)
_WORDS: Final = {"cr": "<CR>", "lf": "<LF>", "crlf": "<CR><LF>", "line": "<CR> or <LF>", "gap": "a pause"}


@dataclass(frozen=True, slots=True)
class Form:
    """How codes are framed, by the names of the configuration. With `stx_etx` the ending means nothing."""

    ending: str
    stx_etx: bool = False

    @property
    def words(self) -> str:
        """Say in words what stands at the end of a code."""
        return "<ETX>, with <STX> in front" if self.stx_etx else _WORDS[self.ending]

    def reads(self, sent: "Form") -> bool:
        """Tell whether this setting reads what is sent so."""
        if self.stx_etx or sent.stx_etx:
            return self.stx_etx and sent.stx_etx
        return sent.ending in _READS[self.ending]


def form_of(press: Press) -> Form:
    """Tell how one text was framed; see `strange` for what else stood around it."""
    if press.before.endswith(_STX) and press.behind.startswith(_ETX):
        return Form("line", stx_etx=True)
    ends = bytes(byte for byte in press.behind if byte in _LINE_ENDS)
    if not ends:
        return Form("gap")
    return Form("crlf" if ends.startswith(b"\r\n") else "cr" if ends.startswith(b"\r") else "lf")


def strange(press: Press) -> tuple[bytes, bytes]:
    """Give the control characters in front of and behind a text that no setting takes off."""
    before, behind = press.before.strip(_LINE_ENDS), press.behind.strip(_LINE_ENDS)
    if form_of(press).stx_etx:
        return before[:-1], behind[1:]
    return before, behind


def needed_form(presses: Sequence[Press], now: Form) -> Form | None:
    """Give the setting that reads most of what is sent, where the present one does not; None: it does."""
    sent = [form_of(press) for press in presses]
    if not sent:
        return None
    usual = max(sent, key=sent.count)
    return None if now.reads(usual) else usual


def unended(presses: Sequence[Press], form: Form) -> int:
    """Count the texts that a setting does not read, though it reads others."""
    return sum(not form.reads(form_of(press)) for press in presses)
