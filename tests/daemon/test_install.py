"""What a line's PC installs: what the program imports and nothing that only its makers need, each file by its hash."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
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


def test_the_readme_installs_every_command_and_every_file_that_goes_onto_a_pc() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    links = re.findall(r"`ln -s ([^`]+) /usr/bin/`", readme)
    assert {Path(one).name for one in links[0].split()} == scripts.keys()
    named = {path for glob in re.findall(r"systemd/[\w@.*-]+", readme) for path in ROOT.glob(glob)}
    makes_packages = {ROOT / "systemd" / "package", ROOT / "systemd" / "__pycache__"}
    assert set((ROOT / "systemd").iterdir()) - makes_packages <= named
