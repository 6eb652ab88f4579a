"""`REALTIME_UPDATES`: a capped stream of what happens to panels, for whoever watches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis

from storage.redis.client import Client, NoAnswer, mended, raw

UPDATES_KEY: Final = "REALTIME_UPDATES"
UPDATES_CAP: Final = 10_000
FROM_START: Final = "0-0"
Row = tuple[str, dict[bytes, bytes]]
_ID: Final = re.compile(r"[0-9]{1,20}-[0-9]{1,20}", re.ASCII)
_LARGEST: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Update:
    """Something happened at a station (`line-station`, as `1-4`), to a panel where it is about one."""

    station_id: str
    panel_id: UUID | None
    status: str
    timestamp: datetime

    def fields(self) -> dict[Any, Any]:
        """Write it as the fields of a stream entry."""
        return {
            "station_id": self.station_id,
            "panel_id": str(self.panel_id) if self.panel_id else "",
            "status": self.status,
            "timestamp": self.timestamp.isoformat(),
        }

    @classmethod
    def of_fields(cls, fields: dict[bytes, bytes]) -> "Update":
        """Read it back. Raises ValueError or KeyError for anything else."""
        text = {name: fields[name.encode()].decode() for name in ("station_id", "panel_id", "status", "timestamp")}
        panel = UUID(text["panel_id"]) if text["panel_id"] else None
        return cls(text["station_id"], panel, text["status"], datetime.fromisoformat(text["timestamp"]))


@dataclass(frozen=True, slots=True)
class Page:
    """Updates in order, and the id to read on from."""

    updates: tuple[Update, ...]
    next_id: str


class Updates:
    """The stream in Redis."""

    def __init__(self, client: Client, *, cap: int = UPDATES_CAP) -> None:
        self._client = client
        self._cap = cap
        self.discarded = 0

    async def publish(self, updates: Sequence[Update]) -> bool:
        """Append updates, the oldest going beyond about the cap; False: Redis did not take them."""
        if not updates:
            return True

        async def append(redis: Redis) -> object:
            async with redis.pipeline(transaction=True) as all_of_them:
                for update in updates[-self._cap :]:
                    all_of_them.xadd(UPDATES_KEY, update.fields(), maxlen=self._cap, approximate=True)
                return await all_of_them.execute()

        try:
            await self._client.ask(lambda redis: mended(redis, UPDATES_KEY, append))
        except NoAnswer:
            return False
        return True

    async def after(self, last_id: str = FROM_START, limit: int = 100) -> Page:
        """Give the next updates after an id, at once; none without Redis. What is no update is left out and counted.

        Where the stream was begun anew since, or the id is none, it reads from the start of what there is.
        """
        begin = last_id if _is_id(last_id) else FROM_START
        try:
            rows = await self._client.ask(lambda redis: _read(redis, begin, limit))
        except NoAnswer:
            return Page((), begin)
        updates = tuple(update for _, fields in rows if (update := self._sound(fields)))
        return Page(updates, rows[-1][0] if rows else begin)

    def _sound(self, fields: dict[bytes, bytes]) -> Update | None:
        try:
            return Update.of_fields(fields)
        except (ValueError, KeyError):
            self.discarded += 1
            return None


async def _read(redis: Redis, begin: str, limit: int) -> list[Row]:
    async def rows(redis: Redis) -> list[Row]:
        answer: Any = await redis.xread({UPDATES_KEY: begin}, count=limit)
        if answer:
            return _rows(answer[0][1])
        newest = _rows(await redis.xrevrange(UPDATES_KEY, count=1))
        began_anew = bool(newest) and _order(newest[0][0]) < _order(begin)
        return _rows(await redis.xrange(UPDATES_KEY, count=limit)) if began_anew else []

    return await mended(redis, UPDATES_KEY, rows)


def _rows(answer: Any) -> list[Row]:  # noqa: ANN401 -- redis-py's type fits no answer of XRANGE
    return [(raw(entry_id).decode(), fields) for entry_id, fields in answer]


def _is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text)) and max(_order(text)) <= _LARGEST


def _order(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))
