"""People: added, given badges and passwords, changed. The last admin stays one."""

import re
from dataclasses import dataclass, field, replace

from stations.office.changes import KEEP, Keep, changed
from stations.office.credentials import new_badge_token
from stations.office.deciding import assert_may, decision
from stations.office.finding import station_numbered, user_named
from stations.office.outcome import Desk, Outcome, done, forbidden, invalid, refused
from stations.office.wording import NAME, one_line, optional_line
from stations.rules.commands import badge_hash
from storage.records import Role, User, thing_uuid
from storage.sqlite.view import View

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_OS_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.@\\-]{0,63}\$?")  # directory logins carry a domain


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser:
    """Add a person. `badge_token` and `password_hash` come from `credentials`; None: without."""

    username: str
    role: Role
    email: str | None = None
    station: int | None = None
    os_user: str | None = None
    badge_token: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBadge:
    """Give a person a new badge; the old one stops working."""

    username: str
    badge_token: str = field(default_factory=new_badge_token, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """Give a person a password, hashed by `credentials.hash_password`."""

    username: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUser:
    """Change what is given of a person, leave the rest."""

    username: str
    role: Role | Keep = KEEP
    station: int | Keep | None = KEEP
    email: str | Keep | None = KEEP
    os_user: str | Keep | None = KEEP
    active: bool | Keep = KEEP


@dataclass(frozen=True, slots=True)
class Issued:
    """A person, and the badge token that is shown this once."""

    user: User
    badge_token: str | None = field(default=None, repr=False)


@decision(None)
def add_user(view: View, desk: Desk, request: AddUser) -> Outcome[Issued]:
    """Add a user. For admins; root may add the first admin while there is none."""
    _assert_may_add(view, desk, request)
    name = one_line("The user name", request.username, NAME)
    if any(user.username.casefold() == name.casefold() for user in view.users()):
        raise refused(f"There is a user {name} already.", "Use another name, or change that user.")
    user = User(
        uuid=thing_uuid(desk.place.site, User.KIND, name), username=name, role=request.role,
        email=optional_line("The address", request.email, 100), password_hash=request.password_hash,
        badge_hash=badge_hash(request.badge_token) if request.badge_token else None,
        os_user=optional_line("The login", request.os_user, 64), station_assignment=request.station,
        created_at=desk.at,
    )  # fmt: skip
    _check(view, user)
    return done(Issued(user, request.badge_token), user)


@decision(Role.SUPERVISOR)
def new_badge(view: View, desk: Desk, request: NewBadge) -> Outcome[Issued]:
    """Replace a user's badge; an admin's badge only by an admin."""
    user = user_named(view, request.username)
    if user.role is Role.ADMIN:
        assert_may(desk.actor, Role.ADMIN)
    if not user.active:
        raise refused(f"{user.username} is no longer active.", "An admin makes the user active first.")
    after = replace(user, badge_hash=badge_hash(request.badge_token))
    return done(Issued(after, request.badge_token), after)


@decision(Role.OPERATOR)
def set_password(view: View, desk: Desk, request: SetPassword) -> Outcome[User]:
    """Replace a password: one's own, or anybody's by an admin."""
    user = user_named(view, request.username)
    if user.uuid != desk.who.uuid:
        assert_may(desk.actor, Role.ADMIN)
    after = replace(user, password_hash=request.password_hash)
    return done(after, after)


@decision(Role.ADMIN)
def set_user(view: View, desk: Desk, request: SetUser) -> Outcome[User]:
    """Change a user; refused where no active admin would be left."""
    user = user_named(view, request.username)
    email, os_user = changed(request.email, user.email), changed(request.os_user, user.os_user)
    station = changed(request.station, user.station_assignment)
    after = replace(
        user, role=changed(request.role, user.role), station_assignment=station,
        email=optional_line("The address", email, 100), os_user=optional_line("The login", os_user, 64),
        active=changed(request.active, user.active),
    )  # fmt: skip
    _check(view, after)
    _assert_admin_left(view, after)
    return done(after, after)


def _assert_may_add(view: View, desk: Desk, request: AddUser) -> None:
    if view.any_admin():
        return assert_may(desk.actor, Role.ADMIN)
    if not desk.actor.is_root:
        raise forbidden("There is no admin yet; only root may add the first.", "sudo sunline user add …")
    if request.role is not Role.ADMIN:
        raise refused("The first user has to be an admin.", "Add an admin first: --role admin.")
    if not request.os_user:
        raise invalid("The first admin needs a login on this computer to act with.", "Give one: --os-user LOGIN.")
    return None


def _check(view: View, user: User) -> None:
    if user.station_assignment is not None:
        station_numbered(user.station_assignment)
    if user.email is not None and not _EMAIL.fullmatch(user.email):
        raise invalid(f"{user.email} is no mail address.", "Give one like name@example.com, or none.")
    if user.os_user is not None and not _OS_USER.fullmatch(user.os_user):
        raise invalid(f"{user.os_user} is no login name.", "Give the name that `id -un` prints for that person.")
    for other in (other for other in view.users() if other.uuid != user.uuid):
        if user.os_user is not None and other.os_user == user.os_user:
            raise refused(f"The login {user.os_user} belongs to {other.username}.", "One login is one person.")
        if user.email is not None and (other.email or "").casefold() == user.email.casefold():
            raise refused(f"The address {user.email} belongs to {other.username}.", "Give another.")


def _assert_admin_left(view: View, after: User) -> None:
    is_admin = after.active and after.role is Role.ADMIN
    others = (user for user in view.users() if user.uuid != after.uuid)
    if not is_admin and view.any_admin() and not any(u.active and u.role is Role.ADMIN for u in others):
        raise refused(f"{after.username} is the last admin.", "Make somebody else an admin first.")
