"""A transaction that somebody left open on the server holds back what comes down, and that is seen."""

from pathlib import Path

from storage.postgres.handshake import handshake
from storage.postgres.link import connect
from storage.records import User
from storage.sync.visit import Visit
from tests.storage.sync.plant import line
from tests.storage.sync.shift import SITE


async def test_a_transaction_left_open_is_seen_while_it_holds_something_back(tmp_path: Path, migrated_dsn: str) -> None:
    async with line(tmp_path) as it, await connect(migrated_dsn) as connection, await connect(migrated_dsn) as person:
        visit = await Visit.begin(connection, it.holder, it.books, await handshake(connection, SITE))
        await visit.greet()
        assert visit.held_back_s == 0.0
        async with person.transaction():
            await person.execute("INSERT INTO users (uuid, username, role) VALUES (gen_random_uuid(), 'x', 'operator')")
            await visit.exchange(_nothing)
            await visit.greet()
            assert visit.held_back_s > 0.0
            held = await it.held()
            assert "x" not in {one.username for one in held[User.KIND].values() if isinstance(one, User)}
        await visit.exchange(_nothing)
        await visit.greet()
        assert visit.held_back_s == 0.0
        held = await it.held()
        assert "x" in {one.username for one in held[User.KIND].values() if isinstance(one, User)}


async def _nothing() -> None:
    """Nobody is told of batches."""
