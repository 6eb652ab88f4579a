import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import uuid4

from storage.records import Batch, PanelStatus, ScanOutcome, SignIn, Verdict
from storage.redis.mirror import Change, Mirror
from storage.redis.sessions import session_key
from storage.redis.updates import UPDATES_KEY, Updates
from storage.sqlite import Store
from tests.storage.redis.conftest import Judge, Open
from tests.storage.redis.line import NOW, Line, Logged, queued, running, sign_in, sign_out, told
from tests.storage.redis.server import Server
from tests.storage.redis.waiting import until
from tests.storage.samples import ORDER, furnished, panel, result, step


def _rebuilt(mirror: Mirror, times: int) -> bool:
    return mirror.rebuilt == times


async def test_what_happens_on_the_line_is_shown(open_client: Open, judge: Judge) -> None:
    line, begun, made = Line(), sign_in(), panel()
    passed = result(made.uuid, station_number=3, result=Verdict.COSMETIC)
    outcome = ScanOutcome(
        uuid=uuid4(), scan_uuid=uuid4(), station_number=1, code="unknown", message="", created_at=NOW
    )  # fmt: skip
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt)
        line.write(begun, outcome, made, passed)
        mirror.ring()
        await until(lambda: len(told(judge)) == 3 and judge.exists(session_key(begun.user_uuid)))
        assert told(judge) == [("1-1", "unknown"), ("1-1", "in_production"), ("1-3", "B")]
        assert queued(judge) == [
            [str(made.uuid), None, "panel", "2026-03-01T12:00:02.123456+00:00"],
            [str(made.uuid), str(passed.uuid), "station_result", "2026-03-01T12:00:03.123456+00:00"],
        ]
        line.write(sign_out(begun))
        mirror.ring()
        await until(lambda: not judge.exists(session_key(begun.user_uuid)))


async def test_it_begins_at_the_newest_change_with_what_counts_now(open_client: Open, judge: Judge) -> None:
    line, begun, ended = Line(), sign_in(), sign_in()
    line.write(begun, ended, sign_out(ended), panel(), panel(status=PanelStatus.COMPLETED))
    line.waiting = line.waiting[-1:]
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt)
        assert told(judge) == []
        assert len(queued(judge)) == 1
        assert judge.keys("SESSION:*") == [session_key(begun.user_uuid).encode()]


async def test_without_a_bell_it_polls(open_client: Open, judge: Judge) -> None:
    line = Line()
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt)
        line.write(panel())
        await until(lambda: told(judge))


async def test_a_long_log_is_taken_in_chunks_each_change_once(open_client: Open, judge: Judge) -> None:
    line = Line()
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt)
        made = [panel(f"CRS25WT60{number:05}") for number in range(1000)]
        line.write(*made)
        await until(lambda: len(told(judge)) >= 1000)
        assert [entry[0] for entry in queued(judge)] == [str(one.uuid) for one in made]
        assert mirror.rebuilt == 1


async def test_two_lines_share_one_redis(open_client: Open, judge: Judge) -> None:
    one, two, user = Line(), Line(), sign_in()
    async with running(open_client(), one, 1) as first, running(open_client(), two, 2) as second:
        await until(lambda: first.rebuilt and second.rebuilt)
        one.write(user)
        two.write(panel())
        await until(lambda: told(judge) == [("2-1", "in_production")] and judge.exists(session_key(user.user_uuid)))
        rounds = judge.info("commandstats")["cmdstat_info"]["calls"]
        await until(lambda: judge.info("commandstats")["cmdstat_info"]["calls"] > rounds + 20)
        assert (first.rebuilt, second.rebuilt) == (1, 1)


async def test_everything_that_counts_comes_back_after_a_flush(open_client: Open, judge: Judge) -> None:
    line, begun = Line(), sign_in()
    line.write(begun, panel())
    async with running(open_client(), line) as mirror:
        for times in range(1, 6):
            await until(partial(_rebuilt, mirror, times))
            assert len(queued(judge)) == len(line.waiting) - 1
            assert judge.exists(session_key(begun.user_uuid))
            judge.flushall()
            line.write(panel())
            mirror.ring()


