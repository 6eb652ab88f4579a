"""One client: its requests answered in their order, its streams beside them."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import cache
from typing import Any, Final

from daemon.control.arguments import reader_of
from daemon.control.calls import PATIENCE_S, Call, Operation
from daemon.control.face import LineFace
from daemon.control.operations import OPERATIONS, operation_named
from daemon.control.peers import Peer
from daemon.control.protocol import (
    LONGEST_LINE,
    Code,
    ControlError,
    Request,
    answer_line,
    end_line,
    error_line,
    event_line,
    id_of,
    read_request,
)
from stations.office.deciding import assert_may
from stations.office.outcome import Actor, Refused
from storage.errors import CentralAway, CentralUnfit, NotDurable, StorageError

log = logging.getLogger(__name__)

_MOST_STREAMS: Final = 8


@cache
def _reader(op: str) -> Callable[[Mapping[str, object]], Any]:
    """Make what reads an operation's arguments when it is first asked for: all at once would hold up the start."""
    return reader_of(OPERATIONS[op].arguments)


class Conversation:
    """Reads requests until the client goes or sends what cannot be read on; then all its streams end."""

    def __init__(self, line: LineFace, peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._call = Call(line, peer)
        self._reader = reader
        self._writer = writer
        self._streams: dict[asyncio.Task[None], AsyncGenerator[object, None]] = {}

    async def run(self) -> None:
        """Talk until the client goes. Cancelled, streams end first."""
        try:
            while await self._next():
                pass
        except (ConnectionError, TimeoutError):
            log.debug("A client of the control socket went away.")
        finally:
            await self._end_streams()

    async def _end_streams(self) -> None:
        ending = dict(self._streams)
        for stream in ending:
            stream.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for items in ending.values():
            # A task cancelled before its first step never ran, and so closed nothing.
            await items.aclose()

    async def _next(self) -> bool:
        try:
            line = await self._reader.readuntil()
        except asyncio.IncompleteReadError as error:
            if error.partial.strip():
                cut = ControlError(Code.INVALID, "The last line was cut off.", "Send it whole.")
                await self._send(error_line(None, cut))
            return False
        except asyncio.LimitOverrunError:
            await self._skip_line()
            message = f"A line may have {LONGEST_LINE} bytes."
            await self._send(error_line(None, ControlError(Code.INVALID, message, "Ask for less at once.")))
            return True
        if line.strip():
            await self._answer(line)
        return True

    async def _skip_line(self) -> None:
        """Read on to the line's end, keeping nothing: a client that is still sending could not hear the answer."""
        while True:
            try:
                await self._reader.readuntil()
            except asyncio.LimitOverrunError as error:
                await self._reader.readexactly(error.consumed)
            except asyncio.IncompleteReadError:
                return
            else:
                return

    async def _answer(self, line: bytes) -> None:
        try:
            request = read_request(line)
        except ControlError as error:
            await self._send(error_line(id_of(line), error))
            return
        try:
            answer = await self._done(request)
        except Exception as error:  # noqa: BLE001 -- one request must not end the daemon; named below
            answer = error_line(request.id, self._named(request, error))
        await self._send(answer)

    def _named(self, request: Request, error: Exception) -> ControlError:
        match error:
            case ControlError():
                return error
            case Refused(refusal=why):
                return ControlError(why.code, why.message, why.todo)
            case NotDurable():
                return ControlError(Code.NOT_DURABLE, str(error), error.todo)
            case CentralAway() | CentralUnfit():
                return ControlError(Code.REFUSED, str(error), error.todo)
            case StorageError():
                return ControlError(Code.INTERNAL, str(error), error.todo)
            case _:
                log.error("%s asked by %s failed.", request.op, self._call.peer.os_user, exc_info=error)
                return ControlError(Code.INTERNAL, "The request failed inside the daemon.", _REPORT)

    async def _done(self, request: Request) -> bytes:
        operation = operation_named(request.op)
        await self._assert_may(operation)
        args = _reader(request.op)(request.args)
        if operation.stream is None:
            return answer_line(request.id, await operation.run(self._call, args))
        return await self._begun(request, operation.stream(self._call, args), operation.patience_s)

    async def _assert_may(self, operation: Operation[Any]) -> None:
        if operation.least is None:
            return
        peer = self._call.peer
        user = await self._call.runner.read(lambda view: view.user_by_os_user(peer.os_user))
        assert_may(Actor(peer.os_user, user, peer.is_root), operation.least)

    async def _begun(self, request: Request, items: AsyncGenerator[object, None], patience_s: float) -> bytes:
        if len(self._streams) >= _MOST_STREAMS:
            raise ControlError(Code.REFUSED, f"One client may watch {_MOST_STREAMS} times.", "Connect again.")
        try:
            first = await anext(items)
        except StopAsyncIteration:
            return end_line(request.id)
        flow = self._flow(request, items, patience_s)
        stream = asyncio.create_task(flow, name=f"control stream {request.id}")
        self._streams[stream] = items
        stream.add_done_callback(self._streams.pop)
        return answer_line(request.id, first)

    async def _flow(self, request: Request, items: AsyncGenerator[object, None], patience_s: float) -> None:
        """Send the further items as the client takes them, then the end, or why there are no more."""
        async with contextlib.aclosing(items):
            try:
                async for item in items:
                    await self._send(event_line(request.id, item), patience_s)
                await self._send(end_line(request.id))
            except (ConnectionError, TimeoutError):
                self._writer.transport.abort()
            except Exception as error:  # noqa: BLE001 -- one stream must not end the daemon; named below
                await self._fail(request, error)

    async def _fail(self, request: Request, error: Exception) -> None:
        try:
            await self._send(error_line(request.id, self._named(request, error)))
        except (ConnectionError, TimeoutError):
            self._writer.transport.abort()

    async def _send(self, line: bytes, patience_s: float = PATIENCE_S) -> None:
        self._writer.write(line)
        async with asyncio.timeout(patience_s):
            await self._writer.drain()


_REPORT = "Report this with the time it happened."
