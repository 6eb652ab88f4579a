"""What is in the package, what it says of itself, and what its scripts do. Its modules are left out here."""

import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from systemd.package import build, layout
from systemd.package.environment import chosen
from systemd.package.releases import RELEASES, Release
from systemd.package.source import copied, version_of

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "systemd" / "package" / "scripts"
SHELL_SCRIPTS = sorted(path for path in SCRIPTS.iterdir() if path.name != "templates")
pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not on this machine")


def told(*command: str | Path, **environment: str) -> str:
    env = os.environ | environment
    return subprocess.run([str(one) for one in command], capture_output=True, text=True, check=True, env=env).stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A package for each release, with an environment that has no modules in it."""

    def no_modules(source: Path, tree: Path, release: Release, version: str, cache: Path) -> None:
        del source, release, version, cache
        (tree / "bin").mkdir(parents=True)
        (tree / "bin" / "sunline").write_text("#!/bin/sh\n")
        (tree / "bin" / "sunline").chmod(0o700)
        (tree / "pyvenv.cfg").write_text("home = /usr/bin\n")

    def manual(*words: object, env: dict[str, str]) -> str:
        """Stand in for the program that writes its manual."""
        del env
        for name in layout.MANUAL:
            Path(str(words[-1]), name).write_text(name)
        return ""

    folder = tmp_path_factory.mktemp("packages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "run", manual)
        patch.setattr(build, "build", no_modules)
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        return {
            name: build.package(ROOT, release, folder, folder / "cache", "7.8.9") for name, release in RELEASES.items()
        }


def files(package: Path) -> dict[str, str]:
    """Every path in a package, with its rights and owner."""
    lines = told("dpkg-deb", "--contents", package, TZ="UTC").splitlines()
    return {line.split(maxsplit=5)[5].partition(" -> ")[0].removeprefix("."): line for line in lines}


@pytest.mark.parametrize("release", RELEASES)
def test_everything_goes_to_its_place(packages: dict[str, Path], release: str) -> None:
    there = files(packages[release])
    for path in (
        "/usr/lib/systemd/system/sunline@.service", "/usr/lib/systemd/system/sunline.target",
        "/usr/lib/systemd/system/sunline-usb@.service", "/usr/lib/udev/rules.d/60-sunline.rules",
        "/usr/lib/udev/rules.d/60-sunline-usb.rules", "/usr/lib/sysusers.d/sunline.conf",
        "/usr/lib/tmpfiles.d/sunline.conf", "/usr/lib/modules-load.d/sunline.conf", "/usr/bin/sunline",
        "/usr/bin/sunline-usb", "/usr/sbin/sunline-upgrade", "/usr/lib/sunline/pyvenv.cfg",
        "/usr/share/doc/sunline/copyright", "/usr/share/doc/sunline/changelog.gz",
        "/usr/share/doc/sunline/examples/line1.toml", "/usr/share/doc/sunline/examples/monitoring/alerts.yml",
        "/usr/share/doc/sunline/package.md", "/usr/share/man/man1/sunline.1.gz",
        "/usr/share/bash-completion/completions/sunline",
    ):  # fmt: skip
        assert path in there, path
    assert not [path for path in there if path.startswith(("/etc", "/var", "/opt", "/run", "/lib"))]
    assert "-> /opt/sunline/current/bin/sunline" in there["/usr/bin/sunline"]


def test_what_only_one_release_knows_is_in_its_package_alone(packages: dict[str, Path]) -> None:
    growing, ntfs = (
        f"/usr/lib/systemd/system/{path}"
        for path in ("sunline@.service.d/10-growing-delays.conf", "sunline-usb@.service.d/10-ntfs-3g.conf")
    )
    assert {growing, ntfs} & files(packages["bookworm"]).keys() == {ntfs}
    assert {growing, ntfs} & files(packages["trixie"]).keys() == {growing}


@pytest.mark.parametrize("release", RELEASES)
def test_every_file_is_roots_and_readable_by_all(packages: dict[str, Path], release: str) -> None:
    for path, line in files(packages[release]).items():
        rights, owner, *_ = line.split()
        assert owner == "root/root", path
        runs = path.startswith(("/usr/bin/", "/usr/sbin/", "/usr/lib/sunline/bin/")) and not path.endswith("/")
        wanted = {"d": "drwxr-xr-x", "-": "-rwxr-xr-x" if runs else "-rw-r--r--", "l": rights}[rights[0]]
        assert rights == wanted, path


@pytest.mark.parametrize(("release", "python"), [("bookworm", "3.11"), ("trixie", "3.13")])
def test_the_package_says_what_it_needs(packages: dict[str, Path], release: str, python: str) -> None:
    told_ = {name: told("dpkg-deb", "--field", packages[release], name).strip() for name in ("Depends", "Package")}
    needs = [one.strip() for one in told_["Depends"].split(",")]
    assert told_["Package"] == "sunline"
    assert [one for one in needs if one.startswith("python")] == [
        f"python{python} (>= {RELEASES[release].python_full})"
    ]
    assert {"systemd", "udev"} <= set(needs)
    assert packages[release].name == f"sunline_7.8.9_{release}_amd64.deb"


def test_the_package_of_a_newer_debian_is_newer_and_that_of_the_next_version_newer_still() -> None:
    bookworm, trixie = RELEASES["bookworm"], RELEASES["trixie"]
    rising = [bookworm.package_version("0.9"), trixie.package_version("0.9"), bookworm.package_version("0.10")]
    for older, newer in itertools.pairwise(rising):
        subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=True)


def test_the_same_sources_give_the_same_bytes(packages: dict[str, Path], tmp_path: Path) -> None:
    trees = [tmp_path / "one", tmp_path / "two"]
    made = []
    for tree in trees:
        shutil.copytree(SCRIPTS, tree / "scripts")
        (tree / "tree" / "usr" / "bin").mkdir(parents=True)
        (tree / "tree" / "usr" / "bin" / "x").write_text("x")
        (tree / "tree" / "usr" / "bin" / "y").symlink_to("x")
        build._same_for_all(tree / "tree", 1_767_225_600)
        recipe = build.recipe(RELEASES["trixie"], "1", tree / "tree", tree / "scripts", 1_767_225_600)
        build._pack(tree / "nfpm.yaml", recipe, 1_767_225_600, tree / "made.deb")
        made.append((tree / "made.deb").read_bytes())
    assert made[0] == made[1]


def test_every_script_knows_which_version_it_came_with(packages: dict[str, Path], tmp_path: Path) -> None:
    told("dpkg-deb", "--extract", packages["trixie"], tmp_path)
    assert "for version in current '7.8.9+deb13'; do" in (tmp_path / "usr/sbin/sunline-upgrade").read_text()
    told("dpkg-deb", "--control", packages["trixie"], tmp_path / "control")
    assert "version='7.8.9+deb13'" in (tmp_path / "control" / "postinst").read_text()
    assert "@" not in (tmp_path / "control" / "postinst").read_text()


@pytest.mark.parametrize(("works", "leads"), [(("old", "new"), "old"), (("new",), "new"), ((), "")])
def test_the_version_in_use_leads_and_where_it_cannot_the_one_installed_last(
    tmp_path: Path, works: tuple[str, ...], leads: str
) -> None:
    for version in ("old", "new"):
        python = tmp_path / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        fails = "" if version in works else "exit 1"
        python.write_text(f"#!/bin/sh\n{fails}\n[ $2 = -c ] || echo {version} $5\n")
        python.chmod(0o755)
    (tmp_path / "current").symlink_to("old")
    text = (SCRIPTS / "sunline-upgrade").read_text().replace("/opt/sunline", str(tmp_path)).replace("@VERSION@", "new")
    (tmp_path / "command").write_text(text)
    done = subprocess.run(["sh", tmp_path / "command", "to", "2.0"], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.returncode) == (([leads, "2.0"], 0) if leads else ([], 1))
    assert leads or "apt install --reinstall sunline" in done.stderr


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_plain_shell_that_stops_at_a_fault(script: Path) -> None:
    told("sh", "-n", script)
    lines = script.read_text().splitlines()
    assert lines[0] == "#!/bin/sh"
    assert lines[1].startswith("# ")
    assert "set -e" in lines or script.name == "sunline-upgrade"
    if shutil.which("shellcheck"):
        told("shellcheck", "--exclude=SC1091,SC2154", script)


DEBCONF = """
db_fset() { :; }
db_input() { echo asked >> {root}/asked; }
db_go() { :; }
db_get() { RET=$ANSWER; }
db_purge() { :; }
db_stop() { :; }
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A PC with records on it, below a folder of its own."""
    for path in ("var/lib/sunline/line1/line.db", "etc/sunline/line1.toml", "etc/credstore/sunline1.dsn",
                 "etc/credstore/other", "opt/sunline/1.0/pyvenv.cfg"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    confmodule = tmp_path / "usr/share/debconf/confmodule"
    confmodule.parent.mkdir(parents=True)
    confmodule.write_text(DEBCONF.replace("{root}", str(tmp_path)))
    return tmp_path


def run_in(root: Path, script: str, *words: str, answer: str = "false") -> str:
    text = (SCRIPTS / script).read_text()
    for folder in ("/var/lib", "/etc/", "/opt/", "/usr/share", "/run/systemd"):
        text = text.replace(f" {folder}", f" {root}{folder}")
    (root / "script").write_text(text)
    done = subprocess.run(
        ["sh", root / "script", *words], capture_output=True, text=True, check=True, env=os.environ | {"ANSWER": answer}
    )
    return done.stderr


def left(root: Path) -> set[str]:
    kept = ("var/lib/sunline/line1/line.db", "etc/sunline/line1.toml", "etc/credstore/sunline1.dsn", "opt/sunline")
    return {path for path in kept if (root / path).exists()}


RECORDS = {"var/lib/sunline/line1/line.db", "etc/sunline/line1.toml", "etc/credstore/sunline1.dsn"}


def test_removal_takes_the_program_and_keeps_records_and_configuration(installed: Path) -> None:
    run_in(installed, "postrm", "remove")
    assert left(installed) == RECORDS
    assert not (installed / "asked").exists()


def test_purge_asks_and_keeps_unless_told_otherwise(installed: Path) -> None:
    said = run_in(installed, "postrm", "purge")
    assert left(installed) == RECORDS
    assert (installed / "asked").exists()
    assert "are kept in /var/lib/sunline" in said.replace(str(installed), "")


def test_purge_deletes_when_told(installed: Path) -> None:
    run_in(installed, "postrm", "purge", answer="true")
    assert left(installed) == set()
    assert (installed / "etc/credstore/other").exists()


def test_purge_keeps_everything_where_nobody_can_be_asked(installed: Path) -> None:
    shutil.rmtree(installed / "usr")
    run_in(installed, "postrm", "purge", answer="true")
    assert left(installed) == RECORDS


MOVES_ONCE = """#!/bin/sh
/bin/mv "$@" && kill -9 $PPID
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A PC with a version that was unpacked again, and stand-ins for all that configuring it calls."""
    for path in ("opt/sunline/1.0", "usr/lib/sunline"):
        (tmp_path / path / "bin").mkdir(parents=True)
        (tmp_path / path / "pyvenv.cfg").write_text(path)
        (tmp_path / path / "bin" / "python").write_text("#!/bin/sh\n")
        (tmp_path / path / "bin" / "python").chmod(0o755)
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("systemd-sysusers", "systemd-tmpfiles"):
        (commands / name).write_text("#!/bin/sh\n")
        (commands / name).chmod(0o755)
    (commands / "python3.x").symlink_to(sys.executable)
    text = (SCRIPTS / "postinst").read_text().replace("@VERSION@", "1.0").replace("@PYTHON@", "3.x")
    for folder in ("/opt/sunline", "/usr/lib/sunline", "/usr/share/debconf", "/run/systemd"):
        text = text.replace(folder, f"{tmp_path}{folder}")
    (tmp_path / "script").write_text(text)
    return tmp_path


def configure(root: Path) -> int:
    env = os.environ | {"PATH": f"{root / 'commands'}:/usr/bin:/bin"}
    return subprocess.run(["sh", root / "script", "configure"], check=False, env=env).returncode


def test_a_version_that_is_installed_again_takes_the_place_of_the_same(configured: Path) -> None:
    (configured / "opt/sunline/1.0.old").mkdir()  # an earlier one was cut off
    assert configure(configured) == 0
    assert (configured / "opt/sunline/1.0/pyvenv.cfg").samefile(configured / "usr/lib/sunline/pyvenv.cfg")
    (configured / "opt/sunline/1.0.new").mkdir()  # and this one
    assert configure(configured) == 0
    assert [path.name for path in (configured / "opt/sunline").iterdir()] == ["1.0"]


def test_a_version_that_is_installed_again_is_there_at_every_moment(configured: Path) -> None:
    (configured / "commands" / "mv").write_text(MOVES_ONCE)
    (configured / "commands" / "mv").chmod(0o755)
    configure(configured)
    assert (configured / "opt/sunline/1.0/pyvenv.cfg").exists()


def test_where_two_folders_cannot_change_places_the_same_version_is_installed_again_all_the_same(
    configured: Path,
) -> None:
    python = configured / "commands" / "python3.x"
    python.unlink()
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert configure(configured) == 0
    assert (configured / "opt/sunline/1.0/pyvenv.cfg").samefile(configured / "usr/lib/sunline/pyvenv.cfg")
    assert [path.name for path in (configured / "opt/sunline").iterdir()] == ["1.0"]


@pytest.mark.parametrize("word", ["upgrade", "failed-upgrade", "abort-install", "abort-upgrade", "disappear"])
def test_nothing_is_taken_away_while_the_package_is_replaced(installed: Path, word: str) -> None:
    run_in(installed, "postrm", word)
    run_in(installed, "prerm", word)
    assert left(installed) == RECORDS | {"opt/sunline"}


def test_the_question_is_no_by_default() -> None:
    text = (SCRIPTS / "templates").read_text()
    assert "Template: sunline/purge-data\nType: boolean\nDefault: false\n" in text


def test_the_next_version_is_built_from_any_tree(tmp_path: Path) -> None:
    assert version_of(copied(ROOT, tmp_path / "next", "9.9.9")) == "9.9.9"
    assert version_of(ROOT) != "9.9.9"


def test_each_release_gets_what_its_python_needs() -> None:
    pinned = (ROOT / "systemd" / "requirements.txt").read_text("utf-8")
    bookworm, trixie = (chosen(pinned, RELEASES[name]) for name in ("bookworm", "trixie"))
    assert "async-timeout==" in bookworm
    assert "async-timeout==" not in trixie
    assert "apsw==" in bookworm
    assert bookworm.count("--hash=sha256:") > 100
    assert " ; " not in bookworm
    every = set(re.findall(r"^([a-z0-9-]+)==", pinned, re.MULTILINE))
    assert every - set(re.findall(r"^([a-z0-9-]+)==", trixie, re.MULTILINE)) == {"async-timeout"}
