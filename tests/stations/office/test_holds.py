from uuid import uuid4

from stations.office.holds import RaiseHold, ReleaseHold, raise_hold, release_hold
from storage.records import Subject
from tests.stations.office.shop import OTHER, SERIAL, Shop


def test_a_held_panel_is_not_worked_on_until_released(shop: Shop) -> None:
    panel = shop.work(SERIAL, 1)
    hold = shop.get(raise_hold, RaiseHold(subject=SERIAL, reason="look again"))
    assert (hold.subject, hold.subject_uuid, hold.code) == (Subject.PANEL, panel.uuid, "person")
    assert shop.scan(2, "SL-U-otto", SERIAL).banner.headline == "On hold"
    (release,) = shop.get(release_hold, ReleaseHold(hold=str(hold.uuid), reason="fine"))
    assert release.hold_uuid == hold.uuid
    assert shop.scan(2, SERIAL).open is not None


def test_all_holds_of_a_panel_are_released_at_once(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    for reason in ("one", "two"):
        shop.get(raise_hold, RaiseHold(subject=SERIAL, reason=reason))
    assert len(shop.get(release_hold, ReleaseHold(hold=SERIAL.lower(), reason="fine"))) == 2
    assert shop.no(release_hold, ReleaseHold(hold=SERIAL, reason="fine")).code == "refused"


def test_one_hold_is_released_by_the_last_digits_of_its_id(shop: Shop) -> None:
    panel = shop.work(SERIAL, 1)
    one, two = (shop.get(raise_hold, RaiseHold(subject=SERIAL, reason=reason)) for reason in ("one", "two"))
    shared = one.uuid.hex[:6]
    assert "More than one hold" in shop.no(release_hold, ReleaseHold(hold=shared, reason="fine")).message
    shop.get(release_hold, ReleaseHold(hold=one.uuid.hex[-8:], reason="fine"))
    assert shop.view.open_holds(panel.uuid) == (two,)
    assert shop.get(release_hold, ReleaseHold(hold=shared, reason="fine"))[0].hold_uuid == two.uuid


def test_what_is_not_here_or_not_held_is_said(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    hold = shop.get(raise_hold, RaiseHold(subject=SERIAL, reason="x"))
    shop.get(release_hold, ReleaseHold(hold=str(hold.uuid), reason="fine"))
    assert "already" in shop.no(release_hold, ReleaseHold(hold=str(hold.uuid), reason="fine")).message
    assert shop.no(release_hold, ReleaseHold(hold=str(uuid4()), reason="fine")).code == "not_found"
    assert shop.no(raise_hold, RaiseHold(subject=OTHER, reason="x")).code == "not_found"
    assert shop.no(raise_hold, RaiseHold(subject="", reason="x")).code == "invalid"
    assert shop.no(raise_hold, RaiseHold(subject=SERIAL, reason="x\ny")).code == "invalid"


def test_holds_are_for_supervisors(shop: Shop) -> None:
    shop.work(SERIAL, 1)
    assert shop.no(raise_hold, RaiseHold(subject=SERIAL, reason="x"), "otto").code == "forbidden"
    assert shop.no(release_hold, ReleaseHold(hold=SERIAL, reason="x"), "otto").code == "forbidden"
