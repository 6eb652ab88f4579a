"""What a supervisor decides about the exchange with the central server: what is let be, and which version stays."""

from dataclasses import dataclass
from uuid import UUID

from stations.office.deciding import assert_may, decision
from stations.office.outcome import Desk, Outcome, done, not_found, refused
from stations.office.wording import reason_of
from storage.records import Alarm, ConfigEntry, ConflictRuling, Criterion, Editable, Keep, Role, Stick, User
from storage.sqlite.ledger import Parked
from storage.sqlite.view import View

_ADMINS = (User, ConfigEntry, Criterion, Stick)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardParked:
    """Let a parked change be: it stays on this line and never goes to the central server."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A conflict to be settled: the version that lost, as a record, and which is to stay."""

    conflict_uuid: UUID
    key: str
    loser: Editable
    keep: Keep
    reason: str


@decision(Role.SUPERVISOR)
def discard_parked(view: View, desk: Desk, request: DiscardParked) -> Outcome[Parked]:
    """Note who lets a parked change be and why; refused where it is not parked."""
    found = next((one for one in view.ledger.parked() if one.seq == request.number), None)
    if found is None:
        raise not_found(f"Nothing is parked under number {request.number}.", "See sunline sync quarantine list.")
    if found.discarded_at is not None:
        raise refused(f"Number {request.number} was discarded before.", "Nothing is left to do.")
    said = f"Parked change {found.seq} ({found.kind}) was discarded: {reason_of(request.reason)}"
    return done(found, Alarm(uuid=desk.ids(), code="sync_discarded", message=said, created_at=desk.at))


@decision(Role.SUPERVISOR)
def settle_conflict(view: View, desk: Desk, choice: Choice) -> Outcome[ConflictRuling]:
    """Settle a conflict; keeping the version that lost makes it the newest one. What admins edit, admins settle."""
    del view
    if isinstance(choice.loser, _ADMINS):
        assert_may(desk.actor, Role.ADMIN)
    ruling = ConflictRuling(
        uuid=desk.ids(), conflict_uuid=choice.conflict_uuid, keep=choice.keep, reason=reason_of(choice.reason),
        decided_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    return done(ruling, choice.loser, ruling) if choice.keep is Keep.LOCAL else done(ruling, ruling)
