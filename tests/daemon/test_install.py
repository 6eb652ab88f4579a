"""What a line's PC installs: what the program imports and nothing that only its makers need, each file by its hash."""

import re
import tomllib
from pathlib import Path

from systemd.package import layout
from systemd.package.releases import RELEASES

ROOT = Path(__file__).parents[2]
BUILDER = ROOT / "systemd" / "package"
_PIN = re.compile(r"^([a-z0-9-]+)==\S+(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Every pinned distribution with its version and hashes."""
    return {found[1]: found[0] for found in _PIN.finditer((ROOT / name).read_text("utf-8"))}


def wanted(requirements: list[str]) -> set[str]:
    """The names in requirements as a project states them."""
    return {re.split(r"[\[<>=~!; ]", one)[0].lower() for one in requirements}


def test_a_lines_pc_gets_the_tested_versions_of_what_the_program_needs_and_no_tools() -> None:
    line, everything = pins("systemd/requirements.txt"), pins("requirements.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert wanted(project["dependencies"]) <= line.keys()
    tools = wanted(project["optional-dependencies"]["dev"])
    assert not line.keys() & (tools - {"pillow"})
    assert line.items() <= everything.items()


def test_no_requirement_names_where_it_comes_from() -> None:
    for name in ("systemd/requirements.txt", "requirements.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert "".join(found[0] for found in _PIN.finditer(text)) == text


def test_the_packages_bring_every_command_and_every_file_that_goes_onto_a_pc(tmp_path: Path) -> None:
    for release in RELEASES.values():
        layout._service_files(ROOT / "systemd", tmp_path / release.name, release)
        layout._links(tmp_path / release.name)
        layout._papers(ROOT, tmp_path / release.name)
    brought = {path.name for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink()}
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts.keys() <= brought
    used_to_build = {"requirements.txt"}
    meant = {path.name for path in (ROOT / "systemd").rglob("*") if path.is_file() and BUILDER not in path.parents}
    assert meant - used_to_build <= brought


def test_every_page_leads_to_what_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    led = {(page, to) for page in pages for to in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", page.read_text("utf-8"))}
    assert len(led) > 20
    assert [f"{page.name}: {to}" for page, to in sorted(led) if not (page.parent / to).exists()] == []


def test_the_page_installs_the_package_and_configures_only_what_the_example_knows() -> None:
    page = (ROOT / "docs" / "from-an-empty-pc.md").read_text("utf-8")
    assert re.search(r"^apt install /mnt/sunline_\*_bookworm_amd64\.deb$", page, re.MULTILINE)
    assert re.search(r"^systemctl enable --now sunline@1$", page, re.MULTILINE)
    config = re.search(r"^cat > /etc/sunline/line1\.toml <<'END'\n(.*?)^END$", page, re.MULTILINE | re.DOTALL)
    assert config
    example = tomllib.loads((ROOT / "systemd" / "line1.toml").read_text("utf-8"))
    assert tomllib.loads(config[1]).keys() <= example.keys()
