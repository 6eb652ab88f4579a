"""Where real work begins, people keep their badges and the rules stay changed; nothing else of a shadow comes along."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stations.office.criteria import SetCriterion, set_criterion
from stations.office.rules import SetRule, set_rule
from stations.office.users import AddUser, add_user
from stations.rules.commands import badge_hash
from stations.workflow.turn import Place
from storage.records import Role, User, shadow_of, thing_uuid
from tests.daemon.control.bench import bench, wire
from tests.stations.office.shop import PEOPLE, SERIAL, Shop, order, person

Be = Callable[[str], None]


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Be:
    from daemon.control.peers import Peer

    def become(os_user: str) -> None:
        async def peer_of(_: object) -> Peer:
            return Peer(0 if os_user == "root" else 4321, os_user)

        monkeypatch.setattr("daemon.control.server.peer_of", peer_of)

    return become


@pytest.fixture
def shadow(tmp_path: Path) -> Path:
    """A store of a shadow of line 1 of IN, in which work was done and a rule and a criterion were changed."""
    path = tmp_path / "shadow.db"
    shop = Shop(path, site=shadow_of("IN"))
    shop.write(*PEOPLE, order())
    shop.get(set_rule, SetRule(key="undo_window_s", value="90"), "ada")
    shop.get(set_criterion, SetCriterion(code="glass_placement", name="Glass and Foil"), "ada")
    shop.get(add_user, AddUser(username="eve", role=Role.OPERATOR, badge_token="EVES"), "ada")
    shop.work(SERIAL, 1)
    shop.store.close()
    return path


async def test_root_takes_over_people_rules_and_criteria_before_the_first_panel(
    tmp_path: Path, shadow: Path, be: Be
) -> None:
    async with bench(tmp_path) as line:
        be("root")
        async with wire(line.path) as client:
            taken = await client.get("shadow.carry", store=str(shadow))
            assert sorted(taken["users"]) == ["ada", "eve", "gone", "otto", "sam"]
            assert (taken["rules"], taken["criteria"]) == (["undo_window_s"], 1)
            names = [one["criterion_name"] for one in await client.get("criterion.list")]
            assert (names.count("Glass and Foil"), names.count("Glass Placement")) == (1, 0)
        eve = await line.writer.read(lambda view: view.user_by_badge(badge_hash("EVES")))
        assert (eve and eve.uuid) == thing_uuid("IN", User.KIND, "eve")
        config, panels, orders = await line.writer.read(lambda view: (view.config(), view.panels(), view.orders()))
        assert (config["undo_window_s"], panels, orders) == ("90", (), ())
        be("ada")
        async with wire(line.path) as client:
            assert await client.get("shadow.carry", store=str(shadow)) == {"users": [], "rules": [], "criteria": 0}


async def test_whoever_is_here_already_stays_as_he_is(tmp_path: Path, shadow: Path, be: Be) -> None:
    be("ada")
    async with bench(tmp_path) as line:
        await line.write(person("ada", Role.ADMIN), person("sam2", Role.OPERATOR, os_user="sam"))
        async with wire(line.path) as client:
            assert "ada" not in (await client.get("shadow.carry", store=str(shadow)))["users"]
        sam, here = await line.writer.read(lambda view: (view.user_by_name("sam"), view.user_by_os_user("sam")))
        assert sam is not None
        assert (sam.os_user, here and here.username) == (None, "sam2")


async def test_it_takes_an_admin_a_shadow_of_this_line_and_a_line_that_has_not_begun(
    tmp_path: Path, shadow: Path, be: Be
) -> None:
    be("otto")
    async with bench(tmp_path) as line:
        await line.write(*PEOPLE, order())
        async with wire(line.path) as client:
            assert (await client.no("shadow.carry", store=str(shadow)))["code"] == "forbidden"
        be("ada")
        async with wire(line.path) as client:
            for store, says in (
                (tmp_path / "line.db", "This is no store of a shadow of this line."),
                (tmp_path / "nothing.db", f"There is no store {tmp_path}/nothing.db."),
            ):
                assert (await client.no("shadow.carry", store=str(store)))["message"] == says
            line.line.place = Place(shadow_of("IN"), 1)
            assert (await client.no("shadow.carry", store=str(shadow)))["code"] == "refused"
            line.line.place = Place("IN", 1)
            await line.line.scan(1, "SL-U-otto", SERIAL)
            said = await client.no("shadow.carry", store=str(shadow))
            assert said["message"] == "Real work has begun here already."
