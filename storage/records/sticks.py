"""USB sticks that may take data away: which are known, what each was given, what became of every visit."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from storage.records.words import StickOutcome, Takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stick:
    """A stick an admin enrolled: an editable thing, its natural key what the device and its volume say they are.

    `always_full`: it gets everything anew at each visit, not only what is new. `recipient` is an age public key its
    files are sealed to. A revoked one is no longer `active`.
    """

    KIND: ClassVar[str] = "stick"
    uuid: UUID
    name: str
    usb_serial: str
    vendor_id: str
    product_id: str
    volume_id: str
    takes: Takes = Takes.EVERYTHING
    always_full: bool = False
    recipient: str | None = None
    active: bool = True
    enrolled_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StickExport:
    """What a stick is to get of one line: a stretch of the change log of `log_store`, and a stretch of time.

    Begun with the visit that asks for it; complete once a StickVisit that says `exported` names it. `first_day` and
    `last_day` are plant dates (YYYY-MM-DD), both inside; `created_at` is the moment its files are dated with. It says
    itself what the stick took and whom it was sealed to: what a stick gets of other kind adds to nothing.
    """

    KIND: ClassVar[str] = "stick_export"
    uuid: UUID
    stick_uuid: UUID
    log_store: UUID
    after_seq: int
    upto_seq: int
    since: datetime
    until: datetime
    first_day: str
    last_day: str
    takes: Takes
    recipient: str | None = None
    exported_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StickVisit:
    """A stick was plugged in, and what came of it, as it was told. `files`: JSON list of {name, bytes, sha256}.

    `device` says in words which stick it was, also one nobody enrolled: that one has no `stick_uuid`.
    """

    KIND: ClassVar[str] = "stick_visit"
    uuid: UUID
    stick_uuid: UUID | None = None
    stick_export_uuid: UUID | None = None
    device: str
    outcome: StickOutcome
    message: str
    files: str = "[]"
    created_at: datetime


def stick_key(vendor_id: str, product_id: str, usb_serial: str, volume_id: str) -> str:
    """Give the natural key of a stick."""
    return f"{vendor_id}:{product_id}:{usb_serial}:{volume_id}"
