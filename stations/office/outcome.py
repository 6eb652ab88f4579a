"""What an office decision leads to, who makes it, and how it says no."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from stations.workflow.turn import Action, Place
from storage.records import Batch, Record, Role, User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `user` is None for root before there is an admin, and for local readers without a name here."""

    os_user: str
    user: User | None = None
    is_root: bool = False

    @property
    def role(self) -> Role | None:
        """The role of an active user; None for anybody else."""
        return self.user.role if self.user is not None and self.user.active else None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and when a decision is made: the line, the moment, fresh ids."""

    place: Place
    at: datetime
    ids: Callable[[], UUID]
    actor: Actor

    @property
    def who(self) -> User:
        """The user who decides; LookupError where nobody has a name here: `decision` lets nobody else through."""
        if self.actor.user is None:
            raise LookupError(f"{self.actor.os_user} is no user")
        return self.actor.user


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and what to do next. `code`: refused, invalid, forbidden, not_found."""

    code: str
    message: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A decision: what to write, what to show. With a `refusal` nothing is written."""

    value: T | None = None
    batch: Batch = Batch()  # noqa: RUF009 -- frozen and empty
    refusal: Refusal | None = None
    actions: tuple[Action, ...] = ()


class Refused(Exception):
    """A request was refused; `refusal` says why and what to do next. Raised within a decision, it refuses it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refused(message: str, todo: str = "") -> Refused:
    """Make the refusal of what the factory's rules do not allow."""
    return Refused(Refusal("refused", message, todo))


def invalid(message: str, todo: str = "") -> Refused:
    """Make the refusal of what was asked wrongly."""
    return Refused(Refusal("invalid", message, todo))


def not_found(message: str, todo: str = "") -> Refused:
    """Make the refusal of a question about what is not here."""
    return Refused(Refusal("not_found", message, todo))


def forbidden(message: str, todo: str = "") -> Refused:
    """Make the refusal of what this person may not do."""
    return Refused(Refusal("forbidden", message, todo))


def done(value: T, *records: Record) -> Outcome[T]:
    """Make the outcome that writes records and shows a value."""
    return Outcome(value, Batch(records))
