"""Who may decide, and how a refusal becomes an outcome: the frame around every office decision."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from stations.office.outcome import Actor, Desk, Outcome, Refused, forbidden
from storage.records import Role
from storage.sqlite.view import View

Q = TypeVar("Q")
T = TypeVar("T")
Decide = Callable[[View, Desk, Q], Outcome[T]]

RANK = {role: rank for rank, role in enumerate(Role)}
"""Each role may do what those before it may."""


def decision(least: Role | None) -> Callable[[Decide[Q, T]], Decide[Q, T]]:
    """Make a function an office decision: only people of a role come to it, and what it raises as Refused refuses.

    Without a role everybody comes to it, and it looks at the actor itself.
    """

    def frame(decide: Decide[Q, T]) -> Decide[Q, T]:
        @wraps(decide)
        def framed(view: View, desk: Desk, request: Q) -> Outcome[T]:
            try:
                assert_may(desk.actor, least)
                return decide(view, desk, request)
            except Refused as no:
                return Outcome(refusal=no.refusal)

        return framed

    return frame


def assert_may(actor: Actor, least: Role | None) -> None:
    """Raise Refused (forbidden) unless the actor has at least a role; None lets everybody through."""
    if least is None or (actor.role is not None and RANK[actor.role] >= RANK[least]):
        return
    if actor.user is None:
        todo = f"An admin maps it to a user: sunline user set NAME --os-user {actor.os_user}."
        raise forbidden(f"The login {actor.os_user} belongs to no user of this factory.", todo)
    if not actor.user.active:
        raise forbidden(f"{actor.user.username} is no longer active.", "Ask an admin.")
    article = "an" if least is not Role.SUPERVISOR else "a"
    message = f"{actor.user.username} is {actor.user.role}; this needs {article} {least}."
    raise forbidden(message, f"Ask {article} {least} to do it.")
