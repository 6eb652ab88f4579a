"""Who answers a question: the central server, which knows every line, or the line from what it holds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final

import orjson

from daemon.control.calls import Call
from daemon.control.face import CentralFace
from daemon.control.protocol import Code, ControlError
from daemon.control.views.found import plain_page
from daemon.control.views.plain import Json, moment
from storage.errors import CentralAway, StorageError
from storage.postgres.reads import ask
from storage.reads import Piece, Question

log = logging.getLogger(__name__)

_ANSWER_WITHIN_S: Final = 5.0
_KEPT_S: Final = 60.0


class Source(StrEnum):
    """Who is to answer. AUTO: the central server while it is connected, else the line."""

    AUTO = "auto"
    LOCAL = "local"
    CENTRAL = "central"


@dataclass(frozen=True, slots=True)
class _Away:
    """Why the central server did not answer, and since when it is away."""

    since: datetime
    reason: str


async def answered(call: Call, question: Question, piece: Piece, source: Source) -> Json:
    """Answer with a piece of a list, and say who answered.

    `source` is `central` or `local`; `away_since` and `away_because` are set where the line stood in for the server.
    Raises CentralAway or CentralUnfit where only the server was to be asked.
    """
    away: _Away | None = None
    if source is not Source.LOCAL:
        found = await _from_central(call, question, piece, source)
        if not isinstance(found, _Away | None):
            return found | _told(Source.CENTRAL, None)
        away = found
    page = await call.runner.read(lambda view: view.reads.ask(question, piece))
    return plain_page(page) | _told(Source.LOCAL, away)


async def _from_central(call: Call, question: Question, piece: Piece, source: Source) -> Json | _Away | None:
    """Give the server's answer; or why there is none, None where the line has no server."""
    central = call.line.central
    if central is None:
        if source is Source.AUTO:
            return None
        todo = "Add a [central] section to its configuration."
        raise ControlError(Code.REFUSED, "This line has no central server.", todo)
    told = central.status
    if source is Source.AUTO and not told.connected:
        return _Away(told.since, told.trouble)
    try:
        return await _asked(central, question, piece)
    except StorageError as error:
        if source is Source.CENTRAL:
            raise
        log.warning("The central server did not answer a question; the line did: %s", error)
        return _Away(call.line.standing().at, str(error))


async def _asked(central: CentralFace, question: Question, piece: Piece) -> Json:
    """Ask the server, or find what it said to the same question before anything changed."""

    async def compute() -> bytes:
        async with central.questions() as link:
            return orjson.dumps(plain_page(await ask(link, question, piece)))

    answer: Json = orjson.loads(await _in_time(_cached(central, question, piece, compute)))
    return answer


async def _cached(
    central: CentralFace, question: Question, piece: Piece, compute: Callable[[], Awaitable[bytes]]
) -> bytes:
    if central.cache is None:
        return await compute()
    asked = {one.name: getattr(question, one.name) for one in fields(question)}
    return await central.cache.cached(
        type(question).__name__, {**asked, "limit": piece.limit, "after": piece.after.token}, _KEPT_S, compute
    )


async def _in_time(answer: Awaitable[bytes]) -> bytes:
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await answer
    except TimeoutError as error:
        raise CentralAway("The central server does not answer.") from error


def _told(source: Source, away: _Away | None) -> Json:
    return {
        "source": source.value,
        "away_since": moment(away.since) if away else None,
        "away_because": away.reason if away else None,
    }
