"""The operations on people: secrets are made and hashed here, beside the line, and given out once."""

import asyncio
from dataclasses import dataclass, field

from daemon.control.calls import Call, decided
from daemon.control.protocol import Code, ControlError
from daemon.control.views.plain import Json, plain_user
from stations.office.credentials import hash_of_nobody, hash_password, new_badge_token, verify_password
from stations.office.sessions import SignInAt, sign_in_at
from stations.office.users import AddUser, Issued, NewBadge, SetPassword, add_user, new_badge, set_password
from storage.records import Role

_NOBODY = hash_of_nobody()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskUser:
    """Add a person, with a badge and a password where asked."""

    username: str
    role: Role
    email: str | None = None
    station: int | None = None
    os_user: str | None = None
    badge: bool = False
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBadge:
    """Give a person a new badge."""

    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPassword:
    """Give a person a password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSignIn:
    """Sign a person in at a station."""

    station: int
    username: str
    password: str = field(repr=False)


async def add(call: Call, args: AskUser) -> Json:
    """Add a user; the badge token, where asked for, is shown this once."""
    hashed = await asyncio.to_thread(hash_password, args.password) if args.password is not None else None
    token = new_badge_token() if args.badge else None
    request = AddUser(
        username=args.username, role=args.role, email=args.email, station=args.station, os_user=args.os_user,
        badge_token=token, password_hash=hashed,
    )  # fmt: skip
    return _issued(await decided(call, add_user, request))


async def badge(call: Call, args: AskBadge) -> Json:
    """Give a user a new badge; the token is shown this once."""
    return _issued(await decided(call, new_badge, NewBadge(username=args.username)))


async def password(call: Call, args: AskPassword) -> Json:
    """Set a password."""
    hashed = await asyncio.to_thread(hash_password, args.password)
    return plain_user(await decided(call, set_password, SetPassword(username=args.username, password_hash=hashed)))


async def sign_in(call: Call, args: AskSignIn) -> Json:
    """Sign a user in at a station by name and password; an unknown name takes as long as a wrong password."""
    user = await call.runner.read(lambda view: view.user_by_name(args.username))
    stored = user.password_hash if user is not None and user.password_hash else _NOBODY
    fits = await asyncio.to_thread(verify_password, args.password, stored)
    if not fits:
        raise ControlError(Code.FORBIDDEN, "Name or password is wrong.", "Try again, or scan a badge.")
    request = SignInAt(station=args.station, username=args.username, password_hash=stored)
    return plain_user(await decided(call, sign_in_at, request))


def _issued(issued: Issued) -> Json:
    return plain_user(issued.user) | {"badge_token": issued.badge_token}
