"""Redis as a doorbell: hints for whoever listens. All of it may vanish, be slow, be full or be wrong at any time.

Nothing here raises or waits long because of Redis; nothing here is the truth about anything.
"""

from storage.redis.breaker import Breaker
from storage.redis.cache import Cache
from storage.redis.client import Client, LinkState, NoAnswer
from storage.redis.mirror import Change, Mirror, Source
from storage.redis.place import Place
from storage.redis.queue import Entry, SyncQueue
from storage.redis.sessions import Sessions, session_key
from storage.redis.updates import Page, Update, Updates

__all__ = [
    "Breaker",
    "Cache",
    "Change",
    "Client",
    "Entry",
    "LinkState",
    "Mirror",
    "NoAnswer",
    "Page",
    "Place",
    "Sessions",
    "Source",
    "SyncQueue",
    "Update",
    "Updates",
    "session_key",
]
