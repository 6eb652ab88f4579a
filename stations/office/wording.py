"""Text from people, made fit to be kept: trimmed, one Unicode form, sane lengths, nothing that cannot be stored."""

import unicodedata

from stations.office.outcome import invalid

NAME = 50
REASON = 500
NOTE = 1000
NOTES = 4000


def one_line(what: str, text: str, longest: int = NAME) -> str:
    """Give a name in NFC without outer blanks; refused when empty, too long, or with characters that do not print."""
    kept = unicodedata.normalize("NFC", text).strip()
    if not kept:
        raise invalid(f"{what} is empty.", f"Give {what[0].lower()}{what[1:]}.")
    if not kept.isprintable():
        raise invalid(f"{what} holds characters that do not print.", "Type it again.")
    if len(kept) > longest:
        raise invalid(f"{what} has {len(kept)} characters; {longest} are allowed.", "Make it shorter.")
    return kept


def reason_of(text: str) -> str:
    """Give the reason a person must give for deciding against the rules."""
    return one_line("The reason", text, REASON)


def optional_line(what: str, text: str | None, longest: int = NAME) -> str | None:
    """Give a name that may be missing: None and blanks are None."""
    return one_line(what, text, longest) if text is not None and text.strip() else None


def note_of(what: str, text: str, longest: int = NOTE) -> str:
    """Give a text of several lines; line ends become LF, tabs stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    kept = [one_line(what, line, longest) if line.strip() else "" for line in lines]
    joined = "\n".join(kept).strip("\n")
    if len(joined) > longest:
        raise invalid(f"{what} has {len(joined)} characters; {longest} are allowed.", "Make it shorter.")
    return joined or one_line(what, "")


def appended(notes: str | None, text: str) -> str:
    """Add a line to notes; refused when they grow beyond measure."""
    whole = f"{notes}\n{text}" if notes else text
    if len(whole) > NOTES:
        raise invalid(f"The notes would have {len(whole)} characters; {NOTES} are allowed.", "Make it shorter.")
    return whole
