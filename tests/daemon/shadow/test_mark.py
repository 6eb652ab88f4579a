"""A line beside paper says so wherever it speaks, and its facts can never come among real ones."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from daemon.cli.main import main
from daemon.cli.showing import console
from daemon.cli.status import picture
from daemon.config import LineConfig, folder_faults, load_config
from daemon.control.face import LineFace, Standing
from daemon.printing import PalletSheet, pallet_pages, to_html
from daemon.service.metrics import Metrics
from daemon.service.tally import Tally
from daemon.service.words import line_words
from stations.rules.pallets import next_number, number_prefix
from stations.workflow.turn import Place
from storage.errors import CentralUnfit, StoreForeign
from storage.export.readme import readme
from storage.postgres.handshake import refuse_foreign
from storage.records import SHADOW_WORDS, is_shadow, shadow_of, thing_uuid
from storage.sqlite import Store
from tests.daemon.config.test_config import EXAMPLE, faults_of
from tests.storage.export.samples import JOB

GOOD = EXAMPLE.read_text("utf-8")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CENTRAL = '[central]\ndsn = "host=10.0.0.1"\n'


def shadowed(folder: Path, store: str = "shadow.db") -> LineConfig:
    path = folder / "line1.toml"
    path.write_text(f'{GOOD}\n{CENTRAL}[shadow]\nstore = "{folder / store}"\n')
    return load_config(path, environment={})


def test_a_shadow_has_a_store_and_a_site_of_its_own_and_no_server(tmp_path: Path) -> None:
    config = shadowed(tmp_path)
    assert (config.store.path, config.site, config.central) == (tmp_path / "shadow.db", "1-SHADOW", None)
    assert config.in_force() == config
    assert config == shadowed(tmp_path)


def test_what_is_bound_in_a_shadow_stays_bound_in_real_work(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(GOOD)
    real = load_config(tmp_path / "real.toml", environment={})
    assert shadowed(tmp_path).machine_path == real.machine_path == real.store.path


def test_without_the_section_the_line_is_real(tmp_path: Path) -> None:
    (tmp_path / "line1.toml").write_text(GOOD + CENTRAL)
    config = load_config(tmp_path / "line1.toml", environment={})
    assert not is_shadow(config.site)
    assert config.central is not None


def test_no_configuration_can_name_a_shadow_as_its_site(tmp_path: Path) -> None:
    faults = faults_of(tmp_path / "line1.toml", GOOD.replace('site = "1" ', 'site = "1-SHADOW" '))
    assert len(faults) == 1
    assert faults[0].startswith("site: must be")


def test_the_store_of_real_work_cannot_be_named(tmp_path: Path) -> None:
    real = next(line for line in GOOD.splitlines() if line.startswith("path = ")).partition("=")[2]
    faults = faults_of(tmp_path / "line1.toml", f"{GOOD}\n[shadow]\nstore = {real}\n")
    assert "shadow.store is store.path: name another file, a shadow run is kept apart from real work." in faults


def test_a_missing_folder_of_either_store_is_told(tmp_path: Path) -> None:
    text = GOOD.replace("/var/lib/sunline/line1/line.db", "/nowhere/line.db")
    (tmp_path / "line1.toml").write_text(f'{text}\n[shadow]\nstore = "/elsewhere/shadow.db"\n')
    faults = folder_faults(load_config(tmp_path / "line1.toml", environment={}))
    assert [one.partition(":")[0] for one in faults] == ["store.path", "shadow.store"]


def test_a_shadow_without_a_store_is_told(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "line1.toml", f"{GOOD}\n[shadow]\n") == ("shadow.store is missing: add it.",)


def open_as(path: Path, site: str) -> None:
    Store.open(path, site=site, line_number=1).close()


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("was_shadow", [False, True])
def test_a_store_is_real_or_a_shadows_for_ever(tmp_path: Path, was_shadow: bool, damaged: bool) -> None:
    """Damaged, too: what is salvaged must not change sides."""
    first, second = ("P1-SHADOW", "P1") if was_shadow else ("P1", "P1-SHADOW")
    path = tmp_path / "line.db"
    open_as(path, first)
    if damaged:
        path.write_bytes(b"\0" * path.stat().st_size)
    before = path.read_bytes()
    with pytest.raises(StoreForeign, match="shadow run") as refused:
        open_as(path, second)
    assert "Name another file" in refused.value.todo
    assert path.read_bytes() == before
    open_as(path, first)


def test_a_store_that_lost_its_lock_file_still_knows_what_it_is(tmp_path: Path) -> None:
    open_as(tmp_path / "line.db", shadow_of("P1"))
    (tmp_path / "line.db.lock").unlink()
    with pytest.raises(StoreForeign, match="the store of a shadow run"):
        open_as(tmp_path / "line.db", "P1")


def test_nothing_of_a_shadow_has_the_name_of_something_real() -> None:
    assert thing_uuid("P1", "panel", "S") != thing_uuid(shadow_of("P1"), "panel", "S")
    assert next_number(number_prefix(shadow_of("P1"), 1, 2026), None) == "PP1-SHADOW-1-2026-000001"
    with pytest.raises(CentralUnfit):
        refuse_foreign("P1", shadow_of("P1"))


def a_line(site: str) -> LineFace:
    standing = Standing(at=NOON, version="1", started_at=NOON)
    return cast("LineFace", SimpleNamespace(place=Place(site, 1), standing=lambda: standing, central=None, runner=None))


@pytest.mark.parametrize("site", ["P1", shadow_of("P1")])
def test_the_service_manager_and_prometheus_are_told(site: str) -> None:
    assert line_words(a_line(site)).startswith(SHADOW_WORDS) == is_shadow(site)
    value = f'sunline_shadow{{line="1"}} {int(is_shadow(site))}'
    assert value in Metrics(a_line(site), Tally()).text()


def test_a_pallet_sheet_of_a_shadow_says_so_and_has_no_barcode() -> None:
    real = to_html(pallet_pages(PalletSheet("PP1-1-2026-000001", "MO-1", "60", "open", "", ())), "t")
    shadow = to_html(pallet_pages(PalletSheet("PP1-SHADOW-1-2026-000001", "MO-1", "60", "open", "", ())), "t")
    assert (SHADOW_WORDS in real, "data-code" in real) == (False, True)
    assert (SHADOW_WORDS in shadow, "data-code" in shadow) == (True, False)


def test_an_export_of_a_shadow_says_so_first_and_in_the_name_of_its_folder() -> None:
    job = replace(JOB, site=shadow_of("P1"))
    assert readme(job, {}, signed=True, in_parts=False).decode().startswith(SHADOW_WORDS)
    assert job.folder_name().startswith("sunline-P1-SHADOW-line1-")
    assert SHADOW_WORDS not in readme(JOB, {}, signed=True, in_parts=False).decode()


def test_the_status_says_so_first() -> None:
    screen = console()
    with screen.capture() as said:
        screen.print(picture({"line": 1, "site": "P1-SHADOW", "shadow": True, "store": {}}))
    assert said.get().splitlines()[0].startswith("SHADOW RUN")


def test_check_config_says_what_the_section_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shadowed(tmp_path)
    main(["check-config", str(tmp_path / "line1.toml")])
    assert f"{SHADOW_WORDS}: facts go to {tmp_path / 'shadow.db'}" in capsys.readouterr().out
