"""The factory's rules changed, and single plausibility rules waived for a while."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from stations.office.deciding import decision
from stations.office.finding import rules_in_force
from stations.office.outcome import Desk, Outcome, done, invalid, refused
from stations.office.wording import one_line, reason_of
from stations.rules.judge import WAIVABLE
from stations.rules.settings import check_rule
from storage.records import ConfigEntry, Role, Waiver, thing_uuid
from storage.sqlite.view import View

_LONGEST_VALUE = 10_000
_LONGEST_WAIVER = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule:
    """Give a rule a value, written as text."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantWaiver:
    """Let one plausibility rule be for one panel type, the last day included, by the plant's clock."""

    rule: str
    panel_type: str
    until: date
    reason: str


@decision(Role.ADMIN)
def set_rule(view: View, desk: Desk, request: SetRule) -> Outcome[ConfigEntry]:
    """Change a rule of the factory; refused for unknown rules and values that cannot be used."""
    key = one_line("The rule", request.key, 100)
    value = one_line("The value", request.value.replace("\n", ";"), _LONGEST_VALUE)
    unfit = check_rule(key, value, view.config())
    if unfit is not None:
        raise invalid(unfit.why, unfit.todo)
    before = next((entry for entry in view.config_entries() if entry.config_key == key), None)
    entry = before or ConfigEntry(
        uuid=thing_uuid(desk.place.site, ConfigEntry.KIND, key), config_key=key, config_value=value, updated_at=desk.at
    )
    after = replace(entry, config_value=value, updated_at=desk.at, updated_by=desk.who.uuid)
    return done(after, after)


@decision(Role.ADMIN)
def grant_waiver(view: View, desk: Desk, request: GrantWaiver) -> Outcome[Waiver]:
    """Waive a rule for a panel type until the end of a day, at most a year away."""
    if request.rule not in WAIVABLE:
        raise invalid(f"The rule {request.rule!r} cannot be waived.", f"These can: {', '.join(sorted(WAIVABLE))}.")
    panel_type = request.panel_type.strip().upper()
    if panel_type not in rules_in_force(view).line_types:
        raise refused(f"No line builds panel type {panel_type!r}.")
    today = desk.at.astimezone().date()
    if not today <= request.until <= today + _LONGEST_WAIVER:
        raise invalid(f"A waiver cannot last until {request.until}.", "Give a day from today to a year ahead.")
    until = datetime.combine(request.until + timedelta(days=1), time()).astimezone(UTC)  # local midnight
    waiver = Waiver(
        uuid=desk.ids(), rule=request.rule, panel_type=panel_type, until=until, reason=reason_of(request.reason),
        granted_by=desk.who.uuid, created_at=desk.at,
    )  # fmt: skip
    return done(waiver, waiver)
