"""Whose flash is it? Identity, staleness, and the evidence that ties a flash to a panel."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson

from drivers.readings import Flash, FlashKind, IvValues
from stations.rules.serials import normalise
from stations.rules.settings import Rules
from storage.records import RawFlash

_STALE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Arm:
    """The tester was told to expect this panel."""

    uuid: UUID
    panel_uuid: UUID
    serial: str
    armed_at: datetime


class Role(StrEnum):
    """What the serial text of a flash says it is."""

    PANEL = "panel"
    NO_SERIAL = "no_serial"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a live flash belongs to, or why nobody: `arm` is None exactly when `reason` is set.

    `left` are the arms that still wait for an answer. Testers answer in order: a flash that may be anybody's uses up
    the oldest arm, so that the next one is certain again.
    """

    arm: Arm | None
    left: tuple[Arm, ...]
    reason: str = ""


def raw_flash(flash: Flash, uuid: UUID) -> RawFlash:
    """Turn a reading into the row that is stored before anything is decided on it."""
    v = flash.values
    serial_text = storable(flash.serial_text) if flash.serial_text else None
    serial = normalise(serial_text) if serial_text else None
    identity = (flash.source, serial, flash.date_text, flash.time_text, *v.five)
    # Without the tester's own clock two honest flashes may look alike: such a flash is only itself.
    own = () if flash.date_text or flash.time_text else (str(uuid),)
    return RawFlash(
        uuid=uuid,
        flash_key=_digest(*identity, *own),
        values_key=_digest(*v.five),
        device=flash.device,
        source=flash.source,
        flash_kind=flash.kind,
        origin=flash.origin,
        serial_text=serial_text,
        serial_number=serial or None,
        date_text=flash.date_text,
        time_text=flash.time_text,
        pmax_w=v.pmax_w,
        voc_v=v.voc_v,
        isc_a=v.isc_a,
        vmp_v=v.vmp_v,
        imp_a=v.imp_a,
        significant_digits=v.significant_digits,
        irradiance_w_m2=flash.irradiance_w_m2,
        temperature_c=flash.temperature_c,
        extra=_extra(flash),
        raw=flash.raw,
        seen_at=flash.wall,
    )


def storable(text: str) -> str:
    """Make any text fit to be stored everywhere: no NUL, no lone surrogates. The raw bytes are kept beside it."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _digest(*parts: object) -> str:
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _extra(flash: Flash) -> str:
    """Write the other columns as JSON, in the order of their names whatever the order of the columns."""
    try:
        return orjson.dumps(dict(flash.extra), option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # a lone surrogate
        extra = {storable(name): storable(text) for name, text in flash.extra.items()}
        return orjson.dumps(extra, option=orjson.OPT_SORT_KEYS).decode()


def values_of(row: RawFlash) -> IvValues:
    """Give the five values of a stored flash."""
    return IvValues(row.pmax_w, row.voc_v, row.isc_a, row.vmp_v, row.imp_a, row.significant_digits)


def role_of(row: RawFlash, rules: Rules) -> Role:
    """Tell panels from reference flashes and from rows without a serial.

    Calibration rows, golden panels and set-up flashes are references; the tester's placeholder is no serial.
    """
    serial = row.serial_number
    if row.flash_kind == FlashKind.CALIBRATION:
        return Role.REFERENCE
    if serial is None or serial in rules.placeholder_serials:
        return Role.NO_SERIAL
    if serial in rules.setup_serials or serial.startswith(rules.reference_prefixes):
        return Role.REFERENCE
    return Role.PANEL


def names_a_panel(serial: str, rules: Rules) -> bool:
    """Tell a panel's serial from placeholders, set-up flashes and reference panels."""
    others = rules.placeholder_serials | rules.setup_serials
    return serial not in others and not serial.startswith(rules.reference_prefixes)


def can_be_stale(row: RawFlash) -> bool:
    """Tell whether equal values under another serial would mean something: enough digits, a real measurement."""
    five = values_of(row).five
    real = all(value is not None and value > 0 for value in five)
    return real and row.significant_digits >= _STALE_DIGITS and row.flash_kind == FlashKind.PANEL


def match_live(row: RawFlash, role: Role, arms: Sequence[Arm], timeout_s: float) -> Match:
    """Find the panel a live flash belongs to, only on unambiguous evidence.

    A serial from the tester must agree with an arm. Without one: only one panel is armed, not longer than
    `timeout_s` ago, and no arm of another panel is unanswered.
    """
    waiting = tuple(arms)
    if not waiting:
        return Match(None, (), "No panel was waiting for a flash.")
    if role is Role.PANEL:
        return _match_serial(row, waiting)
    panels = len({arm.panel_uuid for arm in waiting})
    if panels > 1:
        return Match(None, waiting[1:], f"{panels} panels were waiting for a flash: it may be anybody's.")
    age_s = (row.seen_at - waiting[-1].armed_at).total_seconds()
    if not 0 <= age_s <= timeout_s:
        when = f"{age_s:.0f} s after the panel was scanned" if age_s >= 0 else "after the clock was set back"
        return Match(None, waiting[1:], f"The flash came {when}; {timeout_s:.0f} s are allowed.")
    return Match(waiting[-1], waiting[1:])


def _match_serial(row: RawFlash, waiting: tuple[Arm, ...]) -> Match:
    agreeing = [arm for arm in waiting if arm.serial == row.serial_number]
    if not agreeing:
        return Match(None, waiting, f"The tester says {row.serial_number}, but {waiting[-1].serial} was waiting.")
    return Match(agreeing[-1], tuple(arm for arm in waiting if arm.serial != row.serial_number))
