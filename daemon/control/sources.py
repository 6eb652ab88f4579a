"""Who answers a question: the central server, which knows every line, or the line from what it holds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

import orjson

from daemon.control.calls import Call
from daemon.control.face import CentralFace
from daemon.control.protocol import Code, ControlError
from daemon.control.views.found import plain_page
from daemon.control.views.plain import Json, moment
from storage.errors import CentralAway, StorageError
from storage.postgres.link import Link
from storage.postgres.reads import ask
from storage.reads import Piece, Question
from storage.sqlite.view import View

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


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as either side takes it; name and arguments tell it from every other."""

    name: str
    arguments: Mapping[str, object]
    there: Callable[[Link], Awaitable[Json]]
    here: Callable[[View], Json]


async def answered(call: Call, question: Question, piece: Piece, source: Source) -> Json:
    """Answer with a piece of a list. Says who answered, and raises, as `told`."""

    async def there(link: Link) -> Json:
        return plain_page(await ask(link, question, piece))

    asked = {one.name: getattr(question, one.name) for one in fields(question)}
    arguments = {**asked, "limit": piece.limit, "after": piece.after.token}
    here = partial(_page_here, question, piece, call.line.place.line_number)
    return await told(call, Asking(type(question).__name__, arguments, there, here), source)


async def told(call: Call, asking: Asking, source: Source) -> Json:
    """Answer, and say who did.

    `source` is `central` or `local`; `away_since` and `away_because` are set where the line stood in for the server.
    Raises CentralAway or CentralUnfit where only the server was to be asked.
    """
    away: _Away | None = None
    if source is not Source.LOCAL:
        found = await _from_central(call, asking, source)
        if not isinstance(found, _Away | None):
            return found | _who(Source.CENTRAL, None)
        away = found
    return await call.runner.read(asking.here) | _who(Source.LOCAL, away)


def _page_here(question: Question, piece: Piece, line_number: int, view: View) -> Json:
    return plain_page(view.reads.ask(question, piece), line_number)


async def _from_central(call: Call, asking: Asking, source: Source) -> Json | _Away | None:
    """Give the server's answer; or why there is none, None where the line has no server."""
    central = call.line.central
    if central is None:
        if source is Source.AUTO:
            return None
        todo = "Add a [central] section to its configuration."
        raise ControlError(Code.REFUSED, "This line has no central server.", todo)
    now = central.status
    if source is Source.AUTO and not now.connected:
        return _Away(now.since, now.trouble)
    try:
        return await _in_time(_there(central, asking))
    except StorageError as error:
        if source is Source.CENTRAL:
            raise
        log.warning("The central server did not answer a question; the line did: %s", error)
        return _Away(call.line.standing().at, str(error))


async def _there(central: CentralFace, asking: Asking) -> Json:
    """Ask the server, or find what it said to the same question before anything changed."""

    async def compute() -> bytes:
        async with central.questions() as link:
            return orjson.dumps(await asking.there(link))

    cache = central.cache
    body = await (cache.cached(asking.name, asking.arguments, _KEPT_S, compute) if cache else compute())
    answer: Json = orjson.loads(body)
    return answer


async def _in_time(answer: Awaitable[Json]) -> Json:
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await answer
    except TimeoutError as error:
        raise CentralAway("The central server does not answer.") from error


def _who(source: Source, away: _Away | None) -> Json:
    return {
        "source": source.value,
        "away_since": moment(away.since) if away else None,
        "away_because": away.reason if away else None,
    }
