"""The doctor's table for scanners: each look decides on one fault; together they are the diagnosis."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from daemon.scantest.bursts import Burst, presses_of
from daemon.scantest.evidence import Evidence, evidence_of, is_packet
from daemon.scantest.findings import Diagnosis, Expected, Fault, Finding
from daemon.scantest.forms import strange, unended
from daemon.scantest.manners import Case, Layout
from daemon.scantest.traces import trace
from daemon.wiring.wirewords import masked, visible
from stations.rules.commands import TEST_CODES

BOUNCE_NS: Final = 1_000_000_000
"""The same code again within this is one pull of the trigger."""

_AIM: Final = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_NO_TEXT: Final = re.compile(rb"[^\x20-\x7e\r\n\x02\x03]")
_MANUAL: Final = "its maker's manual has the code for it."
_KEYBOARD: Final = f"Set its keyboard (country) to USA: {_MANUAL}"


def examine(bursts: Sequence[Burst], expected: Expected) -> Diagnosis:
    """Find everything that is wrong with a scanner that sent this for the test codes."""
    evidence = evidence_of(bursts, expected)
    if not evidence.traced:
        return Diagnosis((_unrecognised(evidence),))
    found = [finding for look in _LOOKS if (finding := look(evidence)) is not None]
    return Diagnosis(tuple(sorted(found, key=lambda one: one.fault.rank)), evidence.form)


def is_unreadable(data: bytes) -> bool:
    """Tell whether bytes are what a wrong baud rate makes: many of them no plain text."""
    return 4 * len(_NO_TEXT.findall(data)) >= len(data) > 0


def _unrecognised(evidence: Evidence) -> Finding:
    """Say why no test code was recognised at all."""
    data = b"".join(one.data for one in evidence.bursts)
    if not data:
        todo = "Check its cable and its power, then: sunline device doctor"
        return Finding(fault=Fault.NOTHING, message="Nothing arrived.", todo=todo)
    if is_unreadable(data):
        return _parity(evidence) or _garbled_words(evidence, "Most of what arrives is no text.")
    todo = "Scan the codes of the sheet (sunline sheet --test). If you did: check its baud rate and keyboard layout."
    return Finding(fault=Fault.FOREIGN, message="What arrived is no code of the test sheet.", todo=todo)


def _garbled_words(evidence: Evidence, message: str) -> Finding:
    if evidence.expected.kind == "hid":
        return Finding(fault=Fault.GARBLED, message=message, todo=_KEYBOARD)
    rate = f" (here {evidence.expected.baud})" if evidence.expected.baud else ""
    todo = f"Set the baud rate and parity of the scanner and of its configuration to the same{rate}."
    return Finding(fault=Fault.GARBLED, message=message, todo=todo)


def _parity(evidence: Evidence) -> Finding | None:
    """Find seven data bits with a parity bit, read as eight data bits."""
    stripped = [
        Burst(data=bytes(byte & 0x7F for byte in one.data), began_ns=one.began_ns, ended_ns=one.ended_ns)
        for one in evidence.bursts
    ]
    if not any(trace(press.text) for press in presses_of(stripped)):
        return None
    sums = {byte.bit_count() % 2 for one in evidence.bursts for byte in one.data}
    parity = "E" if sums == {0} else "O" if sums == {1} else "M"
    return Finding(
        fault=Fault.GARBLED, message="It sends 7 data bits and a parity bit; 8 data bits are expected.",
        todo=f'In the line\'s file, for this scanner: serial.bytesize = 7 and serial.parity = "{parity}".',
    )  # fmt: skip


def _garbled(evidence: Evidence) -> Finding | None:
    bad = sum(is_unreadable(one.data) and not _is_traced(one) for one in evidence.bursts if not is_packet(one.data))
    if not bad:
        return None
    return _garbled_words(evidence, f"{bad} of {len(evidence.bursts)} messages are no text.")


def _is_traced(burst: Burst) -> bool:
    return any(trace(press.text) for press in presses_of([burst]))


def _wrong_kind(evidence: Evidence) -> Finding | None:
    if evidence.expected.kind == "ssi" and not any(one.framed for one in evidence.bursts):
        todo = 'Set kind = "plain" for it in the line\'s file, or the scanner to SSI.'
        return Finding(fault=Fault.KIND, message="It sends plain text; SSI packets are expected.", todo=todo)
    if evidence.is_framed and not evidence.expected.framed:
        todo = 'Set kind = "ssi" for it in the line\'s file.'
        return Finding(fault=Fault.KIND, message="It sends SSI packets; plain text is expected.", todo=todo)
    return None


def _ending(evidence: Evidence) -> Finding | None:
    form, now = evidence.form, evidence.expected.form
    if form is not None and not (form.stx_etx or now.stx_etx):
        message = f"Its codes end with {form.words}; {now.words} is expected."
        return Finding(fault=Fault.ENDING, message=message, cured=True)
    odd = 0 if evidence.is_framed else unended(evidence.presses, form or now)
    if not odd:
        return None
    message = f"{odd} of {len(evidence.traced)} codes came without their usual end."
    return Finding(fault=Fault.ENDING, message=message, todo=f"Reset it to its factory settings: {_MANUAL}")


def _markers(evidence: Evidence) -> Finding | None:
    form, now = evidence.form, evidence.expected.form
    if form is None or form.stx_etx == now.stx_etx:
        return None
    message = f"Its codes end with {form.words}; {now.words}, is expected." if now.stx_etx else (
        "It puts its codes between <STX> and <ETX>."
    )  # fmt: skip
    return Finding(fault=Fault.MARKERS, message=message, cured=True)


def _lost(evidence: Evidence) -> Finding | None:
    fronts = [one.front for one in evidence.traces]
    usual = max(fronts, key=fronts.count)
    count = sum(one.lost or (one.front != usual and one.front == usual[1:]) for one in evidence.traces)
    if not count:
        return None
    message = f"The first character is missing in {count} of {len(evidence.traced)} codes."
    todo = f"Switch its power saving off, or reset it to its factory settings: {_MANUAL}"
    return Finding(fault=Fault.LOST, message=message, todo=todo)


def _cut(evidence: Evidence) -> Finding | None:
    lengths = [len(press.text) for press, one in evidence.traced if one.cut]
    if not lengths:
        return None
    message = f"A code was cut off after {max(lengths)} characters."
    return Finding(fault=Fault.CUT, message=message, todo=f"Let it send long codes whole: {_MANUAL}")


def _layout(evidence: Evidence) -> Finding | None:
    layout = evidence.manner.layout
    if layout is Layout.USA:
        return None
    message = f"Its keyboard layout is not the one it is read with: {layout}."
    return Finding(fault=Fault.LAYOUT, message=message, todo=_KEYBOARD)


def _extra(evidence: Evidence) -> Finding | None:
    packets = evidence.is_framed and not evidence.expected.framed
    for press, one in () if packets else evidence.traced:
        before, behind = (visible(part) for part in strange(press))
        before, behind = before + _shown(_AIM.sub("", one.front, count=1)), _shown(one.back) + behind
        if before or behind:
            where = [f"{before} in front"] * bool(before) + [f"{behind} behind"] * bool(behind)
            todo = f"Take prefix and suffix off, but for Enter (CR) at the end: {_MANUAL}"
            return Finding(fault=Fault.EXTRA, message=f"It adds to a code: {' and '.join(where)}.", todo=todo)
    return None


def _shown(text: str) -> str:
    return visible(masked(text.encode()))


def _changed(evidence: Evidence) -> Finding | None:
    for press, one in evidence.traced:
        if one.changed:
            message = f"Characters arrive changed: {_shown(press.text)} instead of {TEST_CODES[one.number]}."
            todo = "Check its cable, then the baud rate and its keyboard layout."
            return Finding(fault=Fault.CHANGED, message=message, todo=todo)
    return None


_CASES: Final = {
    Case.INVERTED: ("Capital and small letters are swapped: Caps Lock is on.", "Switch its Caps Lock off."),
    Case.UPPER: ("It makes all letters capital.", ""),
    Case.LOWER: ("It makes all letters small.", ""),
}


def _case(evidence: Evidence) -> Finding | None:
    if evidence.manner.case is Case.SAME:
        return None
    words, todo = _CASES[evidence.manner.case]
    return Finding(fault=Fault.CASE, message=f"{words} The line reads it all the same.", todo=todo)


def _double(evidence: Evidence) -> Finding | None:
    last: dict[int, int] = {}
    for press, one in evidence.traced:
        again = one.number in last and press.burst.began_ns - last[one.number] < BOUNCE_NS
        if one.twice or (again and not press.burst.asked_again):
            message = "It reads a code twice at one pull. The line takes a second one within a second for a bounce."
            todo = f"Make it wait longer before the same code again: {_MANUAL}"
            return Finding(fault=Fault.DOUBLE, message=message, todo=todo)
        last[one.number] = press.burst.ended_ns
    return None


def _aim(evidence: Evidence) -> Finding | None:
    if not (evidence.manner.aim or any(_AIM.match(one.front) for one in evidence.traces)):
        return None
    return Finding(fault=Fault.AIM, message="It puts an AIM identifier in front. The line takes it off.")


_LOOKS: Final[tuple[Callable[[Evidence], Finding | None], ...]] = (
    _garbled, _wrong_kind, _ending, _markers, _lost, _cut, _layout, _extra, _changed, _case, _double, _aim,
)  # fmt: skip
