"""What an operation is: who may ask for it, with which arguments, and what it does."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from daemon.control.face import LineFace, Runner
from daemon.control.peers import Peer
from daemon.control.protocol import Code, ControlError
from stations.office.outcome import Desk, Outcome
from storage.records import Role
from storage.sqlite.view import View

PATIENCE_S: Final = 30.0

A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way: the line it is for, and who makes it."""

    line: LineFace
    peer: Peer

    @property
    def runner(self) -> Runner:
        """The line's decisions. Raises ControlError (not_durable) while the store is not open."""
        if self.line.runner is None:
            store = self.line.standing().store
            raise ControlError(Code.NOT_DURABLE, store.reason or "The store is not open yet.", store.todo)
        return self.line.runner


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """`least` is the role it takes; None: any local process, or the operation looks at the person itself.

    Where there is a `stream`, its first item is the answer and the others are events; `run` is not used then. A client
    that does not take an item within `patience_s` is given up.
    """

    least: Role | None
    arguments: type[A]
    run: Callable[[Call, A], Awaitable[object]]
    stream: Callable[[Call, A], AsyncGenerator[object, None]] | None = None
    patience_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class NoArguments:
    """An operation that takes no arguments."""


def reading(least: Role | None, arguments: type[A], read: Callable[[View, A], object]) -> Operation[A]:
    """Make an operation that only reads what is stored."""

    async def run(call: Call, args: A) -> object:
        return await call.runner.read(lambda view: read(view, args))

    return Operation(least, arguments, run)


def streaming(
    least: Role | None, arguments: type[A], stream: Callable[[Call, A], AsyncGenerator[object, None]], patience_s: float
) -> Operation[A]:
    """Make an operation that gives one item after the other, at the speed of the client."""

    async def nothing(_call: Call, _args: A) -> object:
        return None

    return Operation(least, arguments, nothing, stream, patience_s)


def deciding(
    least: Role | None, arguments: type[A], decide: Callable[[View, Desk, A], Outcome[T]], show: Callable[[T], object]
) -> Operation[A]:
    """Make an operation that is an office decision."""

    async def run(call: Call, args: A) -> object:
        return show(await decided(call, decide, args))

    return Operation(least, arguments, run)


async def decided(call: Call, decide: Callable[[View, Desk, A], Outcome[T]], request: A) -> T:
    """Have the line make a decision of the office. Raises Refused, NotDurable."""
    peer = call.peer
    return await call.runner.request(peer.os_user, peer.is_root, lambda view, desk: decide(view, desk, request))
