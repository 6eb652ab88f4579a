from dataclasses import replace
from uuid import uuid4

import pytest

from stations.office.exchange import Choice, settle_conflict
from storage.records import Keep, Role
from tests.stations.office.shop import Shop


@pytest.mark.parametrize("keep", Keep)
def test_nobody_becomes_an_admin_by_a_settled_conflict(shop: Shop, keep: Keep) -> None:
    otto = shop.view.user_by_name("otto")
    assert otto is not None
    choice = Choice(uuid4(), "otto", replace(otto, role=Role.ADMIN), keep, "It was so.")
    assert shop.no(settle_conflict, choice, "sam").code == "forbidden"
    assert shop.view.user_by_name("otto") == otto
    shop.get(settle_conflict, choice, "ada")
