"""Signing in with name and password, where no badge is at hand."""

from dataclasses import dataclass, field

from drivers.readings import Answer
from stations.office.deciding import decision
from stations.office.finding import look_around, station_numbered, turn_about, user_named
from stations.office.outcome import Desk, Outcome, forbidden, refused
from stations.statecodec import StateCodec
from stations.workflow.signing import sign_in
from stations.workflow.turn import Facts
from storage.records import Batch, User
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAt:
    """Start a session at a station. `password_hash` is the stored one that the password was found to fit."""

    station: int
    username: str
    password_hash: str = field(repr=False)


@decision(None)
def sign_in_at(view: View, desk: Desk, request: SignInAt) -> Outcome[User]:
    """Sign a user in at a station, by the same rules as a badge; refused when the password changed meanwhile."""
    user = user_named(view, request.username)
    if user.password_hash != request.password_hash:
        raise forbidden("Name or password is wrong.", "Try again.")
    look = look_around(view, desk)
    facts = Facts(place=desk.place, rules=look.around.rules, badge_user=user)
    step = sign_in(turn_about(look, desk, facts, station_numbered(request.station)))
    banner = step.state.banner
    if step.answer is Answer.BAD:
        raise refused(" ".join(part for part in (f"{banner.headline}.", banner.detail) if part), banner.todo)
    return Outcome(user, Batch(step.records, (StateCodec().encode(step.state),)))
