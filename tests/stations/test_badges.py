from drivers.readings import Scan
from stations.rules.commands import BADGE_PREFIX, badge_hash
from tests.stations.shift import Shift
from tests.stations.test_arms import Rig, started


async def test_the_token_of_a_badge_signs_in_and_is_stored_nowhere(shift: Shift) -> None:
    """Whoever reads the store, its copies or the central server could print the badge again."""
    text = f"{BADGE_PREFIX}BOSS"
    async with started(shift, Rig()) as runner:
        for worn in (text, f"]C0{text.lower()} "):
            scan = Scan(device="scanner", raw=worn.encode(), text=worn, wall=shift.now, monotonic_ns=1)
            await runner.take(1, scan)
    assert shift.store.view.open_sign_in(1)
    kept, _ = shift.store.view.recent_scans(1, 1)[0]
    assert kept.text == f"{BADGE_PREFIX}{badge_hash('BOSS')}"
    assert not [change for change in shift.store.view.changes_after(0, 10_000) if b"SL-U-BOSS" in change.body.upper()]
    assert b"BOSS" not in kept.raw.upper()
    assert not [body for body in shift.store.view.station_states().values() if "SL-U-BOSS" in body.upper()]