async def test_everything_comes_back_after_a_kill(server: Server, open_client: Open, judge: Judge) -> None:
    line, begun = Line(), sign_in()
    line.write(begun, panel())
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt == 1)
        server.kill()
        line.write(panel(), panel())
        mirror.ring()
        await asyncio.to_thread(server.start)
        await until(lambda: mirror.rebuilt == 2)
        assert len(queued(judge)) == 3
        assert judge.exists(session_key(begun.user_uuid))
        line.write(panel())
        await until(lambda: told(judge) == [("1-1", "in_production")])


async def test_a_restart_nobody_saw_that_kept_an_old_state_is_noticed(
    server: Server, open_client: Open, judge: Judge
) -> None:
    line, begun = Line(), sign_in()
    line.write(begun, panel())
    mirror = Mirror(open_client(), line, 1)
    await mirror.catch_up()
    judge.delete("SYNC_QUEUE", session_key(begun.user_uuid))
    judge.save()
    await asyncio.to_thread(server.restart)
    assert judge.exists("MIRROR_MARK:1")
    await mirror.catch_up()
    assert mirror.rebuilt == 2
    assert len(queued(judge)) == 1
    assert judge.exists(session_key(begun.user_uuid))


async def test_a_flush_in_the_middle_of_a_rebuild_is_noticed(open_client: Open, judge: Judge) -> None:
    line, begun = Line(), sign_in()
    line.write(begun, panel())
    mirror = Mirror(open_client(), line, 1, poll_s=0)
    line.before_backlog = judge.flushall
    await mirror.catch_up()
    assert mirror.rebuilt == 0
    line.before_backlog = None
    await mirror.catch_up()
    assert mirror.rebuilt == 1
    assert judge.exists(session_key(begun.user_uuid))


async def test_who_signed_out_while_redis_was_away_is_gone_afterwards(
    server: Server, open_client: Open, judge: Judge
) -> None:
    line, stays, goes = Line(), sign_in(), sign_in()
    client = open_client()
    line.write(stays, goes)
    async with running(client, line) as mirror:
        await until(lambda: mirror.rebuilt == 1)
        client._bound_s = 0.05
        server.freeze()
        line.write(sign_out(goes))
        mirror.ring()
        await until(lambda: not client.state.connected)
        assert server.frozen
        client._bound_s = 10
        server.thaw()
        await until(lambda: judge.keys("SESSION:*") == [session_key(stays.user_uuid).encode()])


async def test_a_full_redis_is_tried_again_but_costs_the_store_little(open_client: Open, judge: Judge) -> None:
    line, client = Line(), open_client()
    judge.config_set("maxmemory-policy", "noeviction")
    judge.config_set("maxmemory", "1")
    line.write(sign_in(), panel())
    mirror = Mirror(client, line, 1, poll_s=3600)
    for _ in range(50):
        await mirror.catch_up()
    assert mirror.rebuilt == 0
    assert line.backlog_reads <= 1
    assert client.state.last_error == "Redis is full."
    judge.config_set("maxmemory", "0")
    async with running(client, line) as again:
        await until(lambda: again.rebuilt == 1)
        assert len(queued(judge)) == 1


async def test_a_redis_that_takes_only_some_of_it_is_not_fed_at_every_ring(open_client: Open, judge: Judge) -> None:
    line, client = Line(), open_client()
    line.write(sign_in(), panel())
    judge.acl_setuser("default", enabled=True, commands=["-rpush"])
    mirror = Mirror(client, line, 1, poll_s=3600)
    for _ in range(50):
        await mirror.catch_up()
    assert line.backlog_reads == 1
    assert client.state.connected
    assert client.state.last_error == "Redis does not let this user do what is needed."


