"""The built wheel in a clean environment: running dependencies only, at the versions of the lock, no repository near.

The environment is filled from the one the tests run in, file by file, so that no registry is asked.
"""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("wheel")


@dataclass(frozen=True, slots=True)
class Installed:
    """A clean environment and the empty folder its commands run in."""

    python: Path
    folder: Path

    def run(self, *command: str | Path) -> str:
        ran = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False,
            env={"PATH": os.defpath, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def evaluates(self, program: str) -> str:
        return self.run(self.python, "-I", "-c", program).strip()

    def resolver(self, *arguments: str) -> str:
        return self.run(self.python.with_name("resolver"), *arguments)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", target],
        cwd=REPOSITORY, capture_output=True, check=True,
    )  # fmt: skip
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if ".dist-info/" not in name]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    environment = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, capture_output=True)
    python = environment / "bin" / "python"
    packages = next((environment / "lib").glob("python3.*/site-packages"))
    for name in running_dependencies():
        copy_distribution(name, packages)
    clean = Installed(python, tmp_path_factory.mktemp("home"))
    clean.run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel)
    return clean


def running_dependencies() -> list[str]:
    lock_part = [sys.executable, REPOSITORY / "scripts" / "lock_part.py", REPOSITORY / "requirements.lock"]
    lines = subprocess.run(lock_part, capture_output=True, text=True, check=True).stdout
    pins = [Requirement(line) for line in re.findall(r"^(\S[^\\\n]*?) ?\\$", lines, re.MULTILINE)]
    return [pin.name for pin in pins if pin.marker is None or pin.marker.evaluate()]


def copy_distribution(name: str, packages: Path) -> None:
    for file in importlib.metadata.distribution(name).files or []:
        if ".." not in file.parts and file.suffix != ".pyc":
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            hard_link_or_copy(Path(file.locate()), target)


def hard_link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or links are not allowed
        shutil.copy2(source, target)


def test_the_wheel_holds_two_packages_and_nothing_of_the_tests(contents):
    assert {name.partition("/")[0] for name in contents} == {"resolver", "connectors"}
    assert [name for name in contents if "/tests/" in name or "/__pycache__/" in name] == []


def test_the_wheel_holds_every_file_of_both_packages(contents):
    kept = {
        path.relative_to(root).as_posix()
        for root, package in ((REPOSITORY / "src", "resolver"), (REPOSITORY, "connectors"))
        for path in (root / package).rglob("*")
        if path.is_file() and not {"tests", "interfaces", "__pycache__"} & set(path.relative_to(root).parts)
    }

    assert kept - set(contents) == set()
    assert "resolver/embedding/vocab.txt" in kept


def test_the_wheel_carries_playbooks_interfaces_and_the_example_config_as_data(contents):
    data = {name.removeprefix("resolver/_data/") for name in contents if name.startswith("resolver/_data/")}

    expected = {"config.example.yaml"} | {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("playbooks", "connectors/interfaces", "docs/playbooks/errors")
        for path in (REPOSITORY / folder).rglob("*")
        if path.is_file()
    }

    assert data == expected


def test_the_environment_is_clean_of_development_tools_and_complete_for_running(installed):
    listed = installed.run(installed.python, "-m", "pip", "list", "--format=freeze")
    complaint = installed.run(installed.python, "-m", "pip", "check")

    assert "pytest" not in listed
    assert "helpdesk-resolver==" in listed
    assert complaint.strip() == "No broken requirements found."


def test_the_locator_finds_the_data_of_the_installed_package(installed):
    found = installed.evaluates(
        "from resolver import starters as s\n"
        "print(s.playbooks_folder(), s.interfaces_folder(), s.example_config(), sep='\\n')"
    ).splitlines()

    assert [Path(path).name for path in found] == ["playbooks", "interfaces", "config.example.yaml"]
    assert all("/site-packages/resolver/_data/" in path for path in found)


def test_the_connectors_are_those_of_the_wheel_and_playbooks_is_no_package(installed):
    found = installed.evaluates(
        "import connectors, importlib.util as u; print(connectors.__file__, u.find_spec('playbooks'))"
    )

    assert found.endswith("/site-packages/connectors/__init__.py None")


def test_every_module_of_the_wheel_can_be_imported(installed, contents):
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in contents
        if name.endswith(".py") and not name.endswith("__main__.py") and "/migrations/" not in name
    )

    assert (
        installed.evaluates(f"import importlib\nfor name in {modules!r}: importlib.import_module(name)") == ""
    )


def test_the_command_line_runs_and_finds_the_starters_sound(installed):
    version = installed.resolver("version")
    starters = installed.evaluates("from resolver import starters; print(starters.playbooks_folder())")

    assert importlib.metadata.version("helpdesk-resolver") in version
    installed.resolver("lint", starters)


@pytest.mark.slow  # asks the registry, as building an image does
def test_the_steps_of_the_image_work_in_a_clean_folder_with_an_empty_home():
    steps = [sys.executable, REPOSITORY / "scripts" / "image_steps.py"]

    ran = subprocess.run(steps, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "The image's steps work here." in ran.stdout
