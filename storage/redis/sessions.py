"""`SESSION:{user_id}`: who is signed in where, for whoever watches. Nobody is let in by it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from redis.asyncio import Redis

from storage.records import SignIn
from storage.redis.client import Client, NoAnswer

_REMOVE_OWN: Final = """
if redis.call('TYPE', KEYS[1]).ok == 'hash' and redis.call('HGET', KEYS[1], 'token') == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0
"""


def session_key(user_uuid: UUID) -> str:
    """Name the hash of a user's session."""
    return f"SESSION:{user_uuid}"


class Sessions:
    """The sessions of one line in Redis. `token` is the sign-in's uuid: it opens nothing.

    A user signed in at two stations has one session, that of the later sign-in; only its own sign-out removes it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shown: dict[UUID, SignIn] = {}

    async def signed_in(self, sign_in: SignIn) -> bool:
        """Show a session until it expires, whatever stood there before; False: Redis did not take it."""
        self._shown[sign_in.uuid] = sign_in
        try:
            await self._client.ask(lambda redis: _show(redis, sign_in))
        except NoAnswer:
            return False
        return True

    async def signed_out(self, sign_in_uuid: UUID) -> bool:
        """Remove a session, unless a later sign-in of the same user stands there; False: Redis did not answer."""
        sign_in = self._shown.get(sign_in_uuid)
        if sign_in is None:
            return True
        try:
            await self._client.ask(lambda redis: _remove(redis, sign_in))
        except NoAnswer:
            return False
        del self._shown[sign_in_uuid]
        return True

    async def rebuild(self, current: Sequence[SignIn]) -> bool:
        """Show exactly the line's current sign-ins again; False: Redis did not take all of it."""
        now = datetime.now(UTC)
        self._shown = {uuid: sign_in for uuid, sign_in in self._shown.items() if sign_in.expires_at > now}
        ended = self._shown.keys() - {sign_in.uuid for sign_in in current}
        for uuid in ended:
            if not await self.signed_out(uuid):
                return False
        for sign_in in sorted(current, key=lambda one: one.created_at):
            if not await self.signed_in(sign_in):
                return False
        return True


async def _show(redis: Redis, sign_in: SignIn) -> None:
    key = session_key(sign_in.user_uuid)
    async with redis.pipeline(transaction=True) as whole:
        whole.delete(key)
        whole.hset(
            key,
            mapping={
                "token": str(sign_in.uuid),
                "expires_at": sign_in.expires_at.isoformat(),
                "station_assignment": sign_in.station_number,
            },
        )
        whole.expireat(key, sign_in.expires_at)
        await whole.execute()


async def _remove(redis: Redis, sign_in: SignIn) -> None:
    await redis.eval(_REMOVE_OWN, 1, session_key(sign_in.user_uuid), str(sign_in.uuid))