async def test_a_rebuild_that_fails_after_a_flush_is_made_good_later(open_client: Open, judge: Judge) -> None:
    line = Line()
    line.write(sign_in(), panel())
    mirror = Mirror(open_client(), line, 1, poll_s=0)
    await mirror.catch_up()
    judge.flushall()
    judge.acl_setuser("default", enabled=True, commands=["-rpush"])
    await mirror.catch_up()
    judge.acl_setuser("default", enabled=True, commands=["+rpush"])
    await mirror.catch_up()
    assert mirror.rebuilt == 2
    assert len(queued(judge)) == 1


async def test_it_filled_up_in_the_middle_and_has_room_again(open_client: Open, judge: Judge) -> None:
    line, client = Line(), open_client()
    async with running(client, line) as mirror:
        await until(lambda: mirror.rebuilt == 1)
        judge.config_set("maxmemory", "1")
        begun = sign_in()
        line.write(panel(), begun)
        await until(lambda: client.state.last_error == "Redis is full.")
        judge.config_set("maxmemory", "0")
        await until(lambda: mirror.rebuilt == 2)
        assert len(queued(judge)) == 1
        assert judge.exists(session_key(begun.user_uuid))


async def test_foreign_types_under_every_key_are_replaced(open_client: Open, judge: Judge) -> None:
    line, begun = Line(), sign_in()
    line.write(begun, panel())
    judge.set("SYNC_QUEUE", "x")
    judge.set(UPDATES_KEY, "x")
    judge.rpush(session_key(begun.user_uuid), "x")
    judge.rpush("MIRROR_MARK:1", "x")
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt == 1)
        assert len(queued(judge)) == 1
        assert judge.hget(session_key(begun.user_uuid), "token").decode() == str(begun.uuid)
        line.write(panel())
        await until(lambda: judge.type(UPDATES_KEY) == b"stream")
        judge.delete("MIRROR_MARK:1")
        judge.rpush("MIRROR_MARK:1", "x")
        await until(lambda: mirror.rebuilt == 2)


async def test_a_store_that_fails_for_a_while_does_not_end_it(open_client: Open, judge: Judge) -> None:
    line = Line()
    line.broken = True
    async with running(open_client(), line) as mirror:
        await until(lambda: judge.exists("MIRROR_MARK:1"))
        line.broken = False
        await until(lambda: mirror.rebuilt)


async def test_a_change_nobody_can_read_is_passed_over(open_client: Open, judge: Judge) -> None:
    line = Line()
    async with running(open_client(), line) as mirror:
        await until(lambda: mirror.rebuilt)
        line.log.append(Logged(1, "panel", NOW, ORDER))
        line.write(panel())
        await until(lambda: told(judge))
        assert mirror.unread >= 1


async def test_an_update_can_be_read_on_by_a_watcher(open_client: Open, judge: Judge) -> None:
    line, client = Line(), open_client()
    made = panel()
    async with running(client, line) as mirror:
        await until(lambda: mirror.rebuilt)
        line.write(made)
        updates = Updates(client)
        await until(lambda: judge.exists(UPDATES_KEY))
        assert [update.panel_id for update in (await updates.after()).updates] == [made.uuid]


class Stored:
    """What the mirror reads, from a real store."""

    def __init__(self, store: Store) -> None:
        self._view = store.view

    async def newest_seq(self) -> int:
        return self._view.last_seq()

    async def changes_after(self, seq: int, limit: int) -> Sequence[Change]:
        return self._view.changes_after(seq, limit)

    async def open_sign_ins(self) -> Sequence[SignIn]:
        return ()

    async def backlog(self, limit: int) -> Sequence[Change]:
        return self._view.changes_after(0, limit)


async def test_a_real_store_is_followed(open_client: Open, judge: Judge, tmp_path: Path) -> None:
    store = furnished(tmp_path / "line.db")
    try:
        mirror = Mirror(open_client(), Stored(store), 1)
        await mirror.catch_up()
        seen, batch = step("CRS25WT6000001")
        store.write(Batch((seen, *batch.records), batch.states))
        await mirror.catch_up()
        assert [status for _, status in told(judge)] == ["in_production", "PASS", "passed"]
        assert [kind for _, _, kind, _ in queued(judge)] == ["panel", "station_result"]
        assert mirror.unread == 0
    finally:
        store.close()
