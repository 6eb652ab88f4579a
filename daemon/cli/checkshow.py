"""How the doctor's findings are shown: the worst first, what is well in one line an area, the sum of it at the end."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from daemon.checkup.finding import Area, Finding, Severity
from daemon.cli.showing import console, printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_SEVERITY, _AREA = 6, 10
_NARROWEST = 20
_WORDS = {
    Severity.BAD: ("BAD", "bold red"),
    Severity.WARN: ("warn", "yellow"),
    Severity.UNSEEN: ("?", "cyan"),
    Severity.OK: ("ok", "green"),
}


def plain_finding(one: Finding) -> dict[str, Any]:
    """Give a finding for programs."""
    return {
        "area": one.area.value, "check": one.check, "severity": one.severity.value, "bad": one.severity is Severity.BAD,
        "lines": list(one.lines), "message": one.message, "todo": one.todo,
    }  # fmt: skip


def draw(findings: Sequence[Finding], heading: str) -> "RenderableType":
    """Draw what was found."""
    from rich.console import Group  # noqa: PLC0415 -- only where people look

    several = len({line for one in findings for line in one.lines}) > 1
    rows = [_row(one, several=several) for one in (*shown(findings, several=several), *well(findings, several=several))]
    return Group(_text(heading, "dim"), "", *rows, "", _text(summary(findings, several=several), "bold"))


def shown(findings: Iterable[Finding], *, several: bool) -> list[Finding]:
    """Give what is not well, a row each; what was not seen for the same reason in one row."""
    rows: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        if one.severity is Severity.OK:
            continue
        reason = one.message[len(one.about) :] if one.about else one.message
        key = (one.severity, one.lines if several else (), reason, one.todo) if one.about else (one,)
        rows[key] = _joined(rows[key], one) if key in rows else one
    return list(rows.values())


def well(findings: Sequence[Finding], *, several: bool) -> list[Finding]:
    """Give a row for each area in which nothing is the matter: what was seen of it."""
    ill = {one.area for one in findings if one.severity in {Severity.BAD, Severity.WARN}}
    return [
        Finding(area, "", Severity.OK, words)
        for area in Area
        if area not in ill and (words := _well_words([one for one in findings if one.area is area], several=several))
    ]


def summary(findings: Iterable[Finding], *, several: bool) -> str:
    """Count what was found, in a sentence."""
    counts = [one.severity for one in shown(findings, several=several)]
    bad, warn, unseen = (counts.count(one) for one in (Severity.BAD, Severity.WARN, Severity.UNSEEN))
    parts = (f"{bad} bad" if bad else "", f"{warn} to look at" if warn else "", f"{unseen} not seen" if unseen else "")
    told = ", ".join(part for part in parts if part)
    return f"{told}." if bad or warn else f"Nothing is wrong{f'; {told}' if told else ''}."


def _joined(first: Finding, second: Finding) -> Finding:
    about = f"{first.about}; {second.about}"
    reason = first.message[len(first.about) :]
    return replace(first, message=f"{about[:1].upper()}{about[1:]}{reason}", about=about)


def _well_words(findings: Sequence[Finding], *, several: bool) -> str:
    """Say what is well; of several lines whose it is, and of none what is the same of all."""
    of: dict[tuple[int, ...], list[str]] = {}
    for one in findings:
        if one.severity is Severity.OK and one.message:
            of.setdefault(one.lines, []).append(one.message)
    named = several and len(of) > 1
    return "; ".join(f"{_lines(lines) if named else ''}{', '.join(words)}" for lines, words in of.items())


def _lines(lines: Sequence[int]) -> str:
    if not lines:
        return ""
    return f"line{'s' if len(lines) > 1 else ''} {' and '.join(map(str, lines))}: "


def _row(one: Finding, *, several: bool) -> "Text":
    """Draw a finding: how bad, where, and beside it what is the matter and below that what to do."""
    word, style = _WORDS[one.severity]
    row = _text("", "").append(f"{word:<{_SEVERITY}}", style=style).append(f"{one.area.value:<{_AREA}}")
    whose = _lines(one.lines) if several else ""
    said = [(part, _quiet(one.severity)) for part in _wrapped(f"{whose}{one.message}")]
    said += [(part, "bold") for part in _wrapped(one.todo, "> ")]
    for number, (words, look) in enumerate(said):
        row.append("\n" + " " * (_SEVERITY + _AREA) if number else "").append(words, style=look)
    return row


def _quiet(severity: Severity) -> str:
    return "dim" if severity in {Severity.OK, Severity.UNSEEN} else ""


def _wrapped(words: str, mark: str = "") -> list[str]:
    room = max(_NARROWEST, console().width - _SEVERITY - _AREA)
    return textwrap.wrap(
        printable(words), room, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
    )


def _text(words: str, style: str) -> "Text":
    from rich.text import Text  # noqa: PLC0415 -- as above

    return Text(printable(words), style=style)
