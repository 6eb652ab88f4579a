"""People, rules and criteria of a shadow run, taken over where real work begins."""

from dataclasses import dataclass, replace

from stations.office.deciding import assert_may, decision
from stations.office.outcome import Desk, Outcome, done, refused
from storage.records import ConfigEntry, Criterion, Role, User, is_shadow, thing_uuid
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOver:
    """What a shadow's store has of them."""

    users: tuple[User, ...]
    rules: tuple[ConfigEntry, ...]
    criteria: tuple[Criterion, ...]


@decision(None)
def carry_over(view: View, desk: Desk, request: CarryOver) -> Outcome[CarryOver]:
    """Take over people with their badges and passwords, rules and criteria; give what was new or other here.

    For admins; root may while there is none. Only before the first panel: afterwards rules are changed one by one. Who
    is known here already stays as he is.
    """
    if not (desk.actor.is_root and not view.any_admin()):
        assert_may(desk.actor, Role.ADMIN)
    if is_shadow(desk.place.site):
        raise refused("This line still runs beside paper.", "Take [shadow] out of its file and restart it first.")
    if view.panels(limit=1):
        raise refused("Real work has begun here already.", "Add people and change rules one by one.")
    taken = CarryOver(
        users=_users(view, desk, request), rules=_rules(view, desk, request), criteria=_criteria(view, desk, request)
    )
    return done(taken, *taken.users, *taken.rules, *taken.criteria)


def _users(view: View, desk: Desk, request: CarryOver) -> tuple[User, ...]:
    here = view.users()
    names = {user.username.casefold() for user in here}
    logins, badges = {user.os_user for user in here}, {user.badge_hash for user in here}
    return tuple(
        replace(
            user,
            uuid=thing_uuid(desk.place.site, User.KIND, user.username),
            os_user=None if user.os_user in logins else user.os_user,
            badge_hash=None if user.badge_hash in badges else user.badge_hash,
            created_at=desk.at,
        )
        for user in request.users
        if user.username.casefold() not in names
    )


def _rules(view: View, desk: Desk, request: CarryOver) -> tuple[ConfigEntry, ...]:
    here, site = view.config(), desk.place.site
    return tuple(
        replace(rule, uuid=thing_uuid(site, ConfigEntry.KIND, rule.config_key), updated_at=desk.at, updated_by=None)
        for rule in request.rules
        if here.get(rule.config_key) != rule.config_value
    )


def _criteria(view: View, desk: Desk, request: CarryOver) -> tuple[Criterion, ...]:
    here, site = set(view.criteria()), desk.place.site
    keys = {one.uuid: f"{one.station_number}:{one.code}" for one in request.criteria}
    moved = (replace(one, uuid=thing_uuid(site, Criterion.KIND, keys[one.uuid])) for one in request.criteria)
    return tuple(one for one in moved if one not in here)
