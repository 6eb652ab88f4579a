from dataclasses import replace
from uuid import uuid4

import pytest

from stations.office.exchange import Choice, settle_conflict
from stations.office.sticks import enrol_stick
from storage.records import Keep, Role, Takes
from tests.stations.office.shop import Shop
from tests.stations.office.test_sticks import BLUE


@pytest.mark.parametrize("keep", Keep)
def test_nobody_becomes_an_admin_by_a_settled_conflict(shop: Shop, keep: Keep) -> None:
    otto = shop.view.user_by_name("otto")
    assert otto is not None
    choice = Choice(uuid4(), "otto", replace(otto, role=Role.ADMIN), keep, "It was so.")
    assert shop.no(settle_conflict, choice, "sam").code == "forbidden"
    assert shop.view.user_by_name("otto") == otto
    shop.get(settle_conflict, choice, "ada")


@pytest.mark.parametrize("keep", Keep)
def test_what_a_stick_may_take_is_settled_by_admins(shop: Shop, keep: Keep) -> None:
    stick = shop.get(enrol_stick, BLUE, "ada")
    choice = Choice(uuid4(), "BLUE", replace(stick, takes=Takes.SHEETS), keep, "It was so.")
    assert shop.no(settle_conflict, choice, "sam").code == "forbidden"
    shop.get(settle_conflict, choice, "ada")
    assert shop.view.sticks.one(stick.uuid) == (choice.loser if keep is Keep.LOCAL else stick)
