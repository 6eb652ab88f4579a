"""Read what a person typed behind `sunline export`."""

from datetime import date, datetime

from daemon.cli.exits import Exit, Failed
from daemon.export.plan import Wishes
from storage.export.layout import Format
from storage.export.sealing import assert_recipient

Days = tuple[date | None, date | None]


def days_of(first: str | None, last: str | None) -> Days:
    """Read the first and the last day. Raises Failed."""
    days = _day("--from", first), _day("--to", last)
    if days[0] is not None and days[1] is not None and days[0] > days[1]:
        raise _unfit(f"--from {days[0]} is after --to {days[1]}.", "Exchange them.")
    return days


def wishes_of(formats: str, recipient: str | None, as_of: str | None) -> Wishes:
    """Read what is to be written, for whom, and as of when. Raises Failed, RecipientUnfit."""
    if recipient is not None:
        assert_recipient(recipient)
    return Wishes(formats=_formats(formats), recipient=recipient, as_of=_moment(as_of))


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise _unfit(f"{name} {text!r} is no day.", "Write it like 2026-12-31.") from error


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone() if text is not None else None
    except (ValueError, OverflowError) as error:
        raise _unfit(f"--as-of {text!r} is no time.", "Write it like 2026-12-31T06:00:00Z.") from error


def _formats(text: str) -> frozenset[Format]:
    names = {one.strip().lower() for one in text.split(",")} - {""}
    unknown = names - {one.value for one in Format}
    if unknown or not names:
        which = f"There is no format {min(unknown)!r}." if unknown else "--format names nothing."
        raise _unfit(which, "Give some of json,csv,sheets.")
    return frozenset(map(Format, names))


def _unfit(message: str, todo: str) -> Failed:
    return Failed(Exit.USAGE, message, todo, "invalid")
