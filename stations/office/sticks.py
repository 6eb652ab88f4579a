"""USB sticks that may take data away: enrolled and revoked by admins."""

import re
from dataclasses import dataclass, replace

from stations.office.deciding import decision
from stations.office.naming import digits_of, fits, only_one
from stations.office.outcome import Desk, Outcome, Refused, done, invalid, not_found, refused
from stations.office.wording import one_line, optional_line, reason_of
from stations.rules.recipients import is_recipient
from storage.records import Alarm, Role, Stick, Takes, stick_key, thing_uuid
from storage.sqlite.view import View

_USB_ID = re.compile(r"[0-9a-f]{4}")
_LONGEST_ID = 126  # characters of a USB string descriptor
_BLUNT = 1  # a serial of one letter throughout is no serial


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolStick:
    """Let a stick take data away, known by what its device and its volume say of themselves.

    `full`: everything anew at each visit. `recipient`: an age public key that its files are sealed to.
    """

    vendor_id: str
    product_id: str
    usb_serial: str
    volume_id: str
    name: str
    takes: Takes = Takes.EVERYTHING
    full: bool = False
    recipient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeStick:
    """End what a stick may do; `stick` is its name, or its id or a part of it."""

    stick: str
    reason: str


@decision(Role.ADMIN)
def enrol_stick(view: View, desk: Desk, request: EnrolStick) -> Outcome[Stick]:
    """Enrol a stick; one that is known already gets what is asked now, and works again where it was revoked."""
    stick = Stick(
        uuid=thing_uuid(desk.place.site, Stick.KIND, _key_of(request)),
        name=one_line("The stick's name", request.name, 40),
        usb_serial=request.usb_serial, vendor_id=request.vendor_id.lower(), product_id=request.product_id.lower(),
        volume_id=request.volume_id, takes=request.takes, always_full=request.full,
        recipient=_recipient(request.recipient), enrolled_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    for other in view.sticks.all():
        if other.uuid != stick.uuid and other.active and other.name.casefold() == stick.name.casefold():
            raise refused(f"There is a stick {other.name} already.", "Use another name, or revoke that one first.")
    return done(stick, stick)


@decision(Role.ADMIN)
def revoke_stick(view: View, desk: Desk, request: RevokeStick) -> Outcome[Stick]:
    """Revoke a stick: from now on it is refused like one nobody enrolled. What it took stays on it."""
    reason, stick = reason_of(request.reason), stick_named(view, request.stick)
    if not stick.active:
        raise refused(f"The stick {stick.name} is revoked already.", "Nothing is left to do.")
    said = f"{desk.who.username} revoked the stick {stick.name}: {reason}"
    after = replace(stick, active=False)
    return done(after, after, Alarm(uuid=desk.ids(), code="stick_revoked", message=said, created_at=desk.at))


def stick_named(view: View, text: str) -> Stick:
    """Find a stick by its name, in any case, or by its id or a part of it; of one name the one that is not revoked."""
    given = one_line("The stick's name", text, 40)
    named = [stick for stick in view.sticks.all() if stick.name.casefold() == given.casefold()]
    chosen = [stick for stick in named if stick.active] or named
    if len(chosen) > 1:
        raise refused(f"Several sticks are called {given}.", "Give the last digits of its id: sunline usb list.")
    return chosen[0] if chosen else _by_digits(view, given)


def _by_digits(view: View, given: str) -> Stick:
    unknown = not_found(f"There is no stick {given}.", "List them: sunline usb list.")
    try:
        digits = digits_of("stick", given)
    except Refused:
        raise unknown from None
    stick = only_one("stick", digits, [one for one in view.sticks.all() if fits(one.uuid, digits)])
    if stick is None:
        raise unknown
    return stick


def _key_of(request: EnrolStick) -> str:
    """Give what tells a stick from every other. Raises Refused where it says too little of itself."""
    vendor, product = request.vendor_id.lower(), request.product_id.lower()
    if not (_USB_ID.fullmatch(vendor) and _USB_ID.fullmatch(product)):
        raise invalid("Vendor and product of a stick are four hexadecimal digits each.", "Plug it in and try again.")
    serial = optional_line("The stick's serial", request.usb_serial, _LONGEST_ID) or ""
    if len(set(serial)) <= _BLUNT:
        message = "This stick has no serial of its own, so it cannot be told from others of its kind."
        raise refused(message, "Use another stick.")
    if not optional_line("The volume's id", request.volume_id, _LONGEST_ID):
        message = "The volume on this stick has no id, so it cannot be told from another."
        raise refused(message, "Format the stick, then enrol it.")
    return stick_key(vendor, product, request.usb_serial, request.volume_id)


def _recipient(text: str | None) -> str | None:
    given = text.strip() if text is not None else ""
    if not given:
        return None
    if given.upper().startswith("AGE-SECRET-KEY"):
        todo = "Give the public key, which begins with age1. Make a new pair: this one has been typed into a computer."
        raise invalid("This is the secret key. It opens the files and belongs to nobody here.", todo)
    if not is_recipient(given):
        raise invalid("This is no public key of age.", "It begins with age1 and has 62 letters and digits. Copy it.")
    return given
