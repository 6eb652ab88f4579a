"""Taking an export out of the line's store in short reads: nothing is held while a client thinks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from daemon.control.calls import Call
from daemon.control.protocol import Code, ControlError
from storage.export import ExportList, Piece, Scope
from storage.export.rendering import Form
from storage.sqlite.exporting import BY_NUMBER, Bounds, Named
from storage.sqlite.view import View

_CHANGES: Final = 5_000
_THINGS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Taking:
    """An export's scope in a line's store: everything within bounds, or what a stretch of the change log touched."""

    call: Call
    scope: Scope
    bounds: Bounds
    touched: Named | None

    @classmethod
    async def begin(cls, call: Call, scope: Scope) -> "Taking":
        """Look what the scope comes to."""
        bounds = await call.runner.read(lambda view: view.exports.bounds(scope))
        return cls(call, scope, bounds, await _touched(call, scope, bounds) if scope.after_seq else None)

    async def counts(self) -> dict[ExportList, int]:
        """Say how many rows the lists have: about; nothing at all only where there is nothing."""
        if self.touched is None:
            return await self.call.runner.read(lambda view: view.exports.counts(self.bounds))
        results = max(0, self.bounds.last - self.bounds.first)
        counts = {of: len(self.touched.of(of)) for of in (ExportList.ORDERS, ExportList.PANELS, ExportList.PALLETS)}
        return dict.fromkeys(ExportList, 0) | counts | {ExportList.RESULTS: results}

    async def pieces(self, of: Form, after: str) -> AsyncGenerator[Piece, None]:
        """Give a list piece by piece, from its beginning or from where a piece ended; close it. Raises ControlError.

        The next piece is read while one is taken away: no read waits for a client, and no more than two pieces are
        there at a time.
        """
        coming: asyncio.Task[Piece] | None = self._coming(of, after)
        try:
            while coming is not None:
                piece = await coming
                coming = None if piece.after is None else self._coming(of, piece.after)
                if piece.count or coming is None:
                    yield piece
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    def _coming(self, of: Form, after: str) -> "asyncio.Task[Piece]":
        return asyncio.create_task(self.call.runner.read(self._piece(of, after)), name="piece of an export")

    def _piece(self, of: Form, after: str) -> Callable[[View], Piece]:
        if self.touched is not None and after and not after.isdecimal():
            raise ControlError(Code.INVALID, "This is no place in a list.", "Give the `after` of an item.")
        if self.touched is None:
            return partial(_walked, of, self.bounds, after)
        if of in BY_NUMBER:
            return partial(_added, of, self.bounds, after)
        return partial(_named, of, self.touched.of(of), after)


def _walked(of: Form, bounds: Bounds, after: str, view: View) -> Piece:
    return view.exports.walked(of, bounds, after)


def _added(of: Form, bounds: Bounds, after: str, view: View) -> Piece:
    return view.exports.added(of, bounds, after)


def _named(of: Form, ids: Sequence[int], after: str, view: View) -> Piece:
    return view.exports.named(of, ids, after)


async def _touched(call: Call, scope: Scope, bounds: Bounds) -> Named:
    """Name what changed, the pallets that carry it, and the orders all that belongs to."""
    read, upto = call.runner.read, scope.upto_seq
    assert upto is not None  # noqa: S101 -- an export from a line is always bounded
    parts = [
        await read(partial(_changed, bounds, first, min(first + _CHANGES, upto)))
        for first in range(scope.after_seq, upto, _CHANGES)
    ]
    found = await _all_of(parts)
    found = await _all_of([found, *[await read(partial(_around, panels)) for panels in _chunks(found.panels)]])
    return await _all_of([found, *[await read(partial(_orders, pallets)) for pallets in _chunks(found.pallets)]])


async def _all_of(parts: Sequence[Named]) -> Named:
    """Put much together at once and beside the loop: scans go first."""
    return await asyncio.to_thread(Named.of_all, parts)


def _changed(bounds: Bounds, first: int, last: int, view: View) -> Named:
    return view.exports.touched(bounds, first, last)


def _around(panels: Sequence[int], view: View) -> Named:
    return view.exports.around(panels)


def _orders(pallets: Sequence[int], view: View) -> Named:
    return view.exports.orders_of_pallets(pallets)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _THINGS] for at in range(0, len(ids), _THINGS))
