"""What must neither stop the exchange, nor be lost in it, nor be told to those whom it does not concern."""

import psycopg
import pytest

_HEADS = "uuid, kind, thing_uuid, key_text, rule, winner_store, loser_store, found_at"


def test_who_may_only_read_sees_no_version_of_a_conflict(migrated_dsn: str) -> None:
    """A version of a user holds what lets somebody sign in."""
    with psycopg.connect(migrated_dsn, autocommit=True, options="-c search_path=sunline") as sql:
        sql.execute("SET ROLE sunline_reader")
        sql.execute(f"SELECT {_HEADS} FROM sync_conflicts".encode())
        for side in ("winner_body", "loser_body"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sql.execute(f"SELECT {side} FROM sync_conflicts".encode())
