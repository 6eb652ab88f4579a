"""Signing in and out with a badge."""

from dataclasses import replace
from datetime import timedelta

from drivers.readings import Answer
from stations.rules.routing import STATIONS
from stations.workflow.state import Colour, LastVerdict, Session, StationState
from stations.workflow.turn import Step, Turn, refuse, say
from storage.records import Record, Role, SignIn, SignOut, User


def sign_in(turn: Turn) -> Step:
    """Start a session for the badge's owner, ending the one before.

    Refused for unknown badges, inactive users, other stations' operators, and while a panel is open for somebody else.
    """
    user = turn.facts.badge_user
    station = turn.state.station_number
    if user is None or not user.active:
        return refuse(turn, "badge_unknown", "Badge not known", todo="Ask a supervisor for a badge.")
    if not may_work_at(user, station):
        where = f"{user.username} works at station {user.station_assignment}."
        return refuse(turn, "badge_wrong_station", "Not your station", where, "Go to your station.")
    session = turn.state.session
    if session is not None and session.user_uuid == user.uuid:
        return _started(turn, user, turn.state.last_verdict)
    if turn.state.open is not None and session is not None:
        detail = f"{session.username} has {turn.state.open.serial} open."
        return refuse(turn, "panel_open", "Finish the panel first", detail, "Finish it or undo, then scan the badge.")
    return _started(turn, user, None)


def _started(turn: Turn, user: User, last_verdict: LastVerdict | None) -> Step:
    expires_at = turn.at + timedelta(hours=turn.facts.rules.session_h)
    row = SignIn(
        uuid=turn.ids(), user_uuid=user.uuid, station_number=turn.state.station_number,
        created_at=turn.at, expires_at=expires_at,
    )  # fmt: skip
    session = Session(row.uuid, user.uuid, user.username, user.role, expires_at)
    state = replace(turn.state, session=session, last_verdict=last_verdict, retest_uuid=None)
    state = say(state, Colour.WHITE, f"Hello {user.username}", STATIONS[state.station_number], next_scan(state))
    return Step(state, "signed_in", Answer.GOOD, (*_ended(turn, "another badge"), row))


def sign_out(turn: Turn) -> Step:
    """End the session; refused while a panel is open."""
    if turn.state.open is not None:
        detail = f"{turn.state.open.serial} is open."
        return refuse(turn, "panel_open", "Finish the panel first", detail, "Finish it or undo, then sign out.")
    state = replace(turn.state, session=None, last_verdict=None)
    return Step(
        say(state, Colour.WHITE, "Signed out", todo="Scan your badge."),
        "signed_out",
        Answer.GOOD,
        _ended(turn, "sign-out"),
    )


def current(turn: Turn) -> tuple[Turn, tuple[Record, ...]]:
    """End a session past its time before anything is decided; an open panel stays open for whoever signs in next."""
    session, operator = turn.state.session, turn.facts.operator
    gone = operator is not None and not operator.active
    if session is None or (turn.at < session.expires_at and not gone):
        return turn, ()
    return replace(turn, state=replace(turn.state, session=None, last_verdict=None)), _ended(turn, "expired")


def _ended(turn: Turn, reason: str) -> tuple[Record, ...]:
    session = turn.state.session
    if session is None:
        return ()
    return (SignOut(uuid=turn.ids(), sign_in_uuid=session.uuid, reason=reason, created_at=turn.at),)


def not_signed_in(turn: Turn) -> Step:
    """Refuse work without a name to it."""
    return refuse(
        turn, "not_signed_in", "Scan your badge", "Nobody is signed in here.", "Scan your badge, then the panel."
    )


def may_work_at(user: User, station_number: int) -> bool:
    """Tell whether a user may sign in at a station; an assignment binds operators only."""
    bound = user.role is Role.OPERATOR and user.station_assignment is not None
    return not bound or user.station_assignment == station_number


def next_scan(state: StationState) -> str:
    """Say what to scan next."""
    return "Scan a panel." if state.open is None else f"Go on with {state.open.serial}."


def acknowledge(turn: Turn) -> Step:
    """Take down a warning that was read."""
    state = say(replace(turn.state, warning=""), Colour.WHITE, "OK", todo=next_scan(turn.state))
    return Step(state, "warning_read", Answer.GOOD)


def blocked(turn: Turn) -> Step:
    """Refuse everything while a warning is unread; the warning stays on the screen."""
    return Step(turn.state, "warning_unread", Answer.BAD)
