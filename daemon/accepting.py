"""Ends a server without losing whoever is just being accepted."""

import asyncio
from typing import Final

_TURNS: Final = 4
"""So many rounds of the loop, at most, lie between a connection accepted and the server's callback."""


async def close_server(server: asyncio.Server) -> None:
    """Take no more connections, then close. Whoever was accepted just before is still handed to the server's callback.

    asyncio fails to attach a connection to a server that was closed since it was accepted, and leaves it open then:
    its client would wait for ever. So new ones are left waiting first, and the accepted ones get their turn.
    """
    loop = asyncio.get_running_loop()
    try:
        for listener in server.sockets:
            loop.remove_reader(listener.fileno())
        for _ in range(_TURNS):
            await asyncio.sleep(0)
    finally:
        server.close()
